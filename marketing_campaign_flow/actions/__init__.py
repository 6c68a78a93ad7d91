"""One file per kind of action.

A kind is an entry of `flow.action.kind` plus a method ``_run_<kind>(steps)`` that gets a batch
of steps of that action and returns the outcomes that are not plainly *done*.
"""

from . import (
    activity,
    assign,
    colleagues,
    do_not_contact,
    email,
    email_to_staff,
    field,
    note,
    server_action,
    subscription,
    tag,
)
