"""What holds for the repository as a whole."""

import ast
import os
import re
import subprocess
from pathlib import Path

import pytest

from tools import places
from tools.cli import COMMANDS

# Mirrors and registries come from the machine's own configuration.
MIRROR = re.compile(
    r"\b(deb|security|ftp\.\w+)\.debian\.org|\bpypi\.org|pythonhosted\.org|registry\.npmjs"
)
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")
PIN = re.compile(r"^[\w.-]+==[\w.]+( *;.*)?$")
SKIPPED_FOLDERS = {".git", ".dev", "__pycache__", ".ruff_cache", ".pytest_cache", ".hypothesis"}
MODULE_LINES = 300


def text_files() -> dict[Path, str]:
    """Return the text of every file of the repository that is text."""
    texts = {}
    for folder, folders, names in os.walk(places.REPOSITORY):
        folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
        for name in names:
            path = Path(folder) / name
            content = path.read_bytes()
            if b"\0" not in content:
                texts[path.relative_to(places.REPOSITORY)] = content.decode("utf-8")
    return texts


@pytest.fixture(scope="module")
def texts() -> dict[Path, str]:
    return text_files()


def test_no_mirror_is_named(texts):
    this_file = Path("tests") / Path(__file__).name
    naming = [path for path, text in texts.items() if MIRROR.search(text) and path != this_file]
    assert naming == []


def test_nothing_is_left_unfinished(texts):
    python = {path: text for path, text in texts.items() if path.suffix in (".py", ".js", ".xml")}
    del python[Path("tests") / Path(__file__).name]
    assert [path for path, text in python.items() if UNFINISHED.search(text)] == []


def test_text_files_end_with_a_newline(texts):
    assert [path for path, text in texts.items() if text and not text.endswith("\n")] == []


def test_tools_are_small(texts):
    long = [
        path
        for path, text in texts.items()
        if path.parts[0] == "tools" and text.count("\n") > MODULE_LINES
    ]
    assert long == []


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-addons.txt", "requirements-dev.txt"]
)
def test_requirements_are_pinned(name):
    lines = (places.REPOSITORY / name).read_text(encoding="utf-8").splitlines()
    loose = [
        line for line in lines if line and not line.startswith(("#", "-r ")) and not PIN.match(line)
    ]
    assert loose == []


def test_every_target_of_the_makefile_is_a_command():
    makefile = (places.REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()
    assert sorted(targets) == sorted(COMMANDS)


def test_license_is_the_lgpl():
    text = (places.REPOSITORY / "LICENSE").read_text(encoding="utf-8")
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    assert "Version 3, 29 June 2007" in text


def test_ci_script_is_executable_and_valid():
    script = places.REPOSITORY / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0


def test_one_version_is_told_everywhere(texts):
    manifest = ast.literal_eval(texts[Path(places.CORE_ADDON) / "__manifest__.py"])
    project = re.search(r'^version = "(.+)"', texts[Path("pyproject.toml")], re.MULTILINE)
    latest = re.search(r"^## (\S+)", texts[Path("CHANGELOG.md")], re.MULTILINE)
    assert {project[1], latest[1]} == {manifest["version"]}
