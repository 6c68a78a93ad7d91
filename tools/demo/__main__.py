"""Run the demo campaign to its end and leave Odoo running."""

import os
import sys

from tools import environment, locks, places, ports
from tools.console import SetupError, fail, say
from tools.demo import campaign, contacts, database, playing, results, story
from tools.demo.client import Client
from tools.demo.scenarios import SCENARIOS
from tools.odoo_server import OdooInstance
from tools.smtp_sink import SmtpSink


def main() -> int:
    """Run the demo and return the exit status."""
    try:
        if number := os.environ.get("SCENARIO"):
            scenario = playing.chosen(number)
            with locks.exclusive(places.LOCKS / "demo.lock", "another demo of this clone runs"):
                return _play(scenario, int(os.environ["PORT"]))
        people = contacts.load(os.environ.get("CONTACTS", ""), os.environ.get("LIMIT", ""))
        people.report()
        with locks.exclusive(places.LOCKS / "demo.lock", "another demo of this clone runs"):
            _run(people, int(os.environ["PORT"]))
    except SetupError as error:
        return fail(error)
    return 0


def _play(scenario, port: int) -> int:
    """Play one scenario in a database of its own, which has all addons, and leave Odoo running."""
    prepared = environment.prepare()
    server = OdooInstance(prepared, prepared.database_name("scenarios"), http_port=port)
    server.stop()
    ports.require_free(port)
    addons = [places.CORE_ADDON, *scenarios_need()]
    name = database.ready(prepared, "scenarios", addons, demo=False)
    mail = SmtpSink(name="demo").start()
    say("Starting Odoo (prefork, two workers, two cron workers) …")
    server.start()
    admin = Client(server.url, name, "admin", "admin")
    story.set_up_mail(admin, server.url, mail)
    people = playing.play(scenario, admin, playing.staff(admin), mail)
    _say_where(server)
    return 0 if all(state == wanted for state, wanted in people.values()) else 1


def scenarios_need() -> list[str]:
    """Return the addons that the scenarios need beside the core."""
    return sorted({addon for one in SCENARIOS.values() for addon in one.ADDONS})


def _run(people: contacts.Contacts, port: int) -> None:
    """Prepare the servers, tell the story unless it was told already, print the table."""
    prepared = environment.prepare()
    server = OdooInstance(prepared, prepared.database_name("demo"), http_port=port)
    mail = SmtpSink(name="demo")
    server.stop()
    ports.require_free(port)
    name = database.ready(prepared)
    mail.start()
    say("Starting Odoo (prefork, two workers, two cron workers) …")
    server.start()
    admin = Client(server.url, name, "admin", "admin")
    story.set_up_mail(admin, server.url, mail)
    marta = story.marketing_user(admin)
    finished = campaign.finished(admin, people) or story.tell(admin, marta, mail, people)
    sound = results.show(admin, finished, mail, people)
    _say_where(server)
    if not sound:
        raise SetupError("The figures do not agree with the messages; see the table above.")


def _say_where(server) -> None:
    say()
    say(f"Odoo runs at {server.url}/odoo/campaign-flow")
    say(f"  log in as {story.MARKETING_LOGIN} / {story.MARKETING_LOGIN} or admin / admin")
    say("  make stop ends it, make reset forgets the data")


if __name__ == "__main__":
    sys.exit(main())
