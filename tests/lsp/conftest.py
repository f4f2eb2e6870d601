"""The language server, started as editors start it, with a policy set of its own for each test."""

import os
import pathlib
import shutil

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

ROOT = pathlib.Path(__file__).resolve().parents[2]
POL = os.environ.get("POL", str(ROOT / "target" / "debug" / "pol"))


def copy_of_the_decree(folder: pathlib.Path) -> pathlib.Path:
    """The decree and the set that it uses, to be changed at will."""
    for name in ["shandong-2020", "common", "shandong-earlier"]:
        shutil.copytree(ROOT / "policies" / name, folder / name, ignore=shutil.ignore_patterns("samples"))
    return folder / "shandong-2020"


@pytest.fixture
def decree(tmp_path):
    return copy_of_the_decree(tmp_path)


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[POL, "lsp"]))
async def client(lsp_client: LanguageClient, tmp_path):
    # What the server asks of an editor.
    for method in ["codeLens", "inlayHint", "semanticTokens"]:
        lsp_client.feature(f"workspace/{method}/refresh")(lambda *_: None)
    lsp_client.feature("client/registerCapability")(lambda *_: None)
    params = types.InitializeParams(
        capabilities=client_capabilities("visual-studio-code"),
        workspace_folders=[types.WorkspaceFolder(uri=tmp_path.as_uri(), name="policies")],
        root_uri=tmp_path.as_uri(),
    )
    await lsp_client.initialize_session(params)
    yield
    await lsp_client.shutdown_session()
