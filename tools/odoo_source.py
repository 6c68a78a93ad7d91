"""Odoo 19.0: one the user has, the Debian package unpacked privately, or a git clone."""

import hashlib
import os
import runpy
import shutil
from dataclasses import dataclass
from pathlib import Path

from tools import commands, debian, javascript, locks, places
from tools.console import Progress, SetupError, say

SERIES = "19.0"
DEBIAN_TREE = "usr/lib/python3/dist-packages"
REPOSITORY_URL = "https://github.com/odoo/odoo.git"

# Debian replaced these files of Odoo by relative links into other packages.
SID_PACKAGES = [
    "odoo-19",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-montserrat",
    "fonts-roboto-unhinted",
    "fonts-inconsolata",
    "fonts-glyphicons-halflings",
    "fonts-ocr-b",
]
# Odoo needs the file names of Font Awesome 4.7, which sid's newer package no longer has.
OWN_SUITE_PACKAGES = ["fonts-font-awesome"]


@dataclass(frozen=True)
class OdooSource:
    """An Odoo to run: where Python imports it from, its addons, and what it is."""

    import_path: Path
    addons_paths: tuple[Path, ...]
    version: str
    key: str


def get() -> OdooSource:
    """Return Odoo 19.0: from ODOO_HOME, the cache, Debian, or GitHub, in this order."""
    home = os.environ.get("ODOO_HOME")
    if home:
        return _given(Path(home).expanduser().absolute())
    if not places.ODOO_LINK.exists():
        places.point(places.ODOO_LINK, _cached() or _obtain())
    return _inspect(places.ODOO_LINK.resolve())


def _given(home: Path) -> OdooSource:
    try:
        return _inspect(home)
    except SetupError as error:
        raise SetupError(
            f"ODOO_HOME={home} is not usable: {error} Set it to a checkout or an unpacked tree of "
            f"Odoo {SERIES}, or unset it to have Odoo downloaded."
        ) from error


def _inspect(home: Path) -> OdooSource:
    """Return the Odoo in `home`, a git checkout or an unpacked Debian package."""
    candidates = (home, home / DEBIAN_TREE)
    root = next((path for path in candidates if (path / "odoo" / "release.py").is_file()), None)
    if root is None:
        raise SetupError(f"there is no odoo/release.py in {home}.")
    release = runpy.run_path(str(root / "odoo" / "release.py"))
    if release.get("series") != SERIES:
        raise SetupError(f"it is Odoo {release.get('version', 'of an unknown version')}.")
    # A checkout keeps most addons beside the package. Debian moved them all inside, and its folder
    # beside the package is a remainder without the addons' data.
    inside = root / "odoo" / "addons"
    addons = (inside,) if (inside / "mail").is_dir() else (inside, root / "addons")
    identity = f"{root}|{release['version']}|{_commit(root)}"
    key = hashlib.sha256(identity.encode()).hexdigest()[:8]
    return OdooSource(root, addons, release["version"], key)


def _commit(root: Path) -> str:
    """Return the commit of a checkout: a database made with another one is out of date."""
    if not (root / ".git").exists():
        return ""
    try:
        return commands.run(["git", "-C", root, "rev-parse", "HEAD"]).strip()
    except (commands.CommandError, FileNotFoundError):
        return ""


def _cached() -> Path | None:
    """Return the newest Odoo in the user's cache."""
    entries = [path for path in _shelf().iterdir() if path.name.startswith(("debian-", "git-"))]
    whole = [path for path in entries if path.is_dir()]
    return max(whole, key=lambda path: path.stat().st_mtime, default=None)


def _shelf() -> Path:
    shelf = places.CACHE / "odoo"
    shelf.mkdir(parents=True, exist_ok=True)
    return shelf


def _obtain() -> Path:
    with locks.exclusive(_shelf() / "obtain.lock", "it is getting Odoo"):
        cached = _cached()
        if cached:
            return cached
        if debian.available():
            say(f"Odoo {SERIES} from Debian's package (no root needed, nothing is installed)")
            return _from_debian()
        if shutil.which("git"):
            say(f"Odoo {SERIES} from its public git repository")
            return _from_git()
    raise SetupError(
        f"Odoo {SERIES} is missing, and there is neither apt (Debian) nor git to get it with: "
        "install git, or set ODOO_HOME to a checkout of Odoo."
    )


def _from_debian() -> Path:
    with debian.workshop() as folder:
        own = debian.Apt(folder / "own")
        own.update()
        packages = own.download(OWN_SUITE_PACKAGES)
        sid = debian.Apt(folder / "sid", "sid", own.mirror())
        sid.update()
        packages += sid.download(SID_PACKAGES)
        # The file name of a Debian package carries its version: odoo-19_<version>_all.deb
        package = next(path for path in packages if path.name.startswith("odoo-19_"))
        version = package.name.split("_")[1].replace("%3a", ":")

        def build(root: Path) -> None:
            debian.unpack(packages, root)
            javascript.add_selfie_segmentation(root / DEBIAN_TREE / "odoo" / "addons" / "mail")

        return locks.place(_shelf() / f"debian-{version}", build, "it is unpacking Odoo")


def _from_git() -> Path:
    def build(folder: Path) -> None:
        with Progress("git clone of Odoo") as progress:

            def count(line: str) -> None:
                words = line.split("\r")[-1].split()
                percent = next((word for word in words if word.endswith("%")), None)
                if percent:
                    progress.update(float(percent.rstrip("%").lstrip("(")), "%")

            command = ["git", "clone", "--progress", "--depth", "1", "--branch", SERIES]
            quiet = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
            try:
                commands.run([*command, REPOSITORY_URL, folder], env=quiet, on_line=count)
            except commands.CommandError as error:
                raise SetupError(
                    f"Odoo {SERIES} could not be cloned: check the internet connection, or set "
                    f"ODOO_HOME to a checkout you have (git says: {error.reason})."
                ) from error

    return locks.place(_shelf() / f"git-{SERIES}", build, "it is cloning Odoo")
