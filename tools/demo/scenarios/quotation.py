"""Abandoned quotation: a question, then a call; an order ends it at once."""

from tools.demo.scenarios.scene import Scene

TITLE = "Abandoned quotation"
TEMPLATE = "marketing_campaign_flow_sale.template_quotation"
ADDONS = ("marketing_campaign_flow_sale",)


def play(scene: Scene) -> dict[str, str]:
    """Two have a quotation for three days; one of them orders after the question."""
    scene.add_people("Ann", "Bob", "Cleo")
    scene.use(TEMPLATE, audience=False)
    scene.launch()
    orders = {name: sell(scene, name) for name in ("Ann", "Bob")}
    scene.pass_time(days=3, minutes=5)
    _look_for_quotations(scene)
    scene.settle(expect=2)
    scene.pass_to_next_step("Ann")
    assert scene.letters("Ann") == ["Do you have questions about our offer?"]
    scene.admin.call("sale.order", "action_confirm", [orders["Ann"]])
    scene.settle()
    scene.pass_time(days=3, minutes=5)
    calls = [("res_model", "=", "res.partner"), ("res_id", "=", scene.people["Bob"])]
    assert scene.admin.count("mail.activity", calls) == 1
    scene.pass_time(days=15)
    return {"Ann": "Ordered", "Bob": "Let it be"}


def sell(scene: Scene, name: str, price: float = 100.0) -> int:
    """Return a quotation for a person that has been sent."""
    found = scene.admin.search("product.product", [("name", "=", "Crane")])
    crane = found[0] if found else scene.admin.create("product.product", {"name": "Crane"})
    line = {"product_id": crane, "product_uom_qty": 1, "price_unit": price}
    order = scene.admin.create(
        "sale.order", {"partner_id": scene.people[name], "order_line": [(0, 0, line)]}
    )
    scene.admin.call("sale.order", "action_quotation_sent", [order])
    return order


def _look_for_quotations(scene: Scene) -> None:
    """The scheduler looks every hour."""
    jobs = scene.admin.search("ir.cron", [("cron_name", "ilike", "quotations that nobody")])
    scene.admin.call("ir.cron", "method_direct_trigger", jobs)
