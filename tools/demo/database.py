"""The demo's database: made once, brought up to date when the addon's files have changed."""

import hashlib

from tools import commands, databases, odoo_server, places
from tools.console import Progress, SetupError
from tools.environment import Environment

CODE_PARAMETER = "marketing_campaign_flow_demo.code"


def ready(prepared: Environment) -> str:
    """Return the name of the demo's database, with the addon as it is on disk."""
    name = prepared.database_name("demo")
    created = databases.create(prepared, name, [places.CORE_ADDON])
    code = _fingerprint()
    if not created and _installed_code(prepared, name) != code:
        _upgrade(prepared, name)
    if _installed_code(prepared, name) != code:
        prepared.postgres.sql(
            f"INSERT INTO ir_config_parameter (key, value) VALUES ('{CODE_PARAMETER}', '{code}')"
            " ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value",
            name,
        )
    return name


def _fingerprint() -> str:
    digest = hashlib.sha256()
    folder = places.REPOSITORY / places.CORE_ADDON
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".py", ".xml", ".csv", ".js", ".scss"):
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _installed_code(prepared, name) -> str:
    return prepared.postgres.sql(
        f"SELECT value FROM ir_config_parameter WHERE key = '{CODE_PARAMETER}'", name
    ).strip()


def _upgrade(prepared, name) -> None:
    log = places.LOGS / "upgrade.log"
    options = [f"--update={places.CORE_ADDON}", "--stop-after-init", "--no-http"]
    options += ["--workers=0", "--max-cron-threads=0"]
    with Progress("the addon has changed: upgrading the database"):
        try:
            commands.run(
                odoo_server.command(prepared, name, *options),
                env=prepared.variables(),
                log=log,
                cwd=places.STATE,
            )
        except commands.CommandError as error:
            raise SetupError(f"Odoo could not upgrade the addon: see {log}.") from error
