"""The virtual environment that runs Odoo, the tests and the checks."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from tools import commands, locks, places
from tools.console import Progress, SetupError, say

REQUIREMENTS = ("requirements.txt", "requirements-addons.txt", "requirements-dev.txt")
COMPLETE = ".complete"


def get() -> Path:
    """Return the folder of the virtual environment, made on first use, kept per user.

    A virtual environment cannot be renamed (its scripts carry its path), so it is made in place
    and a marker, written last, tells a whole one from one whose making was killed.
    """
    folder = places.CACHE / "venv" / key()
    if not _works(folder):
        with locks.exclusive(folder.with_name(f"{folder.name}.lock"), "it is making the venv"):
            if not _works(folder):
                _make(folder)
    places.point(places.VENV_LINK, folder)
    return folder


def key() -> str:
    """Return the key of the environment: these requirements on this Python."""
    digest = hashlib.sha256()
    for name in REQUIREMENTS:
        digest.update((places.REPOSITORY / name).read_bytes())
    digest.update(f"{platform.machine()}|{sys.base_prefix}|{sys.version_info[:2]}".encode())
    return digest.hexdigest()[:12]


def _works(folder: Path) -> bool:
    """Return whether the environment is whole and the Python below it is still there."""
    return (folder / COMPLETE).exists() and (folder / "bin" / "python").exists()


def _make(folder: Path) -> None:
    say("Python packages (pip, into a virtual environment)")
    shutil.rmtree(folder, ignore_errors=True)
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    python = str(base) if base.exists() else sys.executable
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    try:
        commands.run([python, "-m", "venv", folder], env=clean)
    except commands.CommandError as error:
        raise SetupError(
            "Python cannot make a virtual environment: install its venv module "
            f"(on Debian: apt install python3-venv; Python says: {error.reason})."
        ) from error
    _install(folder, clean)
    (folder / COMPLETE).touch()


def _install(folder: Path, env: dict[str, str]) -> None:
    requirements = places.REPOSITORY / REQUIREMENTS[-1]
    total = sum("==" in line for line in requirements.read_text(encoding="utf-8").splitlines())
    with Progress("pip install", total=total) as progress:
        collected = 0

        def count(line: str) -> None:
            nonlocal collected
            if line.startswith("Collecting "):
                collected += 1
                progress.update(collected, line.split()[1])

        command = [folder / "bin" / "python", "-m", "pip", "install", "--no-input"]
        options = ["--disable-pip-version-check", "--progress-bar", "off"]
        addons = ["--no-deps", "-r", places.REPOSITORY / "requirements-addons.txt"]
        log = places.LOGS / "pip.log"
        try:
            for what in (["-r", requirements], addons):
                commands.run([*command, *options, *what], env=env, on_line=count, log=log)
        except commands.CommandError as error:
            raise SetupError(
                "The Python packages could not be installed: check the internet connection and "
                f"pip's configuration (pip says: {error.reason} The whole answer is in {log})."
            ) from error


def site_packages(folder: Path) -> Path:
    """Return where the environment keeps its packages."""
    return next(folder.glob("lib/python3.*/site-packages"))


def addons(folder: Path) -> list[Path]:
    """Return the folders with Odoo addons that were installed as Python packages."""
    found = site_packages(folder) / "odoo" / "addons"
    return [found] if found.is_dir() else []


def run_inside(arguments: list[str], env: dict[str, str] | None = None) -> int:
    """Run the environment's Python from the repository, in the foreground; return its status."""
    return subprocess.call(
        [str(places.VENV_PYTHON), *arguments], cwd=places.REPOSITORY, env=env or dict(os.environ)
    )
