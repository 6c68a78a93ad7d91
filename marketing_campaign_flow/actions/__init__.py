"""One file per kind of action.

A kind is an entry of `flow.action.kind` plus a method ``_run_<kind>(steps)`` that gets a batch
of steps of that action and returns the outcomes that are not plainly *done*. Kinds that reach
beyond the database declare another contract, see `flow.action._contract`.
"""

from . import (
    activity,
    assign,
    colleagues,
    do_not_contact,
    email,
    email_test,
    email_to_staff,
    email_versions,
    field,
    move,
    note,
    other_campaign,
    points,
    response,
    server_action,
    subscription,
    tag,
    wait,
    webhook,
    webhook_document,
)
