"""Programs that the machine may lack: its own, else Debian's, unpacked privately."""

import platform
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from tools import debian, locks, places
from tools.console import SetupError, say

WRAPPER = """\
#!/bin/sh
# A program out of unpacked packages: its libraries and fonts lie beside it.
root=$(dirname "$(dirname "$(readlink -f "$0")")")/root
triplet={triplet}
lib="$root/usr/lib"
export LD_LIBRARY_PATH="$lib/$triplet:$root/lib/$triplet:$lib/$triplet/pulseaudio"
export FONTCONFIG_FILE="$root/../fonts.conf"
{run}
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


@dataclass(frozen=True)
class Program:
    """A program that is taken from the machine or from packages.

    :param name: what it is called where it is unpacked
    :param names: what it may be called on the machine
    :param packages: of Debian
    :param run: the last lines of the shell script that starts it, with ``$lib`` and ``$root``
    """

    name: str
    names: tuple[str, ...]
    packages: tuple[str, ...]
    run: str

    def get(self) -> Path:
        """Return a program that starts; raise SetupError when there is none to be had."""
        for name in self.names:
            program = shutil.which(name)
            if program and _starts(Path(program)):
                return Path(program)
        folder = places.CACHE / f"{self.name}-{debian.codename()}-{platform.machine()}"
        program = folder / "bin" / self.name
        if folder.exists() and not _starts(program):
            # A library of the machine that it was unpacked for has gone since.
            shutil.rmtree(folder)
        if not folder.exists():
            self._unpack(folder)
        if not _starts(program):
            raise SetupError(
                f"The private {self.name} does not start on this machine: {self._advice}."
            )
        return program

    @property
    def _advice(self) -> str:
        names = " or ".join(self.names[:2])
        return f"install {names} so that it is on PATH"

    def _unpack(self, folder: Path) -> None:
        if not debian.available():
            raise SetupError(f"{self.name} is missing: {self._advice}.")
        say(f"{self.name} from Debian's package (no root needed, nothing is installed)")

        def build(temporary: Path) -> None:
            with debian.workshop() as workshop:
                apt = debian.Apt(workshop / "own")
                apt.update()
                debian.unpack(apt.download_missing(list(self.packages)), temporary / "root")
            triplet = sysconfig.get_config_var("MULTIARCH") or f"{platform.machine()}-linux-gnu"
            (temporary / "fonts.conf").write_text(FONTS, encoding="utf-8")
            wrapper = temporary / "bin" / self.name
            wrapper.parent.mkdir()
            wrapper.write_text(WRAPPER.format(triplet=triplet, run=self.run), encoding="utf-8")
            wrapper.chmod(0o755)

        locks.place(folder, build, f"it is unpacking {self.name}")


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
