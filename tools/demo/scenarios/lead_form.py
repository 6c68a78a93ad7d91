"""Lead driven: a visitor stays on a page, fills in the form, and is called."""

import uuid

import requests

from tools.console import say
from tools.demo.recipients import READER
from tools.demo.scenarios.scene import Scene

TITLE = "Visitor becomes an opportunity"
TEMPLATE = "marketing_campaign_flow_crm.template_lead_form"
ADDONS = ("marketing_campaign_flow_crm",)


def play(scene: Scene) -> dict[str, str]:
    """Somebody unknown reads and fills in a form; a robot fills it in at once."""
    scene.use(TEMPLATE, audience=False)
    scene.launch()
    page = f"{scene.admin.url}/pricing"
    _report(scene, uuid.uuid4().hex, page, seconds=2, events=[_form(scene, page, "Robin")])
    scene.settle(expect=0)
    visitor = uuid.uuid4().hex
    _report(scene, visitor, page, seconds=35)
    say("  somebody fills in the form on the pricing page")
    form = _form(scene, page, "Dora")
    _report(scene, visitor, page, seconds=36, events=[form])
    scene.settle(expect=1)
    _report(scene, visitor, page, seconds=37, events=[form])  # told again
    scene.settle(expect=1)
    assert scene.letters("Dora") == ["Thank you for your interest"]
    scene.click("Dora", "Thank you")
    [contact] = scene.admin.read(
        "res.partner", [("email", "=", scene.address("Dora"))], ["flow_points"]
    )
    assert contact["flow_points"] == 30
    assert not scene.letters("Robin")
    leads = [("partner_id", "=", contact["id"]), ("type", "=", "opportunity")]
    assert scene.admin.count("crm.lead", leads) == 1
    return {"Dora": "Has read our answer"}


def _form(scene: Scene, page: str, name: str) -> dict:
    """Return what the script tells of a form that somebody sent."""
    about = {"n": 1, "kind": "submitted", "url": page, "detail": "Contact us"}
    return {**about, "email": scene.address(name), "name": name}


def _report(scene: Scene, visitor: str, page: str, seconds: int, events=()) -> None:
    """Tell what the script on a page tells."""
    view = visitor[:20]
    answer = requests.post(
        f"{scene.admin.url}/flow/t",
        json={"visitor": visitor, "view": view, "url": page, "seconds": seconds,
              "age": 1000 * seconds, "events": list(events)},
        headers={**READER, "Content-Type": "text/plain"},
        timeout=60,
    )  # fmt: skip
    answer.raise_for_status()
