"""Birthday: best wishes on the day, year after year."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tools.demo.scenarios.scene import ZONE, Scene

TITLE = "Birthday"
TEMPLATE = "marketing_campaign_flow.template_birthday"
ADDONS = ()


def play(scene: Scene) -> dict[str, str]:
    """One has birthday today and opens the present, one in three days, one on another day."""
    today = datetime.now(ZoneInfo(ZONE)).date()  # where they live
    for name, days in (("Ann", 0), ("Bob", 3), ("Cleo", 40)):
        scene.add_people(name, birthdate=str(_born_on(today + timedelta(days=days))))
    scene.use(TEMPLATE, audience=False)
    scene.launch(expect=1)
    scene.pass_to_next_step("Ann")  # the wishes arrive in the daytime
    scene.click("Ann", "Happy birthday, Ann!")
    assert scene.contact("Ann", "flow_points")["flow_points"] == 10
    scene.pass_time(days=3)
    scene.pass_to_next_step("Bob")
    scene.pass_time(days=8)
    assert "Cleo" not in scene.states()
    return {"Ann": "Present opened", "Bob": "Has got our wishes"}


def _born_on(day: date) -> date:
    return date(1980, day.month, day.day)
