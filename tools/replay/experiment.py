"""The experiment: its customers, which e-mail each of them got, and what they did.

The file has the form of the MineThatData e-mail challenge (Hillstrom, 2008): one row per customer
with `segment` (the arm of the experiment; the one that begins with “No” is the control group),
`visit` and `conversion` (0 or 1) and `spend` (an amount).
"""

import csv
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.console import SetupError

NEEDED = ("segment", "visit", "conversion", "spend")
MADE_UP = 6000


@dataclass(frozen=True)
class Customer:
    """One row of the file; `number` is its place, from 1."""

    number: int
    arm: str
    visited: bool
    ordered: bool
    spent: float

    @property
    def address(self) -> str:
        """An address, of which the file has none."""
        return f"customer{self.number:05d}@example.com"


@dataclass(frozen=True)
class Experiment:
    """All customers of one file.

    :param label: where they come from
    :param key: eight digits that tell this file, or this part of it, from any other
    """

    label: str
    key: str
    customers: Sequence[Customer]

    @property
    def control(self) -> str:
        """The arm that got nothing."""
        [control] = [arm for arm in self._arms() if arm.lower().startswith("no ")]
        return control

    @property
    def emails(self) -> list[str]:
        """The arms that got an e-mail, each its own."""
        return [arm for arm in self._arms() if arm != self.control]

    def of(self, *arms: str) -> list[Customer]:
        """Return the customers of some arms."""
        return [customer for customer in self.customers if customer.arm in arms]

    def _arms(self) -> list[str]:
        return sorted({customer.arm for customer in self.customers})


def load(path: str | Path, limit: str = "") -> Experiment:
    """Read an experiment.

    :param path: a CSV file
    :param limit: how many rows to take; empty for all
    :raises SetupError: with one sentence when the file cannot be used
    """
    if not path:
        raise SetupError("Say which experiment to replay: make replay DATA=file.csv")
    if limit and (not limit.isdigit() or int(limit) < 1):
        raise SetupError(f"LIMIT={limit} is not a number of rows: give one from 1.")
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as text:
            rows = list(csv.DictReader(text))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SetupError(f"DATA={path} cannot be read: {error}.") from error
    missing = [name for name in NEEDED if not rows or name not in rows[0]]
    if missing:
        raise SetupError(f"DATA={path} has no column {', '.join(missing)}.")
    count = min(int(limit), len(rows)) if limit else len(rows)
    # From all over the file, which need not be in a random order.
    rows = [rows[place * len(rows) // count] for place in range(count)]
    return _experiment(Path(path).name, str(path), rows)


def made_up(count: int = MADE_UP, seed: int = 1) -> Experiment:
    """Return an experiment of the same form that never took place."""
    draw = random.Random(seed)  # noqa: S311 (made-up customers)
    chances = {"First": (0.2, 0.1), "Second": (0.15, 0.08), "No message": (0.1, 0.06)}
    rows = []
    for _number in range(count):
        arm = draw.choice(list(chances))
        visits, orders = chances[arm]
        visited = draw.random() < visits
        ordered = visited and draw.random() < orders
        spent = round(draw.expovariate(1 / 100) + 5, 2) if ordered else 0
        rows.append(
            {"segment": arm, "visit": int(visited), "conversion": int(ordered), "spend": spent}
        )
    return _experiment("made-up customers", "", rows)


def _experiment(label, path, rows) -> Experiment:
    try:
        customers = [
            Customer(
                number,
                row["segment"],
                row["visit"] in ("1", 1),
                row["conversion"] in ("1", 1),
                float(row["spend"]),
            )
            for number, row in enumerate(rows, start=1)
        ]
    except (TypeError, ValueError) as error:
        raise SetupError(f"DATA={path} has a row that is no customer: {error}.") from error
    key = hashlib.sha256(repr(rows).encode()).hexdigest()[:8]
    experiment = Experiment(label, key, customers)
    arms = {customer.arm for customer in customers}
    if len([arm for arm in arms if arm.lower().startswith("no ")]) != 1 or len(arms) < 2:
        raise SetupError(
            f"DATA={path} needs a control group, whose segment begins with “No”, and one that got"
            f" something; it has {', '.join(sorted(arms))}."
        )
    return experiment
