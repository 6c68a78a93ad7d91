"""In phases: preparation released by hand, sending on a date, follow-up, results."""

from datetime import datetime

from tools.console import say
from tools.demo.client import OdooError
from tools.demo.scenarios.scene import Scene

TITLE = "Campaign in phases"
TEMPLATE = "marketing_campaign_flow.template_phases"
ADDONS = ()
NEWS, REMINDER = "News for you", "Did you see our news?"


def play(scene: Scene) -> dict[str, str]:
    """One clicks, one answers, one does not respond; two of three have read it."""
    scene.add_people("Ann", "Bob", "Cleo")
    scene.use(TEMPLATE)
    scene.launch(expect=3)
    _finish_the_task(scene)
    scene.pass_until(datetime(2027, 3, 15, 9))  # the phase Sending opens by its date
    scene.click("Ann", NEWS)
    scene.reply("Cleo", NEWS)
    scene.marta.call("flow.campaign", "action_next_phase", [scene.campaign_id])
    scene.pass_time(days=3, minutes=5)
    scene.pass_to_next_step("Bob")
    assert REMINDER in scene.letters("Bob") and REMINDER not in scene.letters("Ann")
    calls = [("res_model", "=", "res.partner"), ("res_id", "=", scene.people["Ann"])]
    assert scene.admin.count("mail.activity", calls) == 1
    scene.pass_time(days=8)
    assert set(scene.states().values()) == {"Results"}, scene.states()
    scene.marta.call("flow.campaign", "action_next_phase", [scene.campaign_id])
    scene.settle()
    return dict.fromkeys(scene.people, "The mailing was read")


def _finish_the_task(scene: Scene) -> None:
    """The texts have to be proof-read before the campaign may go on."""
    try:
        scene.marta.call("flow.campaign", "action_next_phase", [scene.campaign_id])
    except OdooError as refusal:
        say(f"  not yet: {refusal}")
    else:
        raise AssertionError("the phase opened although its task was not done")
    domain = [("res_model", "=", "flow.campaign"), ("res_id", "=", scene.campaign_id)]
    tasks = scene.marta.search("mail.activity", domain)
    scene.marta.call("mail.activity", "action_done", tasks)
