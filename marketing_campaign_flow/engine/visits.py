"""Visits: what visitors of websites did, written down once, and told as events of contacts.

One report of the tracker is a fixed number of statements. The first takes the row of its visitor,
so that reports of one browser come one after the other, and one that is repeated finds what the
first one wrote.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from odoo.tools import SQL

from . import visit_occurrences, web_address

PAUSE = timedelta(minutes=30)  # ends a visit
SLACK = 5  # seconds by which a page may have been looked at longer than we have known of it
MOST_HISTORY = 5000  # rows of what somebody did before we knew who it is

# How sure it is who somebody is: links are forwarded.
STRENGTH = {"link": 1, "form": 2, "login": 3}

VISITOR = """
    INSERT INTO flow_visitor AS v (key, visit, first_seen_at, last_seen_at)
    VALUES (%(key)s, 1, %(now)s, %(now)s)
        ON CONFLICT (key) DO UPDATE
       SET visit = v.visit + (v.last_seen_at < %(pause)s)::int, last_seen_at = %(now)s
    RETURNING id, visit, recognised_by, partner_id, model, res_id, email, company_id
"""

RECOGNISE = """
    UPDATE flow_visitor
       SET recognised_by = %(recognised_by)s, partner_id = %(partner_id)s, model = %(model)s,
           res_id = %(res_id)s, email = %(email)s, company_id = %(company_id)s
     WHERE id = %(id)s
"""

# The browser is somebody else's from now on; what was seen of the one before stays theirs.
LET_GO = "UPDATE flow_visitor SET key = NULL WHERE id = %(id)s"

VIEW = """
    WITH before AS (
        SELECT seconds FROM flow_page_view WHERE visitor_id = %(visitor)s AND key = %(key)s
    )
    INSERT INTO flow_page_view AS v
           (visitor_id, key, visit, url, title, referrer, utm_source, utm_medium, utm_campaign,
            seconds, started_at, seen_at)
    VALUES (%(visitor)s, %(key)s, %(visit)s, %(url)s, %(title)s, %(referrer)s, %(source)s,
            %(medium)s, %(campaign)s, LEAST(%(seconds)s, %(age)s + %(slack)s)::int,
            %(started_at)s, %(now)s)
        ON CONFLICT (visitor_id, key) DO UPDATE
       SET title = EXCLUDED.title, seen_at = EXCLUDED.seen_at,
           seconds = GREATEST(v.seconds, LEAST(%(seconds)s,
                     EXTRACT(EPOCH FROM %(now)s - v.started_at)::int + %(slack)s))
    RETURNING id, visit, seconds, (SELECT seconds FROM before) AS seconds_before
"""

HAPPENED = """
    INSERT INTO flow_visitor_event (visitor_id, view_id, number, kind, url, detail, value,
                                    occurred_at)
    SELECT %(visitor)s, %(view)s, h.* FROM unnest(
           %(number)s::int[], %(kind)s::text[], %(url)s::text[], %(detail)s::text[],
           %(value)s::float8[], %(occurred_at)s::timestamp[]) h
        ON CONFLICT (view_id, number) DO NOTHING
    RETURNING number
"""

# What there was of a visit, with and without one view of it.
TOTAL = """
    SELECT count(DISTINCT url) AS pages, sum(seconds) AS seconds,
           count(DISTINCT url) FILTER (WHERE id <> %(view)s) AS pages_before
      FROM flow_page_view WHERE visitor_id = %(visitor)s AND visit = %(visit)s
"""

VIEWS = """
    SELECT key, visit, url, referrer, utm_source, utm_medium, utm_campaign, seconds, started_at,
           seen_at
      FROM flow_page_view WHERE visitor_id = %(visitor)s ORDER BY id DESC LIMIT %(most)s
"""

HAPPENINGS = """
    SELECT h.kind, h.url, h.detail, h.value, h.occurred_at, h.number, v.key, v.visit
      FROM flow_visitor_event h JOIN flow_page_view v ON v.id = h.view_id
     WHERE h.visitor_id = %(visitor)s ORDER BY h.id DESC LIMIT %(most)s
