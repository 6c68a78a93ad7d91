"""Odoo databases that are either whole or not there, copied from a template that is kept.

A database is made under a temporary name and gets its own by one rename. Whatever a kill leaves
behind bears the temporary name and is removed by the next run.
"""

import hashlib
import shutil
from collections.abc import Sequence

from tools import commands, locks, odoo_log, odoo_server, places
from tools.console import Progress, SetupError
from tools.environment import Environment

TEMPLATE_MODULES = ("mass_mailing",)
UNFINISHED = "_unfinished"

# Odoo refuses to install or remove an addon while autovacuum looks at this small table.
LEAVE_MODULES_ALONE = "ALTER TABLE ir_module_module SET (autovacuum_enabled = false)"


def create(
    environment: Environment,
    name: str,
    modules: Sequence[str] = (),
    *,
    demo: bool = True,
    replace: bool = False,
) -> bool:
    """Create the database `name` with `modules`; return whether it had to be made.

    It starts as a copy of the template, which holds `mass_mailing`. `demo` tells whether Odoo's
    demo data is loaded. An existing database is kept, unless `replace` is given.
    """
    with _lock():
        if exists(environment, name) and not replace:
            return False
        _make(environment, name, _ensure_template(environment, demo), modules, demo)
        return True


def template(environment: Environment, *, demo: bool = True) -> str:
    """Return the name of the template database, made when this Odoo has none yet."""
    with _lock():
        return _ensure_template(environment, demo)


def exists(environment: Environment, name: str) -> bool:
    """Return whether the database is there."""
    return bool(environment.postgres.sql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))


def drop(environment: Environment, name: str) -> None:
    """Remove the database and its filestore, whoever is connected."""
    environment.postgres.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(_filestore(environment, name), ignore_errors=True)


def drop_all(environment: Environment) -> None:
    """Remove the databases of this state folder from a server of the user's own."""
    suffix = f"\\_{places.state_key()}%"
    names = environment.postgres.sql(
        f"SELECT datname FROM pg_database WHERE datname LIKE 'flow\\_%{suffix}'"
    )
    for name in names.splitlines():
        drop(environment, name)


def install(environment: Environment, name: str, modules: Sequence[str], *, demo: bool) -> None:
    """Install `modules` into the database `name`; raise SetupError when Odoo cannot."""
    options = ["--init", ",".join(modules), "--stop-after-init", "--no-http"]
    options += ["--workers=0", "--max-cron-threads=0", *(["--with-demo"] if demo else [])]
    log = places.LOGS / "install.log"
    with Progress(f"installing {', '.join(modules)}") as progress:
        try:
            commands.run(
                odoo_server.command(environment, name, *options),
                env=environment.variables(),
                on_line=odoo_log.module_counter(progress),
                log=log,
                cwd=places.STATE,
            )
        except commands.CommandError as error:
            raise SetupError(f"Odoo could not install {', '.join(modules)}: see {log}.") from error
    wanted = ", ".join(f"'{module}'" for module in modules)
    installed = environment.postgres.sql(
        f"SELECT name FROM ir_module_module WHERE name IN ({wanted}) AND state = 'installed'", name
    ).splitlines()
    missing = sorted(set(modules) - set(installed))
    if missing:
        raise SetupError(f"Odoo did not install {', '.join(missing)}: see {log}.")


def _lock():
    return locks.exclusive(places.LOCKS / "databases.lock", "it is making a database")


def _ensure_template(environment: Environment, demo: bool) -> str:
    identity = f"{environment.odoo.key}|{TEMPLATE_MODULES}|{demo}"
    name = environment.database_name(
        f"template_{hashlib.sha256(identity.encode()).hexdigest()[:8]}"
    )
    if not exists(environment, name):
        _make(environment, name, None, TEMPLATE_MODULES, demo)
    return name


def _make(
    environment: Environment,
    name: str,
    template: str | None,
    modules: Sequence[str],
    demo: bool,
) -> None:
    unfinished = f"{name}{UNFINISHED}"
    drop(environment, unfinished)
    if template:
        _copy(environment, template, unfinished)
    else:
        _create_empty(environment, unfinished)
    if modules:
        install(environment, unfinished, modules, demo=demo)
    environment.postgres.sql(LEAVE_MODULES_ALONE, unfinished)
    drop(environment, name)
    # The filestore first: the database's name is what says that all of it is there.
    files = _filestore(environment, unfinished)
    if files.exists():
        files.rename(_filestore(environment, name))
    environment.postgres.sql(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')


def _create_empty(environment: Environment, name: str) -> None:
    # As Odoo does it; Odoo's own creation would log an error for each missing extension.
    environment.postgres.sql(
        f"CREATE DATABASE \"{name}\" ENCODING 'unicode' LC_COLLATE 'C' TEMPLATE template0"
    )
    for extension in odoo_log.KNOWN_ERRORS:
        offered = f"SELECT 1 FROM pg_available_extensions WHERE name = '{extension}'"
        if environment.postgres.sql(offered, name):
            environment.postgres.sql(f"CREATE EXTENSION IF NOT EXISTS {extension}", name)


def _copy(environment: Environment, template: str, name: str) -> None:
    """Copy a database that nobody is connected to, with its filestore and a new identity."""
    environment.postgres.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    environment.postgres.sql(
        "UPDATE ir_config_parameter SET value = gen_random_uuid()::text"
        " WHERE key IN ('database.uuid', 'database.secret')",
        name,
    )
    files = _filestore(environment, template)
    if files.exists():
        shutil.copytree(files, _filestore(environment, name))


def _filestore(environment: Environment, name: str):
    return environment.data / "filestore" / name
