"""The commands of the Makefile, each a short sequence of what the other modules do."""

import argparse
import os
import shutil
from collections.abc import Callable

from tools import (
    checks,
    daemons,
    databases,
    environment,
    odoo_server,
    places,
    ports,
    postgres,
    tests_runner,
    virtualenv,
)
from tools.commands import CommandError
from tools.console import SetupError, fail, say

DEFAULT_PORT = 8069


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        return COMMANDS[options.command](options)
    except SetupError as error:
        return fail(error)
    except CommandError as error:
        return fail(SetupError(f"{error}"))
    except OSError as error:
        return fail(SetupError(f"{error.filename or 'The system'}: {error.strerror or error}."))
    except KeyboardInterrupt:
        say("\ninterrupted: the next run goes on from here")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m tools", description=__doc__)
    parser.add_argument("command", choices=sorted(COMMANDS))
    parser.add_argument("--only", default=os.environ.get("ONLY", ""), help="a part of the tests")
    parser.add_argument("--port", default=os.environ.get("PORT") or str(DEFAULT_PORT))
    parser.add_argument("--contacts", default=os.environ.get("CONTACTS", ""), help="a CSV file")
    parser.add_argument(
        "--scenario", default=os.environ.get("SCENARIO", ""), help="number of a template to play"
    )
    parser.add_argument("--data", default=os.environ.get("DATA", ""), help="an experiment, CSV")
    parser.add_argument("--limit", default=os.environ.get("LIMIT", ""), help="rows to take of it")
    return parser


def setup(_options) -> int:
    """Get everything that is needed, and a template database."""
    prepared = environment.prepare(browser=True)
    try:
        databases.template(prepared)
    finally:
        prepared.close()
    say(f"ready: Odoo {prepared.odoo.version}, everything in {places.STATE}")
    return 0


def demo(options) -> int:
    """Run the demo campaign; it leaves Odoo running."""
    port = _port(options.port)
    if not daemons.running():
        ports.require_free(port)
    prepared = environment.prepare()
    try:
        values = {"PORT": str(port), "CONTACTS": options.contacts, "LIMIT": options.limit}
        values["SCENARIO"] = options.scenario
        return virtualenv.run_inside(["-m", "tools.demo"], {**os.environ, **values})
    finally:
        prepared.close()


def screenshots(options) -> int:
    """Take the pictures of the guide and of the addon's page anew, from the demo."""
    status = demo(options)
    if status:
        return status
    url = f"http://127.0.0.1:{_port(options.port)}"
    return virtualenv.run_inside(["-m", "tools.screenshots", "--url", url])


def replay(options) -> int:
    """Replay a real e-mail experiment and check what the campaign says of it; Odoo is left
    running."""
    port = _port(options.port)
    prepared = environment.prepare()
    try:
        values = {"PORT": str(port), "DATA": options.data, "LIMIT": options.limit}
        return virtualenv.run_inside(["-m", "tools.replay"], {**os.environ, **values})
    finally:
        prepared.close()


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SetupError(f"PORT={text} is not a port: use a number from 1024 to 65535.")
    return int(text)


def stop(_options) -> int:
    """End every server of this state folder."""
    for daemon in daemons.recorded():
        if daemon.stop():
            say(f"stopped {daemon.name}")
    server = _private_server()
    if server and server.stop():
        say("stopped PostgreSQL")
    return 0


def reset(options) -> int:
    """Stop, and forget databases, filestore, received messages and logs; caches are kept."""
    stop(options)
    if os.environ.get("PGHOST") and places.VENV_PYTHON.exists():
        databases.drop_all(environment.prepare())
    server = _private_server()
    if server:
        server.forget()
    for folder in (places.ODOO_DATA, places.SPOOL, places.LOGS, places.RUN):
        shutil.rmtree(folder, ignore_errors=True)
    say("forgot databases, files and messages; downloads are kept")
    return 0


def _private_server() -> postgres.PrivateServer | None:
    if not places.VENV_PYTHON.exists():
        return None
    return postgres.PrivateServer(postgres.programs(places.VENV_LINK.resolve()))


def shell(_options) -> int:
    """Open Odoo's Python shell on the demo database."""
    prepared = environment.prepare()
    try:
        database = prepared.database_name("demo")
        if not databases.exists(prepared, database):
            raise SetupError("There is no demo database yet: run make demo first.")
        words = odoo_server.command(prepared, database, "--no-http")
        return virtualenv.run_inside([*words[1:2], "shell", *words[2:]], env=prepared.variables())
    finally:
        prepared.close()


def test(options) -> int:
    """Run the tests, all or those that `--only` names."""
    return tests_runner.run(options.only)


def chaos(_options) -> int:
    """Run the fault tests with large numbers: more kills, more racers' steps, more crashes; and
    every set of bridges."""
    os.environ["FLOW_CHAOS"] = "1"
    tests = ("tests/faults", "tests/test_addon_combinations.py")
    return max([tests_runner.run(path) for path in tests])


def upstream(_options) -> int:
    """Run Odoo's own tests of what the addon touches, with the addon installed."""
    return tests_runner.run_upstream()


def bench(_options) -> int:
    """Measure speed against references; ONLY names one benchmark, SIZE its contacts."""
    environment.prepare().close()
    return virtualenv.run_inside(["-m", "benchmarks"])


def translations(_options) -> int:
    """Export the texts of the addons and bring their translations up to date with them."""
    environment.prepare().close()
    return virtualenv.run_inside(["-m", "tools.translations"])


def lint(_options) -> int:
    """Check style and data files."""
    places.make_folders()
    virtualenv.get()
    return checks.run()


COMMANDS: dict[str, Callable] = {
    command.__name__: command
    for command in (
        setup,
        demo,
        replay,
        screenshots,
        stop,
        reset,
        shell,
        test,
        chaos,
        bench,
        upstream,
        lint,
        translations,
    )
}
