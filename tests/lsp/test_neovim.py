"""The same server with headless Neovim in front of it."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from conftest import POL, ROOT

NVIM = os.environ.get("NVIM", "nvim")


def version() -> tuple[int, ...]:
    if shutil.which(NVIM) is None:
        return (0, 0)
    told = subprocess.run([NVIM, "--version"], capture_output=True, text=True).stdout
    return tuple(int(part) for part in re.findall(r"\d+", told)[:2])


@pytest.mark.skipif(version() < (0, 7), reason="Neovim is not installed")
def test_neovim(decree, tmp_path):
    script, result = pathlib.Path(__file__).with_name("neovim.lua"), tmp_path / "result.json"
    environment = {**os.environ, "POL": POL, "FOLDER": str(decree), "RESULT": str(result)}
    command = [NVIM, "--headless", "-u", "NONE", "-n", "-c", f"luafile {script}"]
    run = subprocess.run(command, env=environment, timeout=300, capture_output=True, text=True)
    assert result.exists(), run.stderr
    told = json.loads(result.read_text(encoding="utf-8"))
    assert "failed" not in told, told
    assert "`new_hires`" in told["hover"]
    assert told["definition"].endswith("/records.pol")
    assert told["code"] == "E0301" and told["words"] == "新吸纳就业人属", told
    assert told["renamed"]
    checked = subprocess.run([POL, "check", str(decree)], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.skipif(version() < (0, 11), reason="Neovim 0.11 is not installed")
def test_the_settings_of_the_docs(decree, tmp_path):
    docs = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
    settings = tmp_path / "config" / "nvim" / "init.lua"
    settings.parent.mkdir(parents=True)
    settings.write_text(re.search(r"```lua\n(.*?)```", docs, re.DOTALL)[1], encoding="utf-8")
    # The command is found by its name.
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pol").symlink_to(pathlib.Path(POL).resolve())
    homes = {f"XDG_{name}_HOME": str(tmp_path / name.lower()) for name in ["CONFIG", "STATE", "DATA", "CACHE"]}
    result = tmp_path / "result.json"
    environment = {**os.environ, **homes, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "RESULT": str(result)}
    script = pathlib.Path(__file__).with_name("neovim_settings.lua")
    command = [NVIM, "--headless", "-n", "-c", f"luafile {script}", str(decree / "cases" / "employment.pol")]
    run = subprocess.run(command, env=environment, timeout=300, capture_output=True, text=True)
    assert result.exists(), run.stderr
    told = json.loads(result.read_text(encoding="utf-8"))
    assert "failed" not in told, told
    assert told["lenses"] > 50
    assert told["comment"].startswith("// ")
    assert "nowhere" in told["problem"]
    assert told["ran"].startswith("✓")
