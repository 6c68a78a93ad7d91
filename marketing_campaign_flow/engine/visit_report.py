"""Reports of the tracker: what a browser says of one view of a page; pure.

Everything in it comes from outside. `read` lets through what is well-formed and within bounds, and
nothing else; times are differences only, because the clocks of browsers are wrong.
"""

import json
import re
from dataclasses import dataclass

from . import web_address

MOST_BYTES = 16 * 1024
MOST_EVENTS = 50
MOST_SECONDS = 6 * 3600  # that a page is looked at
MOST_AGE = 15 * 60  # a view that is told later has begun this long ago at most
MOST_VALUE = 1e12
KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
KINDS = ("submitted", "downloaded", "custom")
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")  # what a database or a line cannot hold


class MalformedError(ValueError):
    """It is no report of the tracker."""


@dataclass(frozen=True)
class Happening:
    """Something that somebody did on a page.

    :param number: which one of this view
    :param kind: see `KINDS`
    :param age: how many seconds ago
    :param email: who did it, as typed into a form; `name` and `phone` likewise
    """

    number: int
    kind: str
    url: str = ""
    detail: str = ""
    value: float | None = None
    age: float = 0.0
    email: str = ""
    name: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Report:
    """What a browser says of one view of a page.

    :param visitor: a random name of the browser, of its own making
    :param view: a random name of the view
    :param token: who it is, signed by us; or nothing
    :param url: the page; `title` and `referrer` of it
    :param age: how many seconds ago the view began
    :param seconds: how long it was visible so far
    """

    visitor: str
    view: str
    url: str
    token: str = ""
    title: str = ""
    referrer: str = ""
    age: float = 0.0
    seconds: int = 0
    happenings: tuple[Happening, ...] = ()


def read(body: bytes) -> Report:
    """Return what a report says.

    :raises MalformedError: where it is none
    """
    try:
        said = json.loads(body.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise MalformedError from error
    said = _of(said, dict)
    visitor, view = _text(said, "visitor", 64), _text(said, "view", 64)
    url = _text(said, "url", 4000)
    events = _of(said.get("events", []), list)
    if not (KEY.fullmatch(visitor) and KEY.fullmatch(view) and web_address.split(url)):
        raise MalformedError
    if len(events) > MOST_EVENTS:
        raise MalformedError
    return Report(
        visitor,
        view,
        url,
        token=_text(said, "token", 100),
        title=_text(said, "title", 200),
        referrer=_text(said, "referrer", 4000),
        age=_number(said, "age", 0, MOST_AGE * 1000) / 1000,
        seconds=int(_number(said, "seconds", 0, MOST_SECONDS)),
        happenings=tuple(_happening(_of(event, dict)) for event in events),
    )


def _happening(said: dict) -> Happening:
    kind, number = said.get("kind"), said.get("n")
    if kind not in KINDS or type(number) is not int or not 0 < number < 1_000_000:
        raise MalformedError
    url = _text(said, "url", 4000)
    return Happening(
        number,
        kind,
        url=web_address.clean(url) if web_address.split(url) else "",
        detail=_text(said, "detail", 200),
        value=None
        if said.get("value") is None
        else _number(said, "value", -MOST_VALUE, MOST_VALUE),
        age=_number(said, "age", 0, MOST_AGE * 1000) / 1000,
        email=_text(said, "email", 254),
        name=_text(said, "name", 100),
        phone=_text(said, "phone", 50),
    )


def _no_number(_name):
    raise ValueError


def _of(value, kind):
    if not isinstance(value, kind):
        raise MalformedError
    return value


def _text(said: dict, name: str, longest: int) -> str:
    value = said.get(name)
    return CONTROL.sub(" ", _of("" if value is None else value, str)[:longest]).strip()


def _number(said: dict, name: str, least: float, most: float) -> float:
    """Return a number within bounds, whatever was said beyond them."""
    value = said.get(name, 0)
    if type(value) not in (int, float) or value != value:
        raise MalformedError
    return float(min(max(value, least), most))
