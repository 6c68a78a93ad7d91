"""Fact triggers: whatever is written to the ledger is counted by the statement that writes it.

There are many statements that write the ledger, Odoo's ORM and cascading deletions among them; so
that none can forget to count, PostgreSQL does. The triggers are per statement, with the rows before
and after. Facts are only ever appended, so no two transactions wait for each other over a counter,
and commit or vanish together with what they count.
"""

from odoo.tools import SQL

from . import reactions, spending
from .facts import (
    APPEND,
    EMAILS,
    SOURCES,
    STEPS,
    VISITS,
    append,
    append_of_nobody,
    append_unsubscribed,
)

# One function per trigger, so that PostgreSQL keeps the plan of its statement.
FUNCTION = """
    CREATE OR REPLACE FUNCTION %(name)s() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        %(body)s;
        RETURN %(result)s;
    END $$
"""
DROP_TRIGGER = "DROP TRIGGER IF EXISTS %(name)s ON %(table)s"
PER_STATEMENT = """
    CREATE TRIGGER %(name)s AFTER %(event)s ON %(table)s
           REFERENCING %(rows)s FOR EACH STATEMENT EXECUTE FUNCTION %(name)s()
"""
BEFORE_ROW_GOES = """
    CREATE TRIGGER %(name)s BEFORE DELETE ON %(table)s
           FOR EACH ROW WHEN (%(condition)s) EXECUTE FUNCTION %(name)s()
"""

INSERTED, UPDATED, DELETED = "INSERT", "UPDATE", "DELETE"
ROWS = {
    INSERTED: "NEW TABLE AS new_rows",
    UPDATED: "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    DELETED: "OLD TABLE AS old_rows",
}
NEW, OLD = SQL("new_rows"), SQL("old_rows")

# What refers to a row that goes has lost it by the time that the statement is over: a visit its
# participant, a trace and an opt-out the step of their email.
# Where the participant goes, its events go too, in whichever order, and are counted then.
UNSUBSCRIBED_OF_STEP = """
    SELECT e.campaign_id, NULL, e.action_key, NULL, NULL, NULLIF(p.country_ref, 0),
           NULLIF(p.salesperson_ref, 0),
           'unsubscribed_emails', min(e.occurred_at)::date, -1
      FROM flow_event e JOIN flow_participant p ON p.id = OLD.participant_id
     WHERE e.step_id = OLD.id AND e.kind = 'unsubscribed'
     GROUP BY 1, 3, 6, 7
"""
EVENTS_OF_PARTICIPANT = "(SELECT * FROM flow_event WHERE participant_id = OLD.id)"
TRACES_OF_PARTICIPANT = """
    (SELECT * FROM mailing_trace
      WHERE flow_step_id IN (SELECT id FROM flow_step WHERE participant_id = OLD.id) FOR UPDATE) t
"""
VISITS_OF_PARTICIPANT = "flow_visit WHERE participant_id = OLD.id"
# Locked, so that what is being written to the trace right now is counted first.
TRACE_OF_STEP = "(SELECT * FROM mailing_trace WHERE flow_step_id = OLD.id FOR UPDATE) t"

# A campaign that is deleted takes its facts along.
CAMPAIGN_GOES = """
    IF NOT EXISTS (SELECT FROM flow_campaign WHERE id = OLD.campaign_id) THEN
        RETURN OLD;
    END IF
"""

ANYBODY_UNSUBSCRIBED = """
    IF NOT EXISTS (SELECT FROM %(rows)s WHERE kind = 'unsubscribed') THEN
        RETURN NULL;
    END IF
"""

# Recounting waits for whoever is writing, and lets nobody write before it is done.
LOCK = """
    LOCK TABLE flow_participant, flow_visit, flow_step, mailing_trace, flow_event IN SHARE MODE
"""

FUNCTIONS = r"""
    SELECT p.proname FROM pg_proc p
     WHERE p.pronamespace = current_schema::regnamespace AND p.proname LIKE 'flow\_count\_%'
"""


def create(cr) -> None:
    """Create the triggers, or replace those that are there."""
    for source in SOURCES:
        _per_statement(cr, source.table, INSERTED, append(source, (1, NEW)))
        gone = append(source, (-1, OLD))
        _per_statement(cr, source.table, DELETED, gone, *_priced(source, (-1, OLD)))
        # In an update, what comes and what goes does so at one moment, the latest there is.
        moment = SQL("(SELECT max(%s) FROM new_rows)", SQL(source.moment))
        changed = append(source, (-1, OLD), (1, NEW), changed=moment)
        _per_statement(cr, source.table, UPDATED, changed, *_priced(source, (-1, OLD), (1, NEW)))
    # Events are not updated but for having been looked at.
    for event, rows, sign in ((INSERTED, NEW, 1), (DELETED, OLD, -1)):
        guard = SQL(ANYBODY_UNSUBSCRIBED, rows=rows)
        opted_out = append_unsubscribed(rows, sign)
        _per_statement(cr, "flow_event", event, reactions.append(rows, sign), guard, opted_out)
    visits = append(VISITS, (-1, SQL(VISITS_OF_PARTICIPANT)))
    of_nobody = append_of_nobody(SQL(TRACES_OF_PARTICIPANT), SQL(EVENTS_OF_PARTICIPANT))
    _before_row_goes(cr, "flow_participant", SQL("TRUE"), visits, *of_nobody)
    emails = append(EMAILS, (-1, SQL(TRACE_OF_STEP)))
    unsubscribed = SQL(APPEND, facts=SQL(UNSUBSCRIBED_OF_STEP))
    _before_row_goes(cr, "flow_step", SQL("OLD.is_message"), emails, unsubscribed)


def drop(cr) -> None:
    """Drop the functions and with them the triggers, also those on Odoo's own table."""
    cr.execute(FUNCTIONS)
    for (function,) in cr.fetchall():
        cr.execute(SQL("DROP FUNCTION %s CASCADE", SQL.identifier(function)))


def recount(cr) -> None:
    """Forget all facts and count the whole ledger, which takes as long as reading all of it."""
    cr.execute(LOCK)
    cr.execute("DELETE FROM flow_fact")
    for source in SOURCES:
        cr.execute(append(source, (1, SQL.identifier(source.table))))
    cr.execute(append_unsubscribed(SQL.identifier("flow_event")))


def _priced(source, *rows) -> list[SQL]:
    """Return what is to be added up of steps beside facts; a new step has no price yet."""
    return spending.appending(*rows) if source is STEPS else []


def _per_statement(cr, table, event, *statements) -> None:
    trigger = SQL(PER_STATEMENT, event=SQL(event), rows=SQL(ROWS[event]), **_names(table, event))
    _replace(cr, _names(table, event), trigger, statements, returns=SQL("NULL"))


def _before_row_goes(cr, table, condition, *statements) -> None:
    names = _names(table, "before_delete")
    trigger = SQL(BEFORE_ROW_GOES, condition=condition, **names)
    _replace(cr, names, trigger, (SQL(CAMPAIGN_GOES), *statements), returns=SQL("OLD"))


def _names(table, event) -> dict[str, SQL]:
    return {
        "table": SQL.identifier(table),
        "name": SQL.identifier(f"flow_count_{table}_{event.lower()}"),
    }


def _replace(cr, names, trigger, statements, returns) -> None:
    body = SQL(";\n").join(statements)
    cr.execute(SQL(FUNCTION, body=body, result=returns, **names))
    cr.execute(SQL(DROP_TRIGGER, **names))
    cr.execute(trigger)
