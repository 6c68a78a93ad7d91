"""The demo's databases: made once, brought up to date when the addons' files have changed."""

import hashlib
from collections.abc import Sequence

from tools import commands, databases, odoo_server, places
from tools.console import Progress, SetupError
from tools.environment import Environment

SOURCES = (".py", ".xml", ".csv", ".js", ".scss", ".json")
CODE_PARAMETER = "marketing_campaign_flow_demo.code"


def ready(
    prepared: Environment,
    kind: str = "demo",
    addons: Sequence[str] = (places.CORE_ADDON,),
    *,
    demo: bool = True,
) -> str:
    """Return the name of a database with addons as they are on disk.

    :param demo: whether it has Odoo's demo data
    """
    name = prepared.database_name(kind)
    created = databases.create(prepared, name, addons, demo=demo)
    code = _fingerprint(addons)
    if not created and _installed_code(prepared, name) != code:
        _upgrade(prepared, name)
    if _installed_code(prepared, name) != code:
        prepared.postgres.sql(
            f"INSERT INTO ir_config_parameter (key, value) VALUES ('{CODE_PARAMETER}', '{code}')"
            " ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value",
            name,
        )
    return name


def _fingerprint(addons) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for addon in addons for path in (places.REPOSITORY / addon).rglob("*")):
        if path.is_file() and path.suffix in SOURCES:
            digest.update(str(path.relative_to(places.REPOSITORY)).encode())
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
