"""Play a scenario and show where everybody is at the end."""

from tools.console import SetupError, say
from tools.demo import story
from tools.demo.client import Client
from tools.demo.scenarios import SCENARIOS
from tools.demo.scenarios.scene import Scene
from tools.smtp_sink import SmtpSink

SELLER = "group_sale_salesman_all_leads"


def chosen(text: str):
    """Return the scenario that a person asks for.

    :raises SetupError: when there is none of that number
    """
    if not text.isdigit() or int(text) not in SCENARIOS:
        known = "\n".join(f"  {number}: {one.TITLE}" for number, one in SCENARIOS.items())
        raise SetupError(f"SCENARIO={text} is none of these:\n{known}")
    return SCENARIOS[int(text)]


def staff(admin: Client) -> Client:
    """Return Marta of marketing, who may also work with leads and orders, where there are any."""
    marta = story.marketing_user(admin)
    group = admin.search("ir.model.data", [("module", "=", "sales_team"), ("name", "=", SELLER)])
    if group:
        seller = admin.ref(f"sales_team.{SELLER}")
        admin.call("res.users", "write", [marta.uid], {"group_ids": [(4, seller)]})
    return marta


def play(scenario, admin: Client, marta: Client, mail: SmtpSink) -> dict[str, tuple[str, str]]:
    """Play a scenario to its end.

    :return: the state of each person and the state in which they have to be, by name
    """
    scene = Scene(admin, marta, mail)
    say(f"{scenario.TITLE}:")
    try:
        expected = scenario.play(scene)
        states = scene.states()
    finally:
        scene.end()
    people = {name: (states.get(name, "–"), expected.get(name, "–")) for name in states | expected}
    for name, (state, wanted) in people.items():
        note = "" if state == wanted else f"  SHOULD BE: {wanted}"
        say(f"  {name:10} {state}{note}")
    return people
