"""What the benchmarks share: an Odoo environment, a stopwatch, contacts, a table."""

import contextlib
import importlib
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tools import places
from tools.console import Progress, say

ROUNDS = 3

# What a benchmark needs beside the core.
SALE = ("marketing_campaign_flow_sale",)
ADDONS = {"attribution": SALE, "audience": SALE, "rfm": SALE}

CONTACTS = """
    INSERT INTO res_partner
           (name, complete_name, email, email_normalized, active, type,
            create_uid, create_date, write_uid, write_date)
    SELECT 'Contact ' || n, 'Contact ' || n, 'contact' || n || '@example.com',
           'contact' || n || '@example.com', TRUE, 'contact', 1, now(), 1, now()
      FROM generate_series(1, %s) n
"""


@dataclass(frozen=True)
class Figure:
    """One measured figure beside its reference.

    `ratio` is value / reference; it is to stay at or below `target`, or at or above it where more
    is better.
    """

    name: str
    value: float
    unit: str
    reference: float | None = None
    target: float | None = None
    more_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        return self.value / self.reference if self.reference else None

    @property
    def met(self) -> bool | None:
        measured = self.ratio if self.reference else self.value
        if self.target is None:
            return None
        return measured >= self.target if self.more_is_better else measured <= self.target

    def as_dict(self) -> dict:
        values = asdict(self)
        del values["more_is_better"]
        return {**values, "ratio": self.ratio, "met": self.met}


def names() -> list[str]:
    """Return the names of the benchmarks, which are the modules with a function `run`."""
    shared = {"__init__", "__main__", "clients", "harness", "orders", "processes", "world"}
    return sorted(p.stem for p in Path(__file__).parent.glob("*.py") if p.stem not in shared)


def by_addons(chosen: list[str]) -> list[tuple[list[str], list[str]]]:
    """Return the addons that a database needs, with the benchmarks that run in it."""
    groups = {}
    for name in chosen:
        groups.setdefault((places.CORE_ADDON, *ADDONS.get(name, ())), []).append(name)
    return [(list(addons), names) for addons, names in groups.items()]


def load(name: str):
    """Return the module of a benchmark."""
    return importlib.import_module(f"benchmarks.{name}")


def machine() -> str:
    """Return one line on the machine and the day."""
    processor = platform.processor() or platform.machine()
    with contextlib.suppress(OSError), Path("/proc/cpuinfo").open() as cpuinfo:
        models = [line.split(":", 1)[1].strip() for line in cpuinfo if "model name" in line]
        processor = models[0] if models else processor
    day = time.strftime("%Y-%m-%d")
    return f"{day}, {os.cpu_count()} x {processor}, Python {platform.python_version()}"


@contextlib.contextmanager
def odoo_environment(database: str, addons_path: str) -> Iterator:
    """Yield Odoo's environment as the scheduled job has it; every commit is real."""
    import odoo
    from odoo.modules.registry import Registry

    odoo.tools.config.parse_config([
        f"--addons-path={addons_path}", f"--database={database}", "--log-level=warn", "--no-http",
    ])  # fmt: skip
    with Registry(database).cursor() as cr:
        yield odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})


def make_contacts(env, count: int) -> None:
    """Put `count` contacts into the database, once."""
    env.cr.execute("SELECT count(*) FROM res_partner WHERE email LIKE 'contact%%@example.com'")
    if env.cr.fetchone()[0] == count:
        return
    with Progress(f"{count:,} contacts"):
        env.cr.execute("DELETE FROM flow_campaign")
        env.cr.execute("DELETE FROM res_partner WHERE email LIKE 'contact%%@example.com'")
        env.cr.execute(CONTACTS, [count])
        env.cr.commit()
        vacuum(env, "res_partner")


def vacuum(env, *tables: str) -> None:
    """Bring the statistics of tables up to date, as autovacuum does in time."""
    for table in tables:
        env.cr.execute(f"ANALYZE {table}")
    env.cr.commit()


def median_seconds(prepare: Callable[[], None], work: Callable[[], None]) -> float:
    """Return the median of the seconds that `work` takes, each time after `prepare`."""
    seconds = []
    for _round in range(ROUNDS):
        prepare()
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def median_seconds_in_turns(
    work: Callable[[], None],
    reference: Callable[[], None],
    prepare: Callable[[], None] = lambda: None,
) -> tuple[float, float]:
    """Return the medians of the seconds that two ways take, one after the other in each round, so
    that a slower minute is slower for both."""
    seconds = ([], [])
    for _round in range(ROUNDS):
        prepare()
        for way, taken in zip((work, reference), seconds, strict=True):
            began = time.perf_counter()
            way()
            taken.append(time.perf_counter() - began)
    return statistics.median(seconds[0]), statistics.median(seconds[1])


def print_table(figures: list[Figure]) -> None:
    """Print one line per figure."""
    titles = ("figure", "value", "unit", "reference", "ratio", "target", "met")
    rows = [titles]
    for figure in figures:
        rows.append((
            figure.name,
            f"{figure.value:,.2f}",
            figure.unit,
            f"{figure.reference:,.2f}" if figure.reference else "",
            f"{figure.ratio:.2f}" if figure.ratio else "",
            f"{figure.target:g}" if figure.target is not None else "",
            {True: "yes", False: "NO", None: ""}[figure.met],
        ))  # fmt: skip
    widths = [max(len(row[at]) for row in rows) for at in range(len(titles))]
    say()
    for row in rows:
        say("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)))
