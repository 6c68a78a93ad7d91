"""A campaign that compares: two versions of its email, and people who get nothing of it."""

from tools.demo import recipients
from tools.demo.client import Client, wait_until
from tools.demo.contacts import Contacts
from tools.demo.stage import Stage
from tools.smtp_sink import SmtpSink

NAME = "Ten things for the garden"
DAYS = 3
HELD_OUT = 15  # percent
BODY = """
<div style="font-family:Arial,sans-serif;max-width:600px;margin:auto">
  <h2>Dear <t t-out="object.name"/>,</h2>
  <p>now is the time to plant, also in <t t-out="object.city"/>.</p>
  <p><a href="https://shop.example/garden">See the ten things</a></p>
  <p style="color:#888"><a href="/unsubscribe_from_list">Unsubscribe</a></p>
</div>"""
SUBJECTS = "Ten things for your garden", "What is cheaper in spring"


def make(
    admin: Client, marta: Client, mail: SmtpSink, contacts: Contacts, audience: int, day: float
) -> None:
    """Make and launch the campaign some days ago, let people react, and measure what it brought.

    :param day: seconds of a day
    """
    campaign = marta.create(
        "flow.campaign",
        {
            "name": NAME,
            "audience_id": audience,
            "holdout_share": HELD_OUT,
            "effect_event_kind": "response",
            "effect_clicks": True,
        },
    )
    _write_email(marta, campaign)
    stage = Stage(admin, marta, mail, campaign)
    stage.set_clock(-DAYS * day)
    marta.call("flow.campaign", "action_launch", [campaign])
    inside = [("campaign_id", "=", campaign)]
    wait_until(lambda: not marta.count("flow.participant", inside), "letting them in")
    stage.settle("writing in two versions")
    stage.open_next_phase("Sending")
    stage.open_next_phase("Follow-up")
    letters = stage.new_messages()
    keen = [one for one in letters if one.message["Subject"] == SUBJECTS[1]]
    recipients.react(keen, contacts, admin)
    recipients.react([one for one in letters if one not in keen], contacts, admin, eager=False)
    stage.set_clock(0)
    stage.settle("moving those who reacted")
    marta.call("flow.campaign", "action_measure_effect", [campaign])


def _write_email(marta: Client, campaign: int) -> None:
    [start] = marta.search(
        "flow.state", [("workflow_id.campaign_id", "=", campaign), ("kind", "=", "start")]
    )
    [model] = marta.search("ir.model", [("model", "=", "res.partner")])
    main = marta.create(
        "mailing.mailing",
        {"subject": SUBJECTS[0], "body_arch": BODY, "body_html": BODY},
        default_flow_campaign_id=campaign,
        default_mailing_model_id=model,
        default_reply_to_mode="update",
    )
    action = marta.create(
        "flow.action",
        {"state_id": start, "kind": "email", "mailing_id": main, "test_share": 100},
    )
    variant = marta.create("flow.email.variant", {"action_id": action, "arm": "B"})
    [values] = marta.read("flow.email.variant", [("id", "=", variant)], ["mailing_id"])
    marta.call("mailing.mailing", "write", [values["mailing_id"][0]], {"subject": SUBJECTS[1]})
