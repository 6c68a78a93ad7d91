"""Visits as events: what somebody did on a website, told of the contact that they are; pure."""

from . import web_address
from .contact_events import Occurrence


def visited(visitor, view) -> Occurrence:
    """Return that somebody came to a page, and from where."""
    source = web_address.Source(
        view["utm_source"] or "",
        view["utm_medium"] or "",
        view["utm_campaign"] or "",
        view["referrer"] or "",
    )
    return Occurrence(
        **visitor.contact.known(),
        url=view["url"],
        detail=source.in_words() or None,
        key=f"view {view['key']}",
        occurred_at=view["started_at"],
    )


def stayed(visitor, view, seconds, moment, before) -> Occurrence:
    """Return for how long a page has been looked at; see `Occurrence.before`."""
    return Occurrence(
        **visitor.contact.known(),
        url=view["url"],
        value=seconds,
        before=before,
        key=f"view {view['key']}",
        occurred_at=moment,
    )


def total(visitor, visit, site, number, moment, before) -> Occurrence:
    """Return how many pages, or seconds, a visit has had so far."""
    return Occurrence(
        **visitor.contact.known(),
        url=site,
        value=number,
        before=before,
        key=f"visit {visitor.id}.{visit}",
        occurred_at=moment,
    )


def happened(visitor, view_key, happening, occurred_at) -> Occurrence:
    """Return what somebody did on a page, as the tracker tells it."""
    return Occurrence(
        **visitor.contact.known(),
        url=happening.url or None,
        detail=happening.detail or None,
        value=happening.value,
        key=_key_of_happening(view_key, happening.number),
        occurred_at=occurred_at,
    )


def of_row(visitor, row) -> Occurrence:
    """Return what stands in a row of what a visitor did, with the key and visit of its view."""
    return Occurrence(
        **visitor.contact.known(),
        url=row["url"],
        detail=row["detail"],
        value=row["value"],
        key=_key_of_happening(row["key"], row["number"]),
        occurred_at=row["occurred_at"],
    )


def _key_of_happening(view_key, number) -> str:
    return f"view {view_key} {number}"
