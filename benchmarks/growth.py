"""Growth: a participant of a large campaign costs as much as one of a small one.

The reference is the same work, per participant, in a campaign of 10,000: enrolled, taken into a
state by a time-out, its step written and done.
"""

import time

from benchmarks import harness
from benchmarks.harness import Figure
from benchmarks.world import Campaign

SIZE = 1_000_000
SMALL = 10_000
TARGET = 1.5


def run(env, size: int | None) -> list[Figure]:
    """Measure and return the figures."""
    size = size or SIZE
    small = [_seconds(env, SMALL) for _round in range(harness.ROUNDS)]
    large = _seconds(env, size)  # once: it is long enough to be steady
    return [
        Figure(
            f"enrol and advance, per participant of {size:,}",
            large / size * 1e6,
            "µs",
            sorted(small)[len(small) // 2] / SMALL * 1e6,
            TARGET,
        )
    ]


def _seconds(env, size: int) -> float:
    """Return how long a campaign of `size` takes from its launch to its last step."""
    harness.make_contacts(env, size)
    campaign = Campaign(env)
    campaign.restart()
    began = time.perf_counter()
    campaign.enrol()
    campaign.work()
    seconds = time.perf_counter() - began
    harness.vacuum(env, "flow_participant", "flow_step")
    campaign.pass_days(2)
    began = time.perf_counter()
    campaign.work()
    seconds += time.perf_counter() - began
    assert campaign.count_done() == size
    campaign.remove()
    return seconds
