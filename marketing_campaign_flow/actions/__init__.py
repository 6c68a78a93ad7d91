"""One file per kind of action.

A kind is an entry of `flow.action.kind` plus a method ``_run_<kind>(steps)`` that gets a batch
of steps of that action and returns the outcomes that are not plainly *done*. Kinds that reach
beyond the database declare another contract, see `flow.action._contract`.
"""

from . import email, field, subscription, webhook
