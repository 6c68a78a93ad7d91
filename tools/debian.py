"""Debian packages without root: a private apt that downloads and unpacks, and installs nothing.

apt checks the signature of the package lists and the checksum of every package by itself, with
the keys of the machine. The mirror is the machine's own.
"""

import contextlib
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

from tools import commands, locks, places
from tools.console import Progress, SetupError

KEYRINGS = (
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
    Path("/usr/share/keyrings/debian-archive-keyring.pgp"),
)

# Read after the machine's own configuration, which keeps its proxies and certificates. Hooks are
# cleared because they act on system folders; the package database is only read, unlocked.
CONFIGURATION = """\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
Dir::State "{folder}";
Dir::State::Lists "{folder}/lists";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "{folder}/cache";
Dir::Log "{folder}/log";
Debug::NoLocking "1";
Acquire::Retries "3";
{sources}
{sandbox}
"""


def _os_release() -> dict[str, str]:
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return {name: value.strip('"') for name, _, value in (line.partition("=") for line in lines)}


def available() -> bool:
    """Return whether this machine is a Debian with apt."""
    is_debian = _os_release().get("ID") == "debian"
    return is_debian and bool(shutil.which("apt-get") and shutil.which("dpkg-deb"))


def codename() -> str:
    """Return the name of the machine's release, e.g. `bookworm`; empty when it has none."""
    return _os_release().get("VERSION_CODENAME", "")


@contextlib.contextmanager
def workshop() -> Iterator[Path]:
    """Give an empty folder for package lists and packages, removed at the end.

    One process of a user at a time has it, so that what a kill left there can be thrown away.
    """
    folder = places.CACHE / "apt"
    with locks.exclusive(places.CACHE / "apt.lock", "it is downloading packages"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


class Apt:
    """apt with package lists of its own, below a folder of its own."""

    def __init__(self, folder: Path, suite: str | None = None, mirror: str | None = None):
        """Use the machine's own sources, or only `suite` of the Debian archive at `mirror`."""
        self._folder = folder
        self._suite = suite
        self._mirror = mirror
        for name in ("lists/partial", "cache/archives/partial", "log"):
            (folder / name).mkdir(parents=True)
        sources = self._private_sources() if suite else ""
        # root's private folders are closed to the user that apt would drop to.
        sandbox = 'APT::Sandbox::User "root";' if os.geteuid() == 0 else ""
        configuration = CONFIGURATION.format(folder=folder, sources=sources, sandbox=sandbox)
        (folder / "apt.conf").write_text(configuration, encoding="utf-8")

    def _private_sources(self) -> str:
        keyring = next((str(path) for path in KEYRINGS if path.exists()), None)
        signed_by = f"[signed-by={keyring}] " if keyring else ""
        sources = self._folder / "sources.list"
        sources.write_text(f"deb {signed_by}{self._mirror} {self._suite} main\n", encoding="utf-8")
        return f'Dir::Etc::sourcelist "{sources}"; Dir::Etc::sourceparts "/dev/null";'

    def update(self) -> None:
        """Download the package lists."""
        try:
            self._get(["update"], f"package lists of {self._suite or 'this machine'}")
        except commands.CommandError as error:
            # A third-party source of the machine may be broken; the Debian one decides.
            if self._suite or not self._debian_mirrors():
                raise SetupError(
                    "Debian's package lists could not be downloaded: check the internet "
                    f"connection and apt's sources (apt says: {error.reason})."
                ) from error

    def mirror(self) -> str:
        """Return the address of the machine's own Debian mirror."""
        mirrors = self._debian_mirrors()
        if not mirrors:
            raise SetupError(
                "apt knows no Debian mirror that answers: check the internet connection and "
                "/etc/apt/sources.list, or set ODOO_HOME to an Odoo 19.0 you already have."
            )
        return mirrors[0]

    def _debian_mirrors(self) -> list[str]:
        rows = commands.run(
            [
                *self._command("indextargets"),
                *("--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)", "Created-By: Packages"),
            ]
        ).splitlines()
        return [row.split("|")[2] for row in rows if row.startswith("Debian|Debian|")]

    def download(self, packages: list[str]) -> list[Path]:
        """Download `packages`, and nothing they depend on."""
        folder = self._folder / "cache" / "archives"
        before = set(folder.glob("*.deb"))
        self._fetch(["download", *packages], packages, cwd=folder)
        return sorted(set(folder.glob("*.deb")) - before)

    def download_missing(self, packages: list[str]) -> list[Path]:
        """Download `packages` and what they depend on, as far as the machine lacks it.

        Each comes in the version of the release itself, not of its updates, where it has one.
        """
        options = ["--download-only", "--no-install-recommends", "--yes"]
        if codename():
            options.append(f"--target-release={codename()}")
        self._fetch(["install", *options, *packages], packages)
        return sorted((self._folder / "cache" / "archives").glob("*.deb"))

    def _fetch(self, arguments: list[str], packages: list[str], cwd: Path | None = None) -> None:
        try:
            self._get(arguments, f"downloading {', '.join(packages[:3])}", cwd)
        except commands.CommandError as error:
            raise SetupError(
                f"The Debian packages {', '.join(packages)} could not be downloaded: check the "
                f"internet connection (apt says: {error.reason})."
            ) from error

    def _command(self, *arguments: str) -> list[str]:
        return ["apt-get", "-c", str(self._folder / "apt.conf"), *arguments]

    def _get(self, arguments: list[str], title: str, cwd: Path | None = None) -> None:
        """Run apt-get and draw the percentage that it writes to its status descriptor."""
        reader, writer = os.pipe()
        with Progress(title, total=100) as progress, os.fdopen(reader, encoding="utf-8") as status:

            def watch() -> None:
                for line in status:
                    kind, *fields = line.rstrip("\n").split(":", 3)
                    if kind == "dlstatus":
                        progress.update(float(fields[1]), fields[2])

            watcher = threading.Thread(target=watch, daemon=True)
            watcher.start()
            try:
                commands.run(
                    [*self._command("-o", f"APT::Status-Fd={writer}"), *arguments],
                    cwd=cwd,
                    pass_fds=[writer],
                )
            finally:
                os.close(writer)
                watcher.join()


def unpack(packages: list[Path], root: Path) -> None:
    """Unpack the files of `packages` below `root`; no script of theirs is run."""
    largest = max(packages, key=lambda path: path.stat().st_size)
    with Progress(f"unpacking {largest.name.split('_')[0]}") as progress:
        count = 0

        def unpacked(_line: str) -> None:
            nonlocal count
            count += 1
            progress.update(count, "files")

        for package in packages:
            commands.run(["dpkg-deb", "--vextract", package, root], on_line=unpacked)
