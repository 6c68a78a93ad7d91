"""The engine: plain Python and SQL that carries participants through a workflow.

It knows nothing of views. One pass (`tick`) is: enrol the audience, advance the
participants whose time has come or who did something, execute the due steps, and
hand the messages over for delivery. Events come in through `ingest`.
"""

from . import (
    advance,
    arms,
    blocks,
    breaker,
    call,
    claim,
    clock,
    database_clock,
    deliver,
    difference,
    enrol,
    execute,
    failpoints,
    graph,
    ingest,
    match,
    merge,
    migrate,
    phase,
    plan,
    result,
    settings,
    tick,
    variants,
    version_lock,
    wind_down,
    windows,
    working_time,
)
