"""The prepared environment: everything that is needed to run Odoo, and how to call it."""

import os
from dataclasses import dataclass
from pathlib import Path

from tools import chromium, odoo_source, places, postgres, virtualenv, wkhtmltopdf
from tools.odoo_source import OdooSource
from tools.ports import free_port
from tools.postgres import Postgres

__all__ = ["Environment", "free_port", "prepare"]

ODOO_SCRIPT = places.REPOSITORY / "tools" / "bin" / "odoo-bin"


@dataclass(frozen=True)
class Environment:
    """Odoo, Python, PostgreSQL and, when asked for, a browser and a printer, ready to use."""

    odoo: OdooSource
    venv: Path
    postgres: Postgres
    browser: Path | None = None
    printer: Path | None = None

    @property
    def python(self) -> Path:
        """The Python of the virtual environment."""
        return self.venv / "bin" / "python"

    @property
    def addons_path(self) -> str:
        """The value of Odoo's --addons-path: Odoo's addons, those of others, this repository's."""
        folders = (*self.odoo.addons_paths, *virtualenv.addons(self.venv), places.REPOSITORY)
        return ",".join(str(path) for path in folders)

    @property
    def data(self) -> Path:
        """Odoo's data folder; its `filestore` has one folder for each database."""
        return places.ODOO_DATA

    def variables(self) -> dict[str, str]:
        """Return the environment variables for Odoo and for clients of its database."""
        variables = {
            # Odoo reads options from variables too: those of the machine are not ours.
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ODOO_", "PYTHON"))
        }
        programs = (self.browser, self.printer)
        folders = [self.venv / "bin", *(program.parent for program in programs if program)]
        variables["PATH"] = os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")])
        variables["PYTHONPATH"] = str(self.odoo.import_path)
        return {**variables, **self.postgres.variables}

    def odoo_command(self, *arguments: str) -> list[str]:
        """Return the command line of Odoo with this environment's configuration."""
        return [str(self.python), str(ODOO_SCRIPT), *arguments]

    def database_name(self, purpose: str) -> str:
        """Return the name of the database for `purpose`, e.g. `flow_demo`.

        A server of the user's own is shared between clones: there the name also tells the clone.
        """
        suffix = "" if self.postgres.server else f"_{places.state_key()}"
        return f"flow_{purpose}{suffix}"

    def close(self) -> None:
        """Let go of PostgreSQL; a private server ends with its last user."""
        self.postgres.release()


def prepare(*, browser: bool = False) -> Environment:
    """Return the environment, made where it is missing.

    `browser=True` also gets a Chromium and what prints PDFs. Needs the internet the first time
    only. Raises SetupError with one sentence on what is missing and how to get it.
    """
    places.make_folders()
    odoo = odoo_source.get()
    venv = virtualenv.get()
    found, printer = (chromium.get(), wkhtmltopdf.get()) if browser else (None, None)
    return Environment(
        odoo=odoo, venv=venv, postgres=postgres.get(venv), browser=found, printer=printer
    )
