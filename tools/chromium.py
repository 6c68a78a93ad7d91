"""A Chromium for browser tests: the machine's own, else Debian's, unpacked privately."""

import platform
import shutil
import subprocess
import sysconfig
from pathlib import Path

from tools import debian, locks, places
from tools.console import SetupError, say

NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
# The release's own version: with the newer one of its security updates (156) a page freezes in two
# of Odoo's own tests, and this one opens pages of this machine only. Fonts, because bare machines
# have none.
PACKAGES = ["chromium", "fonts-dejavu-core", "fonts-liberation"]

WRAPPER = """\
#!/bin/sh
# Chromium out of an unpacked package: its libraries and fonts lie beside it.
root=$(dirname "$(dirname "$(readlink -f "$0")")")/root
lib="$root/usr/lib"
export LD_LIBRARY_PATH="$lib/chromium:$lib/{triplet}:$root/lib/{triplet}:$lib/{triplet}/pulseaudio"
export FONTCONFIG_FILE="$root/../fonts.conf"
# No sandbox: it needs a setuid helper or user namespaces. Little shared memory: containers.
exec "$lib/chromium/chromium" --no-sandbox --disable-dev-shm-usage "$@"
"""
FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir prefix="relative">root/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>serif</family><prefer><family>DejaVu Serif</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
"""


def get() -> Path:
    """Return a Chromium program that starts."""
    for name in NAMES:
        program = shutil.which(name)
        if program and _starts(Path(program)):
            return Path(program)
    folder = places.CACHE / f"chromium-{debian.codename()}-{platform.machine()}"
    program = folder / "bin" / "chromium"
    if folder.exists() and not _starts(program):
        # A library of the machine that it was unpacked for has gone since.
        shutil.rmtree(folder)
    if not folder.exists():
        _get_private(folder)
    if not _starts(program):
        raise SetupError(
            "The private Chromium does not start on this machine: install chromium or "
            "google-chrome so that it is on PATH."
        )
    return program


def _starts(program: Path) -> bool:
    try:
        command = [str(program), "--version"]
        return not subprocess.call(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def _get_private(folder: Path) -> None:
    if not debian.available():
        raise SetupError("A browser is missing: install chromium or google-chrome.")
    say("Chromium from Debian's package (no root needed, nothing is installed)")

    def build(temporary: Path) -> None:
        with debian.workshop() as workshop:
            apt = debian.Apt(workshop / "own")
            apt.update()
            debian.unpack(apt.download_missing(PACKAGES), temporary / "root")
        triplet = sysconfig.get_config_var("MULTIARCH") or f"{platform.machine()}-linux-gnu"
        (temporary / "fonts.conf").write_text(FONTS, encoding="utf-8")
        wrapper = temporary / "bin" / "chromium"
        wrapper.parent.mkdir()
        wrapper.write_text(WRAPPER.format(triplet=triplet), encoding="utf-8")
        wrapper.chmod(0o755)

    locks.place(folder, build, "it is unpacking Chromium")