"""

FORGET_VIEWS = """
    DELETE FROM flow_page_view WHERE id IN (
        SELECT id FROM flow_page_view WHERE started_at < %(before)s ORDER BY id LIMIT %(most)s)
"""

FORGET_VISITORS = """
    DELETE FROM flow_visitor WHERE id IN (
        SELECT id FROM flow_visitor WHERE last_seen_at < %(before)s
         ORDER BY last_seen_at LIMIT %(most)s)
"""


@dataclass(frozen=True)
class Contact:
    """Who somebody is, and how we know; see `contact_events.Occurrence`."""

    recognised_by: str | None = None
    partner_id: int | None = None
    model: str | None = None
    res_id: int | None = None
    email: str | None = None
    company_id: int | None = None

    def known(self) -> dict:
        """Return what occurrences say of their contact."""
        names = ("partner_id", "model", "res_id", "email", "company_id")
        return {name: getattr(self, name) for name in names}

    def is_same(self, other: "Contact") -> bool:
        """Return whether two are one person."""
        return bool(
            (self.partner_id and self.partner_id == other.partner_id)
            or (self.res_id and (self.model, self.res_id) == (other.model, other.res_id))
            or (self.email and self.email == other.email)
        )


@dataclass(frozen=True)
class Visitor:
    """A browser, and who uses it."""

    id: int
    visit: int
    contact: Contact


def seen_at(env, key: str, now) -> Visitor:
    """Take the visitor with this key, new or known, until the end of the transaction."""
    # Another report of this browser may be on its way: Odoo lets this one begin again.
    statement = SQL(VISITOR, key=key, now=now, pause=now - PAUSE)
    env.cr.execute(statement, log_exceptions=False)
    [row] = env.cr.dictfetchall()
    return Visitor(row.pop("id"), row.pop("visit"), Contact(**row))


def recognise(env, visitor: Visitor, contact: Contact, key: str, now) -> tuple[Visitor, bool]:
    """Write down who a visitor is, where that says more than what is known.

    Whoever is somebody else than we knew, and surely enough, begins as a new visitor: one row is
    one person at one browser, known to one company.

    :return: the visitor, and whether nobody knew before who it is
    """
    known = visitor.contact
    is_new = known.recognised_by is None
    same = not is_new and known.is_same(contact)
    if same and contact.company_id in (None, known.company_id):
        return visitor, False
    if not (is_new or same) and STRENGTH[contact.recognised_by] < STRENGTH[known.recognised_by]:
        return visitor, False
    if not is_new:
        env.execute_query(SQL(LET_GO + " RETURNING id", id=visitor.id))
        visitor = seen_at(env, key, now)
    env.execute_query(
        SQL(
            RECOGNISE + " RETURNING id",
            id=visitor.id,
            recognised_by=contact.recognised_by,
            **contact.known(),
        )
    )
    return Visitor(visitor.id, visitor.visit, contact), is_new


def see(env, visitor: Visitor, report, now) -> dict[str, list]:
    """Write down what a report says, and return what of it is new.

    :param report: a `visit_report.Report`
    :return: occurrences by kind of event, of nobody where the visitor is unknown
    """
    source = web_address.source(report.url, report.referrer)
    url = web_address.clean(report.url)
    started_at = now - timedelta(seconds=report.age)
    [view] = env.execute_query_dict(
        SQL(
            VIEW,
            visitor=visitor.id,
            visit=visitor.visit,
            key=report.view,
            url=url,
            title=report.title,
            referrer=source.referrer,
            source=source.source,
            medium=source.medium,
            campaign=source.campaign,
            seconds=report.seconds,
            age=report.age,
            slack=SLACK,
            started_at=started_at,
            now=now,
        )
    )
    fresh = _happened(env, visitor, view["id"], report, url, now)
    row = {
        "key": report.view,
        "url": url,
        "referrer": source.referrer,
        "utm_source": source.source,
        "utm_medium": source.medium,
        "utm_campaign": source.campaign,
        "started_at": started_at,
    }
    before, seconds = view["seconds_before"], view["seconds"]
    told = defaultdict(list)
    for happening, occurred_at in fresh:
        told[happening.kind].append(
            visit_occurrences.happened(visitor, report.view, happening, occurred_at)
        )
    if before is None:
        told["visited"].append(visit_occurrences.visited(visitor, row))
    if seconds > (before or 0):
        told["stayed"].append(visit_occurrences.stayed(visitor, row, seconds, now, before or None))
    if before is None or seconds > before:
        _add_totals(env, told, visitor, view, url, now)
    return dict(told)


def history(env, visitor: Visitor) -> tuple[dict, dict]:
    """Return what a visitor did in this visit, and what in earlier ones, by kind of event."""
    these, earlier = defaultdict(list), defaultdict(list)
    views = env.execute_query_dict(SQL(VIEWS, visitor=visitor.id, most=MOST_HISTORY))
    visits = defaultdict(list)
    for view in views:
        told = these if view["visit"] == visitor.visit else earlier
        told["visited"].append(visit_occurrences.visited(visitor, view))
        if view["seconds"]:
            told["stayed"].append(
                visit_occurrences.stayed(
                    visitor, view, view["seconds"], view["seen_at"], before=None
                )
            )
        visits[view["visit"]].append(view)
    for visit, some in visits.items():
        told = these if visit == visitor.visit else earlier
        site = web_address.site(some[0]["url"])
        last = max(view["seen_at"] for view in some)
        for kind, total in (
            ("pages", len({view["url"] for view in some})),
            ("stayed_site", sum(view["seconds"] for view in some)),
        ):
            if total:
                told[kind].append(
                    visit_occurrences.total(visitor, visit, site, total, last, before=None)
                )
    for one in env.execute_query_dict(SQL(HAPPENINGS, visitor=visitor.id, most=MOST_HISTORY)):
        told = these if one["visit"] == visitor.visit else earlier
        told[one["kind"]].append(visit_occurrences.of_row(visitor, one))
    return dict(these), dict(earlier)


def forget(env, before, most: int) -> int:
    """Delete page views that began, and visitors who were last seen, before a moment.

    :param most: rows of each at once
    :return: how many rows were deleted
    """
    count = 0
    for statement in (FORGET_VIEWS, FORGET_VISITORS):
        env.cr.execute(SQL(statement, before=before, most=most))
        count += env.cr.rowcount
    return count


def _happened(env, visitor, view_id, report, url, now) -> list:
    """Write down what somebody did on a page; return what is told for the first time, and when."""
    if not report.happenings:
        return []
    moments = [now - timedelta(seconds=one.age) for one in report.happenings]
    numbers = env.execute_query(
        SQL(
            HAPPENED,
            visitor=visitor.id,
            view=view_id,
            number=[one.number for one in report.happenings],
            kind=[one.kind for one in report.happenings],
            url=[one.url or url for one in report.happenings],
            detail=[one.detail or None for one in report.happenings],
            value=[one.value for one in report.happenings],
            occurred_at=moments,
        )
    )
    fresh = {number for (number,) in numbers}
    pairs = {}
    for one, moment in zip(report.happenings, moments, strict=True):
        if one.number in fresh:
            pairs.setdefault(one.number, (one, moment))
    return list(pairs.values())


def _add_totals(env, told, visitor, view, url, now) -> None:
    [total] = env.execute_query_dict(
        SQL(TOTAL, visitor=visitor.id, visit=view["visit"], view=view["id"])
    )
    site = web_address.site(url)
    seconds_before = total["seconds"] - view["seconds"] + (view["seconds_before"] or 0)
    pages_before = total["pages_before"] if view["seconds_before"] is None else total["pages"]
    for kind, now_total, before in (
        ("pages", total["pages"], pages_before),
        ("stayed_site", total["seconds"], seconds_before),
    ):
        if now_total > before:
            told[kind].append(
                visit_occurrences.total(
                    visitor, view["visit"], site, now_total, now, before or None
                )
            )
