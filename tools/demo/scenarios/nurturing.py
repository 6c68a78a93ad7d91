"""Lead nurturing: lessons, a hand-over to sales, and "won" as the goal."""

from tools.demo.scenarios.scene import Scene

TITLE = "Lead nurturing"
TEMPLATE = "marketing_campaign_flow_crm.template_nurturing"
ADDONS = ("marketing_campaign_flow_crm",)


def play(scene: Scene) -> dict[str, str]:
    """One follows both lessons and buys, one follows them and does not, one does nothing."""
    scene.add_people("Ann", "Bob", "Cleo")
    scene.use(TEMPLATE)
    scene.launch(expect=3)
    scene.pass_to_next_step("Ann")
    for name in ("Ann", "Bob"):
        scene.click(name, "How to begin")
        scene.pass_to_next_step(name)
        scene.click(name, "What others have learned")
    assert set(scene.states().values()) == {"Hand-over to sales", "First lesson"}
    [lead] = scene.admin.search("crm.lead", [("partner_id", "=", scene.people["Ann"])])
    scene.admin.call("crm.lead", "action_set_won", [lead])
    [lead] = scene.admin.search("crm.lead", [("partner_id", "=", scene.people["Bob"])])
    scene.admin.call("crm.lead", "action_set_lost", [lead])
    scene.settle()
    scene.pass_time(days=7, minutes=5)
    scene.pass_to_next_step("Cleo")
    scene.pass_time(days=15)
    return {"Ann": "Won", "Bob": "Lost", "Cleo": "Not now"}
