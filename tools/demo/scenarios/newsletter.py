"""Mixed: opened, not clicked → reminder → click → points → opportunity; no reaction → a list."""

from tools.demo.scenarios.scene import Scene

TITLE = "Newsletter that finds opportunities"
TEMPLATE = "marketing_campaign_flow_crm.template_newsletter"
ADDONS = ("marketing_campaign_flow_crm",)
NEWS, REMINDER = "The news of this month", "You had a look"


def play(scene: Scene) -> dict[str, str]:
    """One opens and clicks only after the reminder, one clicks at once, one does nothing."""
    scene.add_people("Ann", "Bob", "Cleo")
    scene.use(TEMPLATE)
    scene.launch(expect=3)
    scene.pass_to_next_step("Ann")  # the newsletter leaves in working hours
    scene.open_letter("Ann", NEWS)
    scene.click("Bob", NEWS)
    scene.pass_time(days=2, minutes=5)
    scene.pass_to_next_step("Ann")
    scene.click("Ann", REMINDER)
    scene.pass_time(days=10)
    for name in ("Ann", "Bob"):
        assert scene.contact(name, "flow_points")["flow_points"] == 50
        calls = [("res_model", "=", "res.partner"), ("res_id", "=", scene.people[name])]
        assert scene.admin.count("mail.activity", calls) == 1
        leads = [("partner_id", "=", scene.people[name]), ("campaign_id", "!=", False)]
        assert scene.admin.count("crm.lead", leads) == 1
    assert REMINDER not in " ".join(scene.letters("Bob") + scene.letters("Cleo"))
    low = [("list_id.name", "=", "Low interest"), ("contact_id.email", "=", scene.address("Cleo"))]
    assert scene.admin.count("mailing.subscription", low) == 1
    return {"Ann": "Opportunity", "Bob": "Opportunity", "Cleo": "Low interest"}
