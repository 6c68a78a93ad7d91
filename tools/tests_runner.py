"""Runs the addons' tests in Odoo, the tests of the whole in pytest, and counts both.

Two lanes side by side, as long as each other: the addons' tests and most of those in pytest, and
those that start many processes. Each keeps about one core busy, and no database is used by both.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools import commands, databases, environment, locks, odoo_server, places, ports
from tools.console import Progress, SetupError, say
from tools.counts import Counts
from tools.environment import Environment
from tools.odoo_log import RunLog
from tools.pytest_run import PytestRun

BESIDE = (
    "tests/faults",
    "tests/test_addon_combinations.py",
    "tests/test_addon_life.py",
    "tests/test_browser_journeys.py",
    "tests/test_criterion_of_events.py",
    "tests/test_demo.py",
    "tests/test_environment_servers.py",
    "tests/test_example_addon.py",
    "tests/test_scenarios.py",
)
ALONE = (places.CORE_ADDON, f"{places.CORE_ADDON}_queue")
COMPLAINTS_AT_THE_END = 5
LINES_OF_A_COMPLAINT = 6
LONGEST_NAME = 200  # of a file, leaving room for what comes before and after


@dataclass(frozen=True)
class Selection:
    """What to run: addons with their test tags, then a path in pytest, and paths beside both.

    Addons that are named together share a database.
    """

    addons: tuple[tuple[tuple[str, ...], str], ...] = ()
    pytest_path: str = ""
    beside: tuple[str, ...] = ()


def select(only: str) -> Selection:
    """Return what `only` names; raise SetupError when that is nothing.

    It is empty (all), `addon`, an addon's folder, an Odoo test tag that begins with a slash and
    an addon's name, or a file or folder for pytest.
    """
    addons = places.addons()
    whole = tuple((group, ",".join(f"/{addon}" for addon in group)) for group in _groups(addons))
    if only in ("", "addon"):
        if not addons:
            raise SetupError(f"There is no addon: {places.CORE_ADDON}/__manifest__.py is missing.")
        return Selection(whole) if only else Selection(whole, "tests", BESIDE)
    addon = only.strip("/").split("/")[0].split(":")[0]
    if addon in addons:
        return Selection((((addon,), only if only.startswith("/") else f"/{addon}"),))
    if (places.REPOSITORY / only.split("::")[0]).exists():
        return Selection(pytest_path=only)
    raise SetupError(
        f"ONLY={only} names no test: use addon, an addon's folder, a test tag such as "
        f"/{places.CORE_ADDON}:TestCampaign, or a path below tests/."
    )


def _groups(addons: Sequence[str]) -> list[tuple[str, ...]]:
    """Return which addons are tested in one database.

    The bridges together, because what they bridge takes long to install; Odoo runs the tests of
    each before it installs the next. What changes how Odoo itself runs stays alone.
    """
    together = tuple(addon for addon in addons if addon not in ALONE)
    return [*((addon,) for addon in addons if addon in ALONE), *([together] if together else [])]


def run(only: str = "") -> int:
    """Run the tests and print their number as the last line; return the exit status."""
    selection = select(only)
    prepared = environment.prepare(browser=True)
    counts = Counts()
    try:
        with contextlib.ExitStack() as stack:
            lock = locks.exclusive(places.LOCKS / "tests.lock", "it is running the tests")
            stack.enter_context(lock)
            path, paths = selection.pytest_path, selection.beside
            beside = stack.enter_context(PytestRun(*paths, name="pytest-beside")) if paths else None
            for addons, tags in selection.addons:
                counts += _run_addons(prepared, addons, tags)
            if path:
                counts += stack.enter_context(PytestRun(path, without=paths)).follow()
            if beside:
                counts += beside.follow()
    finally:
        prepared.close()
    return _conclude(counts)


def run_upstream() -> int:
    """Run Odoo's own tests of what the addons touch, in a database that has them."""
    prepared = environment.prepare(browser=True)
    database = prepared.database_name("upstream")
    try:
        with locks.exclusive(places.LOCKS / "tests.lock", "it is running the tests"):
            databases.create(prepared, database, places.addons(), replace=True)
            # Odoo tests the modules that it updates; link_tracker takes mass_mailing along.
            tags = "/link_tracker,/mass_mailing"
            counts = _run_odoo(prepared, database, tags, ["--update=link_tracker"])
            # The clickbot, which opens every menu of every app, runs once all is installed.
            counts += _run_odoo(prepared, database, "/web:TestMenusAdminLight", [])
            databases.drop(prepared, database)
    finally:
        prepared.close()
    return _conclude(counts)


def _conclude(counts: Counts) -> int:
    """Say once more what failed in Odoo: a build keeps the end of its log, if anything of it."""
    for complaint in counts.complaints[:COMPLAINTS_AT_THE_END]:
        head, *rest = complaint.splitlines()
        for line in [head, *rest[-LINES_OF_A_COMPLAINT:]]:
            say(f"  {line}")
    say(str(counts))
    return 1 if counts.failed else 0


def _run_addons(prepared: Environment, addons: Sequence[str], tags: str) -> Counts:
    database = prepared.database_name("test")
    databases.create(prepared, database, replace=True)
    try:
        return _run_odoo(prepared, database, tags, [f"--init={','.join(addons)}", "--with-demo"])
    finally:
        databases.drop(prepared, database)


def _run_odoo(prepared: Environment, database: str, tags: str, options: Sequence[str]) -> Counts:
    """Run Odoo's test runner on `database` with the tests of `tags`; return their counts."""
    say(f"tests {tags} in Odoo")
    name = tags.strip("/").replace("/", "-").replace(":", "-").replace(",", "")
    log_path = places.LOGS / f"test-{name[:LONGEST_NAME]}.log"
    log_path.unlink(missing_ok=True)
    log = RunLog(places.CORE_ADDON, own_tests=tags.startswith(f"/{places.CORE_ADDON}"))
    ports_options = [f"--http-port={ports.free_port()}", f"--gevent-port={ports.free_port()}"]
    ends = [f"--test-tags={tags}", "--stop-after-init", "--workers=0", "--max-cron-threads=0"]
    ended_well = True
    with Progress(f"Odoo's test runner, {tags}") as progress:

        def read(line: str) -> None:
            log.read(line)
            progress.update(log.started, f"tests {log.current}")

        try:
            commands.run(
                odoo_server.command(prepared, database, *options, *ends, *ports_options),
                env=prepared.variables(),
                cwd=places.STATE,
                on_line=read,
                log=log_path,
            )
        except commands.CommandError:
            ended_well = False
    return _judge(log, ended_well, log_path)


def _judge(log: RunLog, ended_well: bool, log_path: Path) -> Counts:
    """Return the counts of one run; a run that is wrong as a whole counts as one failure."""
    wrong = []
    if not log.total:
        wrong.append("no test was run")
    if not ended_well and not log.failed:
        wrong.append("Odoo ended with an error")
    if log.complaints and not log.failed:
        wrong.append(f"{len(log.complaints)} lines in the log that must not be there")
    complaints = (*log.complaints, *wrong)
    for line in complaints:
        say(f"  {line}")
    counts = Counts(log.passed, log.failed + bool(wrong), log.skipped, complaints)
    if counts.failed:
        say(f"  the whole log: {log_path}")
    say(f"  {counts}")
    return counts
