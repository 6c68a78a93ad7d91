"""Event invitation: by email, and by SMS to those who have not answered."""

from tools.demo.scenarios.scene import Scene

TITLE = "Event invitation with SMS"
TEMPLATE = "marketing_campaign_flow_sms.template_event"
ADDONS = ("marketing_campaign_flow_sms",)


def play(scene: Scene) -> dict[str, str]:
    """One comes at once, one gets an SMS, one has no number."""
    scene.add_people("Ann", phone="+39 06 1234 5601")
    scene.add_people("Bob", phone="+39 06 1234 5602")
    scene.add_people("Cleo")
    scene.use(TEMPLATE)
    scene.launch(expect=3)
    scene.pass_to_next_step("Ann")
    scene.click("Ann", "You are invited")
    scene.pass_time(days=3, minutes=5)
    scene.pass_to_next_step("Bob")
    [sms] = scene.admin.read("sms.sms", [("partner_id", "=", scene.people["Bob"])], ["body"])
    assert "We would love to see you" in sms["body"]
    assert scene.admin.count("sms.sms", [("partner_id", "=", scene.people["Ann"])]) == 0
    [skipped] = [step for step in scene.steps("Cleo") if step["status"] == "skipped"]
    assert skipped["reason"]
    scene.pass_time(days=8)
    return {"Ann": "Comes", "Bob": "Does not come", "Cleo": "Does not come"}
