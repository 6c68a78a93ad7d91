"""Whatever is missing or wrong ends with one clear sentence and a non-zero status."""

import os
import socket
import sys
from pathlib import Path

import pytest

from tools import ports


def assert_one_sentence(result, *words: str) -> None:
    """Check that the run failed with one line on standard error that holds all `words`."""
    assert result.returncode != 0
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("error: ")
    assert lines[0].endswith(".")
    for word in words:
        assert word in lines[0]


def stubs(folder: Path, **programs: str) -> str:
    """Return a PATH of the system's basic tools, with `programs` as shell scripts before them.

    Programs whose script is empty are absent: the PATH has only what is linked here.
    """
    folder.mkdir()
    for name in ("sh", "dirname", "readlink", "env"):
        (folder / name).symlink_to(Path("/bin") / name)
    for name, script in programs.items():
        program = folder / name.replace("_", "-")
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)
    return str(folder)


def odoo_of_version(folder: Path, version: tuple[int, int]) -> Path:
    """Write the one file that tells Odoo's version; return the folder for ODOO_HOME."""
    release = folder / "odoo" / "release.py"
    release.parent.mkdir(parents=True)
    series = ".".join(map(str, version))
    release.write_text(f"series = version = {series!r}\n", encoding="utf-8")
    return folder


def test_taken_port_names_another(run_tools, own_state):
    with socket.create_server((ports.LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        result = run_tools("demo", "--port", str(port), env=own_state)
    assert_one_sentence(result, f"Port {port} is taken", f"PORT={port + 1}")


@pytest.mark.parametrize("port", ["web", "0", "70000", "-1"])
def test_port_that_is_none(run_tools, own_state, port):
    assert_one_sentence(run_tools("demo", f"--port={port}", env=own_state), f"PORT={port}")


def test_other_odoo_version_is_named(run_tools, own_state, tmp_path):
    home = odoo_of_version(tmp_path / "odoo18", (18, 0))
    result = run_tools("setup", env={**own_state, "ODOO_HOME": str(home)})
    assert_one_sentence(result, "ODOO_HOME", "Odoo 18.0", "Odoo 19.0")


def test_odoo_home_without_odoo(run_tools, own_state, tmp_path):
    result = run_tools("setup", env={**own_state, "ODOO_HOME": str(tmp_path)})
    assert_one_sentence(result, "ODOO_HOME", "release.py")


def test_unreachable_database_server(run_tools, own_state, environment):
    given = {"PGHOST": ports.LOOPBACK, "PGPORT": str(ports.free_port()), "PGUSER": "flow"}
    home = str(environment.odoo.import_path)
    result = run_tools("setup", env={**own_state, **given, "ODOO_HOME": home})
    assert_one_sentence(result, f"PGHOST={ports.LOOPBACK}", "refused", "unset PGHOST")


def test_folder_that_cannot_be_written(run_tools, own_state):
    result = run_tools("setup", env={**own_state, "FLOW_STATE_DIR": "/dev/null/state"})
    assert_one_sentence(result, "/dev/null/state", "FLOW_STATE_DIR")


def test_only_that_names_no_test(run_tools, own_state):
    assert_one_sentence(run_tools("test", "--only=nothing", env=own_state), "ONLY=nothing")


@pytest.mark.skipif(not Path("/etc/debian_version").exists(), reason="needs a Debian")
def test_no_internet_for_apt(run_tools, own_state, tmp_path):
    apt = (
        'case " $* " in *" indextargets "*) ;; *) echo "E: Could not resolve host"; exit 100;; esac'
    )
    offline = {
        "PATH": stubs(tmp_path / "bin", apt_get=apt, dpkg_deb="exit 1"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    result = run_tools("setup", env={**own_state, **offline})
    assert_one_sentence(result, "internet connection", "Could not resolve host")
    assert nothing_placed(tmp_path / "cache")


def test_no_internet_for_git(run_tools, own_state, tmp_path):
    git = 'echo "fatal: unable to access: Could not resolve host" >&2; exit 128'
    offline = {
        "PATH": stubs(tmp_path / "bin", git=git),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    result = run_tools("setup", env={**own_state, **offline})
    assert_one_sentence(result, "internet connection", "ODOO_HOME", "Could not resolve host")
    assert nothing_placed(tmp_path / "cache")


def test_neither_apt_nor_git(run_tools, own_state, tmp_path):
    bare = {"PATH": stubs(tmp_path / "bin"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert_one_sentence(run_tools("setup", env={**own_state, **bare}), "install git", "ODOO_HOME")


def test_no_internet_for_pip(run_tools, own_state, tmp_path, environment):
    offline = {name: value for name, value in own_state.items() if not name.startswith("PIP_")}
    offline |= {
        "ODOO_HOME": str(environment.odoo.import_path),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": f"http://{ports.LOOPBACK}:{ports.free_port()}/simple",
        "PIP_RETRIES": "0",
    }
    result = run_tools("lint", env=offline)
    assert_one_sentence(result, "Python packages", "internet connection", "pip.log")
    assert not list((tmp_path / "cache").rglob(".complete"))


def nothing_placed(cache: Path) -> bool:
    """Return whether no download ended in the cache, whole or half."""
    return not [path for path in cache.rglob("*") if path.is_file() and path.suffix != ".lock"]


def test_old_python_is_refused_before_anything_is_read(repository):
    source = (repository / "tools" / "__main__.py").read_text(encoding="utf-8")
    check = source.index("sys.version_info < (3, 10)")
    assert check < source.index("from tools"), sys.version
