"""What the extension for VS Code brings besides the server."""

import fnmatch
import json
import pathlib
import re
import subprocess

import pytest

from conftest import POL, ROOT

EXTENSION = ROOT / "editors" / "vscode"
SNIPPETS = json.loads((EXTENSION / "snippets" / "pol.json").read_text(encoding="utf-8"))


def test_the_package_holds_what_the_extension_needs():
    package = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    contributed = [part for kind in ["grammars", "snippets"] for part in package["contributes"][kind]]
    files = [package["main"], *(part["path"] for part in contributed)]
    files += [language["configuration"] for language in package["contributes"]["languages"]]
    missing = [file for file in files if not (EXTENSION / file).is_file()]
    assert not missing
    files += [f"node_modules/{name}/lib/node/main.js" for name in package["dependencies"]]
    ignored = (EXTENSION / ".vscodeignore").read_text(encoding="utf-8").split()
    assert not [(file, rule) for file in files for rule in ignored if fnmatch.fnmatch(file.removeprefix("./"), rule)]


@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_is_an_item(name, tmp_path: pathlib.Path):
    text = "\n".join(SNIPPETS[name]["body"])
    text = re.sub(r"\$\{\d+:([^}]*)\}", r"\1", text)
    # The last place is that of a value, or can stay empty.
    text = re.sub(r"([=:>]) \$0", r"\1 1", text).replace("$0", "")
    (tmp_path / "pol.toml").write_text('name = "snippet"\n', encoding="utf-8")
    (tmp_path / "item.pol").write_text(text + "\n", encoding="utf-8")
    told = subprocess.run([POL, "check", str(tmp_path)], capture_output=True, text=True)
    # It names what is not there, but its form is right.
    assert told.returncode in (0, 1), told.stderr
    assert "[E01" not in told.stdout + told.stderr, told.stdout
