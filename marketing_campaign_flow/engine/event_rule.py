"""Event rules: which events a transition, or a way into a campaign, is about; pure.

A rule is asked in two ways that have to agree: of one event that happens right now (`accepts`), and
of the events on record, in SQL (`match.counting_events`).
"""

import re
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class EventRule:
    """What an event has to be like.

    :param kind: see `flow.event`
    :param url: a pattern for its address; ``*`` stands for anything
    :param detail: a pattern for its text, whatever its case
    :param least: what its number has to reach, in the unit of the kind
    :param times: how often it has to happen
    :param machines: whether what machines do counts too
    :param model: the model of the records that it is about; `domain` is a filter on them, as text
    """

    kind: str
    url: str | None = None
    detail: str | None = None
    least: float | None = None
    times: int = 1
    machines: bool = False
    model: str | None = None
    domain: str | None = None

    def accepts(self, url: str = "", detail: str = "", value=None, is_machine=False) -> bool:
        """Return whether an event of this kind is meant, its record apart."""
        return (
            (self.machines or not is_machine)
            and (self.url is None or bool(_expression(self.url).fullmatch(url or "")))
            and (
                self.detail is None
                or bool(_expression(self.detail.lower()).fullmatch((detail or "").lower()))
            )
            and (self.least is None or (value or 0) >= self.least)
        )


def like(pattern: str) -> str:
    """Turn a pattern in which ``*`` stands for anything into one for LIKE."""
    for special in ("\\", "%", "_"):
        pattern = pattern.replace(special, "\\" + special)
    return pattern.replace("*", "%")


@cache
def _expression(pattern: str) -> re.Pattern:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)
