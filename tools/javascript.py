"""The one JavaScript library that Debian leaves out of its Odoo package."""

import hashlib
import shutil
import tarfile
import tempfile
from pathlib import Path

from tools import commands
from tools.console import say

PACKAGE = "@mediapipe/selfie_segmentation"
VERSION = "0.1.1675465747"
FILE = "selfie_segmentation.js"
SHA256 = "a4720d2d2374ec9df3510461ff186a4af427fb5bd402375e135875a991467da3"
PLACEHOLDER = """\
/* Stands in for the library that blurs the background of video calls, which Debian leaves out and
   npm was not there to get. An asset bundle that names a missing file logs an error on every page;
   everything but that blur works without its contents. */
"""


def add_selfie_segmentation(mail_addon: Path) -> None:
    """Write the library, or an empty placeholder without npm, into Odoo's `mail` addon."""
    folder = mail_addon / "static" / "lib" / "selfie_segmentation"
    folder.mkdir(parents=True, exist_ok=True)
    content = _from_npm()
    if content is None:
        say("  npm cannot get selfie_segmentation.js: an empty file takes its place")
        content = PLACEHOLDER.encode()
    (folder / FILE).write_bytes(content)


def _from_npm() -> bytes | None:
    """Return the library as npm delivers it, None without npm or with any other contents."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        try:
            commands.run([npm, "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=Path(folder))
            archive = next(Path(folder).glob("*.tgz"))
            with tarfile.open(archive) as files:
                content = files.extractfile(f"package/{FILE}").read()
        except (commands.CommandError, OSError, StopIteration, KeyError, tarfile.TarError):
            return None
    return content if hashlib.sha256(content).hexdigest() == SHA256 else None
