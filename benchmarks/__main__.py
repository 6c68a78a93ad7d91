"""Run the benchmarks, print a table and write benchmarks/latest.json.

make bench [ONLY=name] [SIZE=n]
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from benchmarks import harness
from tools import commands, databases, environment, places, virtualenv
from tools.console import SetupError, fail, say

INSIDE = "--inside"
LATEST = places.REPOSITORY / "benchmarks" / "latest.json"


def main() -> int:
    """Prepare a database, run the benchmarks inside Odoo, and return the exit status."""
    if sys.argv[1:2] == [INSIDE]:
        return _run_inside(*sys.argv[2:])
    try:
        return _prepare_and_run()
    except (SetupError, commands.CommandError) as error:
        return fail(error if isinstance(error, SetupError) else SetupError(str(error)))


def _prepare_and_run() -> int:
    only, size = os.environ.get("ONLY", ""), os.environ.get("SIZE", "")
    if only and only not in harness.names():
        raise SetupError(f"ONLY={only} is no benchmark: use {', '.join(harness.names())}.")
    if size and (not size.isdigit() or int(size) < 1):
        raise SetupError(f"SIZE={size} is not a number: give how many contacts to take.")
    prepared = environment.prepare()
    figures = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            results = Path(folder) / "figures.json"
            for addons, names in harness.by_addons([only] if only else harness.names()):
                status = _run_in_database(prepared, addons, names, size, results)
                if status:
                    return status
                figures += json.loads(results.read_text())
    finally:
        prepared.close()
    LATEST.write_text(json.dumps(figures, indent=2) + "\n")
    return 0


def _run_in_database(
    prepared, addons: list[str], names: list[str], size: str, results: Path
) -> int:
    """Run some benchmarks in a new database with `addons`; return the exit status.

    :param results: the file to write their figures to
    """
    database = prepared.database_name("bench")
    try:
        databases.create(prepared, database, addons, demo=False, replace=True)
        variables = prepared.variables()
        variables["PYTHONPATH"] += os.pathsep + str(places.REPOSITORY)
        options = [database, prepared.addons_path, ",".join(names), size, str(results)]
        return virtualenv.run_inside(["-m", "benchmarks", INSIDE, *options], env=variables)
    finally:
        databases.drop(prepared, database)


def _run_inside(database: str, addons_path: str, names: str, size: str, results: str) -> int:
    machine = harness.machine()
    say(machine)
    figures = []
    with harness.odoo_environment(database, addons_path) as env:
        for name in names.split(","):
            figures += harness.load(name).run(env, int(size) if size else None)
    harness.print_table(figures)
    Path(results).write_text(json.dumps([figure.as_dict() for figure in figures]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
