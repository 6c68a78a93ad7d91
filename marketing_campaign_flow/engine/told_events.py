"""Told events: what another program says that contacts did, checked; pure.

A request is taken in as a whole or not at all, so that whoever sent it knows where it stands.
"""

import json
import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from odoo.tools import email_normalize

MOST_EVENTS = 1000
MOST_BYTES = 1024 * 1024
MOST_PROBLEMS = 20  # that are told
MOST_CHARACTERS = {"detail": 200, "url": 2000, "key": 200}
FUTURE = timedelta(minutes=5)  # by which clocks may differ
PAST = timedelta(days=30)

KNOWN = {"kind", "email", "contact_id", "detail", "url", "value", "occurred_at", "key"}


class RefusedError(Exception):
    """A request that cannot be taken in.

    :param status: of HTTP
    :param problems: dictionaries with the ``index`` of an event and its ``error``
    """

    def __init__(self, status: int, message: str, problems: Collection[dict] = ()):
        super().__init__(message)
        self.status, self.message, self.problems = status, message, list(problems)


@dataclass(frozen=True)
class Told:
    """One event; who did it is known by one of `contact_id` (a contact of Odoo) and `email`."""

    kind: str
    contact_id: int | None = None
    email: str | None = None
    detail: str | None = None
    url: str | None = None
    value: float | None = None
    occurred_at: datetime | None = None
    key: str | None = None


def parse(
    body: bytes, batch_key: str | None, kinds: Collection[str], now: datetime | None = None
) -> list[Told]:
    """Return the events of a request.

    :param body: JSON: an object with a list ``events``
    :param batch_key: what the sender calls the request, if anything
    :param kinds: the kinds of events that may be told
    :param now: UTC, with its zone
    :raises RefusedError: when any of it is not as it has to be
    """
    now = now or datetime.now(timezone.utc)
    if batch_key is not None and not 0 < len(batch_key) <= MOST_CHARACTERS["key"]:
        raise RefusedError(400, f"An Idempotency-Key has 1 to {MOST_CHARACTERS['key']} characters.")
    told, problems = [], []
    for index, event in enumerate(_events(body)):
        try:
            told.append(_told(event, kinds, now, f"{batch_key}:{index}" if batch_key else None))
        except (ValueError, OverflowError) as error:
            problems.append({"index": index, "error": str(error)})
    if problems:
        message = f"Nothing was recorded: {len(problems)} of the events cannot be taken in."
        raise RefusedError(422, message, problems[:MOST_PROBLEMS])
    return told


def _events(body) -> list:
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        raise RefusedError(400, "The request is no JSON.") from None
    events = asked.get("events") if isinstance(asked, dict) else None
    if not isinstance(events, list):
        raise RefusedError(400, 'The request has to be an object with a list "events".')
    if len(events) > MOST_EVENTS:
        raise RefusedError(413, f"A request has {MOST_EVENTS} events at most.")
    return events


def _told(event, kinds, now, key) -> Told:
    if not isinstance(event, dict):
        raise ValueError("An event is an object.")
    if unknown := sorted(event.keys() - KNOWN):
        raise ValueError(f"Unknown: {', '.join(unknown)[:200]}.")
    if event.get("kind") not in kinds:
        raise ValueError(f"kind has to be one of {', '.join(sorted(kinds))}.")
    contact_id, email = _who(event)
    texts = {name: _text(event, name) for name in MOST_CHARACTERS}
    texts["key"] = texts["key"] or key
    return Told(
        event["kind"],
        contact_id,
        email,
        value=_number(event),
        occurred_at=_moment(event, now),
        **texts,
    )


def _who(event) -> tuple[int | None, str | None]:
    contact_id, email = event.get("contact_id"), event.get("email")
    if (contact_id is None) == (email is None):
        raise ValueError("Say who it was: either contact_id or email.")
    if contact_id is not None:
        if type(contact_id) is not int or not 0 < contact_id < 2**31:
            raise ValueError("contact_id has to be the id of a contact.")
        return contact_id, None
    normalized = email_normalize(email) if isinstance(email, str) and len(email) <= 320 else False
    if not normalized:
        raise ValueError("email has to be one address.")
    return None, normalized


def _text(event, name) -> str | None:
    text = event.get(name)
    if text is None:
        return None
    if not isinstance(text, str) or len(text) > MOST_CHARACTERS[name] or "\0" in text:
        raise ValueError(f"{name} has to be a text of {MOST_CHARACTERS[name]} characters at most.")
    return text


def _number(event) -> float | None:
    value = event.get("value")
    if value is None:
        return None
    if type(value) not in (int, float) or abs(value) > 1e15 or not math.isfinite(value):
        raise ValueError("value has to be a number.")
    return float(value)


def _moment(event, now) -> datetime | None:
    """Return the moment in UTC without its zone, as Odoo has it."""
    text = event.get("occurred_at")
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except (AttributeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("occurred_at has to be like 2026-01-31T09:30:00Z, with its time zone.")
    if not now - PAST <= moment <= now + FUTURE:
        raise ValueError("occurred_at is in the future, or more than 30 days ago.")
    return min(moment, now).astimezone(timezone.utc).replace(tzinfo=None)
