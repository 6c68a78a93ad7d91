"""Replay an experiment in a database of its own and leave Odoo running, to be looked at."""

import os
import resource
import sys
import time

import psutil

from tools import environment, locks, places, ports
from tools.console import SetupError, fail, say
from tools.demo import database, playing, story
from tools.demo.client import Client
from tools.odoo_server import OdooInstance
from tools.replay import experiment, halves, play, report
from tools.smtp_sink import SmtpSink

SALES = f"{places.CORE_ADDON}_sale"


def main() -> int:
    """Run the replay and return the exit status."""
    try:
        chosen = experiment.load(os.environ.get("DATA", ""), os.environ.get("LIMIT", ""))
        with locks.exclusive(places.LOCKS / "demo.lock", "another demo of this clone runs"):
            return _run(chosen, int(os.environ["PORT"]))
    except SetupError as error:
        return fail(error)


def _run(chosen: experiment.Experiment, port: int) -> int:
    started = time.monotonic()
    prepared = environment.prepare()
    server = OdooInstance(prepared, prepared.database_name("replay"), http_port=port)
    server.stop()
    ports.require_free(port)
    name = database.ready(prepared, "replay", [places.CORE_ADDON, SALES], demo=False)
    mail = SmtpSink(places.SPOOL / "replay", name="replay").start()
    say("Starting Odoo (prefork, two workers, two cron workers) …")
    server.start()
    admin = Client(server.url, name, "admin", "admin")
    story.set_up_mail(admin, server.url, mail)
    marta = playing.staff(admin)
    say(f"Replaying {len(chosen.customers)} customers of {chosen.label}")
    campaign_id = play.play(admin, marta, mail, chosen)
    differences = report.show(marta, campaign_id, chosen)
    differences += _halves(chosen)
    for difference in differences:
        say(f"  NOT AS IN THE FILE: {difference}")
    if not differences:
        say("  everything is as in the file, worked out independently")
    _say_cost(started, server)
    say(f"Odoo runs at {server.url}/odoo/campaign-flow (marta / marta); make stop ends it")
    return 1 if differences else 0


def _halves(chosen) -> list[str]:
    """Compare random halves of the control group."""
    say()
    found = halves.covered(chosen.of(chosen.control))
    for outcome, percent in found.items():
        say(
            f"  {report.TITLES[outcome]}: of 1,000 random halves of the control group the interval"
            f" covers zero in {percent:.1f} %"
        )
    return [
        f"{outcome}: the interval covers zero in {percent} %"
        for outcome, percent in found.items()
        if not 92 <= percent <= 98
    ]


def _say_cost(started, server) -> None:
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    processes = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
    odoo = max(process.memory_info().rss for process in processes) / 2**20
    say(
        f"  time {time.monotonic() - started:.0f} s; memory: replay {own:.0f} MB at most, largest"
        f" process of Odoo {odoo:.0f} MB at the end"
    )


if __name__ == "__main__":
    sys.exit(main())
