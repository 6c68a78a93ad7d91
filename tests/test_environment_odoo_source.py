"""Odoo comes from where it can be had, and what is not Odoo 19.0 is refused."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.odoo_source import REPOSITORY_URL

GET = "from tools import odoo_source, places; places.make_folders(); print(odoo_source.get())"


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A git repository with the layout of Odoo's, on the branch 19.0."""
    folder = tmp_path / "upstream"
    for name in ("odoo/addons/base", "addons/mail"):
        manifest = folder / name / "__manifest__.py"
        manifest.parent.mkdir(parents=True)
        manifest.write_text("{}\n", encoding="utf-8")
    release = folder / "odoo" / "release.py"
    release.write_text("series = version = '19.0'\n", encoding="utf-8")
    author = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    for arguments in (["init", "-qb", "19.0"], ["add", "."], [*author, "commit", "-qm", "Odoo"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder


@pytest.fixture
def get_odoo(repository, own_state, tmp_path):
    """A function that gets Odoo in a process with a cache of its own; returns what it prints."""

    def get(**variables: str) -> str:
        env = {**own_state, "XDG_CACHE_HOME": str(tmp_path / "cache"), **variables}
        result = subprocess.run(
            [sys.executable, "-c", GET], cwd=repository, env=env, capture_output=True, text=True
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    return get


needs_git = pytest.mark.skipif(not shutil.which("git"), reason="needs git")


@needs_git
def test_clone_where_there_is_no_apt(get_odoo, checkout, tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("git", "sh"):
        (programs / name).symlink_to(shutil.which(name))
    cloning = {
        "PATH": str(programs),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{checkout}.insteadOf",
        "GIT_CONFIG_VALUE_0": REPOSITORY_URL,
    }
    first = get_odoo(**cloning)
    assert "git clone" in first
    assert "git-19.0/addons" in first
    shutil.rmtree(checkout)
    assert "git clone" not in get_odoo(**cloning), "the second time it is there"
    shutil.rmtree(tmp_path / "state")
    assert "git clone" not in get_odoo(**cloning), "a fresh state folder takes it from the cache"


@needs_git
def test_checkout_that_moves_on_is_another_odoo(get_odoo, checkout):
    before = get_odoo(ODOO_HOME=str(checkout))
    author = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    move = ["git", *author, "commit", "-q", "--allow-empty", "-m", "more"]
    subprocess.run(move, cwd=checkout, check=True)
    assert get_odoo(ODOO_HOME=str(checkout)) != before


def test_unpacked_tree_is_found_below_its_root(get_odoo, environment):
    root = environment.odoo.import_path
    tree = "usr/lib/python3/dist-packages"
    if not str(root).endswith(tree):
        pytest.skip("this environment does not run Debian's Odoo")
    assert str(root) in get_odoo(ODOO_HOME=str(root).removesuffix(tree))
