"""The control group against itself: halves that differ by chance only seldom seem to differ."""

import importlib
import sys
import types
from collections.abc import Sequence

from tools import places
from tools.replay.experiment import Customer
from tools.replay.independent import OUTCOMES

PACKAGE = "flow_engine"


def covered(control: Sequence[Customer], times: int = 1000, seed: int = 1) -> dict[str, float]:
    """Return in how many percent of random halves the addon's interval covers zero, by outcome."""
    import numpy  # only here: the other tools need not wait for it

    lift, significance = _engine("lift"), _engine("significance")
    values = numpy.array([[kind(one) for kind in OUTCOMES.values()] for one in control], float)
    columns = numpy.hstack([values, values**2])
    total, half, hits = columns.sum(0), len(values) // 2, dict.fromkeys(OUTCOMES, 0)
    draw = numpy.random.default_rng(seed)
    for _time in range(times):
        first = columns[draw.permutation(len(values))[:half]].sum(0)
        sums = ((half, first), (len(values) - half, total - first))
        for position, outcome in enumerate(OUTCOMES):
            measures = [
                significance.Mean(people, float(found[position]), float(found[position + 3]))
                if outcome == "revenue"
                else significance.Share(people, round(found[position]))
                for people, found in sums
            ]
            found = lift.compare(*measures)
            hits[outcome] += found.low is None or found.low <= 0 <= found.high
    return {outcome: 100 * count / times for outcome, count in hits.items()}


def _engine(name: str):
    """Import a pure module of the addon without the addon, which needs Odoo."""
    if PACKAGE not in sys.modules:
        package = sys.modules[PACKAGE] = types.ModuleType(PACKAGE)
        package.__path__ = [str(places.REPOSITORY / places.CORE_ADDON / "engine")]
    return importlib.import_module(f"{PACKAGE}.{name}")
