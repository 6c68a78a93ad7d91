"""Win-back: customers are chosen by what they bought, and end when they order again."""

from tools.demo.scenarios.quotation import sell
from tools.demo.scenarios.scene import Scene

TITLE = "Customer win-back"
TEMPLATE = "marketing_campaign_flow_sale.template_winback"
ADDONS = ("marketing_campaign_flow_sale",)


def play(scene: Scene) -> dict[str, str]:
    """Of those who have bought a crane one orders again; who has bought nothing is not asked."""
    scene.add_people("Ann", "Bob", "Cleo")
    for name in ("Ann", "Bob"):
        scene.admin.call("sale.order", "action_confirm", [sell(scene, name)])
    scene.use(TEMPLATE, audience=False)
    bought = [
        ("id", "in", [*scene.people.values()]),
        ("sale_order_ids.order_line.product_id.name", "=", "Crane"),
    ]
    criteria = {"name": f"Bought {scene.run}", "use_criteria": True, "domain": repr(bought)}
    scene.write({"audience_id": scene.marta.create("flow.audience", criteria)})
    scene.launch(expect=2)
    scene.pass_to_next_step("Ann")
    scene.pass_time(days=5, minutes=5)
    scene.pass_to_next_step("Ann")
    assert scene.letters("Ann")[-1] == "Ten percent for you"
    scene.admin.call("sale.order", "action_confirm", [sell(scene, "Ann", 90.0)])
    scene.settle()
    scene.pass_time(days=22)
    assert scene.letters("Cleo") == []
    return {"Ann": "Has ordered again", "Bob": "Has not come back"}
