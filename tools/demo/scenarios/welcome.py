"""Time driven: four emails for people who subscribe, at nine in the morning of their time."""

from tools.demo.scenarios.scene import Scene

TITLE = "Welcome series"
TEMPLATE = "marketing_campaign_flow.template_welcome"
ADDONS = ()


def play(scene: Scene) -> dict[str, str]:
    """Two people subscribe, one of them leaves after the first email."""
    scene.add_people("Ann", "Bob")
    scene.use(TEMPLATE, audience=False)
    scene.launch()
    _subscribe(scene, "Ann", "Bob")
    scene.settle(expect=2)
    scene.pass_to_next_step("Ann")
    scene.unsubscribe("Bob", "Welcome, Bob!")
    for _email in range(3):
        scene.pass_to_next_step("Ann")
    assert len(scene.letters("Ann")) == 4, scene.letters("Ann")
    series = [step["due"] for step in scene.steps("Ann")][:3]
    assert all((due.hour, due.minute) == (9, 0) and due.weekday() < 5 for due in series), series
    return {"Ann": "Has got everything", "Bob": "Unsubscribed"}


def _subscribe(scene: Scene, *names: str) -> None:
    lists = scene.admin.search("mailing.list", [("name", "=", "Newsletter")], limit=1)
    lists = lists or [scene.admin.create("mailing.list", {"name": "Newsletter"})]
    for name in names:
        values = {"name": name, "email": scene.address(name), "list_ids": [(6, 0, lists)]}
        scene.marta.create("mailing.contact", values)
