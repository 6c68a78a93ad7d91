"""Load Odoo once, then fork one process per task that comes in on standard input.

python -m faults.program <database> <addons path>

A task is a line of JSON: ``{"task", "arguments", "failpoints", "batch", "log", "result"}``. It is a
function of `tasks` or, as ``versions.publish``, of another module here. Its process id, and later
its exit status, are written to standard output as lines of JSON. Each worker has its own
connections to PostgreSQL; what it prints goes to its log.
"""

import importlib
import json
import os
import select
import sys
import traceback
from pathlib import Path

import odoo
from odoo import sql_db
from odoo.modules.registry import Registry

POLL_SECONDS = 0.01


def main(database: str, addons_path: str) -> None:
    """Serve until standard input ends."""
    odoo.tools.config.parse_config([
        f"--addons-path={addons_path}", f"--database={database}", "--log-level=warn", "--no-http",
        "--max-cron-threads=9",
    ])  # fmt: skip
    registry = Registry(database)
    say({"ready": True})
    unread = b""
    while True:
        if select.select([0], [], [], POLL_SECONDS)[0]:
            received = os.read(0, 65536)
            if not received:
                return
            *lines, unread = (unread + received).split(b"\n")
            for line in lines:
                start(registry, json.loads(line))
        reap()


def start(registry, order: dict) -> None:
    """Fork a worker; it has no connection in common with this process."""
    sql_db.close_all()
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        say({"pid": pid, "started": order["log"]})
        return
    status = 1
    try:
        work(registry, order)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def work(registry, order: dict) -> None:
    """Do the task of a worker and write its result."""
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    from odoo.addons.marketing_campaign_flow.engine import failpoints

    from faults import tasks

    os.environ[failpoints.VARIABLE] = order["failpoints"]
    importlib.reload(failpoints)
    tasks.take_small_batches(order["batch"])
    module, _, task = order["task"].rpartition(".")
    works = importlib.import_module(f"faults.{module}") if module else tasks
    result = getattr(works, task)(registry, **order["arguments"])
    Path(order["result"]).write_text(json.dumps(result))


def reap() -> None:
    """Tell which workers have ended."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        say({"pid": pid, "status": os.waitstatus_to_exitcode(status)})


def say(message: dict) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
