"""Where things are: the repository, the state of this clone, the cache of this user."""

import hashlib
import os
from pathlib import Path

from tools.console import SetupError

REPOSITORY = Path(__file__).resolve().parent.parent
CORE_ADDON = "marketing_campaign_flow"


def _home_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


STATE = Path(os.environ.get("FLOW_STATE_DIR") or REPOSITORY / ".dev").absolute()
CACHE = (_home_cache() / "marketing-campaign-flow").absolute()

LOGS = STATE / "logs"
RUN = STATE / "run"
LOCKS = STATE / "locks"
ODOO_LINK = STATE / "odoo"
VENV_LINK = STATE / "venv"
VENV_PYTHON = VENV_LINK / "bin" / "python"
ODOO_CONFIG = STATE / "odoo.conf"
ODOO_DATA = STATE / "data"
SPOOL = STATE / "spool"


def state_key() -> str:
    """Return eight hex digits that tell this state folder from any other on the machine."""
    return hashlib.sha256(str(STATE).encode()).hexdigest()[:8]


def make_folders() -> None:
    """Create the state and cache folders; raise SetupError where that is not allowed."""
    for variable, folders in {
        "XDG_CACHE_HOME": (CACHE,),
        "FLOW_STATE_DIR": (STATE, LOGS, RUN, LOCKS, ODOO_DATA),
    }.items():
        for folder in folders:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                writable = os.access(folder, os.W_OK)
            except OSError:
                writable = False
            if not writable:
                raise SetupError(
                    f"{folder} cannot be written to: set {variable} to a folder that is yours."
                )


def point(link: Path, target: Path) -> None:
    """Make `link` a symbolic link to `target`, in one step that a kill cannot split."""
    if link.is_symlink() and link.readlink() == target:
        return
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


def addons() -> list[str]:
    """Return the names of this repository's addons, the core one first."""
    return sorted(path.parent.name for path in REPOSITORY.glob(f"{CORE_ADDON}*/__manifest__.py"))
