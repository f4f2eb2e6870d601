"""The same server with headless Neovim in front of it."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

from conftest import POL


@pytest.mark.skipif(shutil.which("nvim") is None, reason="Neovim is not installed")
def test_neovim(decree, tmp_path):
    script, result = pathlib.Path(__file__).with_name("neovim.lua"), tmp_path / "result.json"
    environment = {**os.environ, "POL": POL, "FOLDER": str(decree), "RESULT": str(result)}
    command = ["nvim", "--headless", "-u", "NONE", "-n", "-c", f"luafile {script}"]
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
