"""Re-engagement: who does not react to two emails is written to no more."""

from tools.demo.scenarios.scene import Scene

TITLE = "Re-engagement with sunset"
TEMPLATE = "marketing_campaign_flow.template_reengagement"
ADDONS = ()


def play(scene: Scene) -> dict[str, str]:
    """One comes back by the first email, one by the last, one never."""
    scene.add_people("Ann", "Bob", "Cleo")
    scene.use(TEMPLATE)
    scene.launch(expect=3)
    scene.pass_to_next_step("Ann")
    scene.click("Ann", "We miss you")
    scene.pass_time(days=14, minutes=5)
    scene.pass_to_next_step("Bob")
    scene.reply("Cleo", "Is this good-bye?")
    scene.pass_time(days=21)
    assert scene.contact("Bob", "is_blacklisted")["is_blacklisted"]
    assert not scene.contact("Cleo", "is_blacklisted")["is_blacklisted"]
    return {"Ann": "Is back", "Bob": "Sunset", "Cleo": "Is back"}
