"""Before launch, in a real browser: what is to be expected, and a walk as one contact."""

from playwright.sync_api import expect

from tests.marta import PATIENCE
from tools import places

SUBJECT = "Come to our fair"


def test_marta_simulates_and_walks_through_a_campaign(campaign_server, page):
    marta = campaign_server.marta
    campaign, contact = build(marta, campaign_server.admin)
    before = ledger(campaign_server.admin)
    page.goto(f"{campaign_server.odoo.url}/odoo/campaign-flow/{campaign}")

    page.get_by_role("button", name="Simulate").click()
    outlook = page.locator(".modal .o_flow_outlook")
    expect(outlook).to_contain_text("About one message in all.")
    for chart in ("people", "messages"):
        expect(outlook.locator(f".o_flow_outlook_{chart} canvas")).to_be_visible()
    page.screenshot(path=places.LOGS / "simulate.png")
    line = page.locator(".modal [name=line_ids] .o_data_row").first
    line.locator("[name=share]").click()
    line.locator("[name=share] input").fill("100")
    line.locator("[name=share] input").press("Tab")
    expect(outlook).to_contain_text("About one person (99.8 %) reaches a goal")
    outlook.locator("summary").first.click()
    expect(outlook.locator("table").first).to_contain_text("Interested")
    page.locator(".modal footer").get_by_role("button", name="Close").click()
    page.locator(".modal").wait_for(state="detached")

    page.get_by_role("button", name="Test", exact=True).click()
    walk = page.locator(".o_flow_trial")
    expect(walk.locator(".o_flow_trial_subject")).to_have_text(SUBJECT)
    letter = walk.frame_locator("iframe.o_flow_trial_letter")
    expect(letter.locator("body")).to_contain_text("Dear Walter Walker")
    page.screenshot(path=places.LOGS / "trial.png")
    next_step(walk)
    expect(walk.locator(".badge")).to_have_text("End")
    walk.locator("button[name=back]").click()
    expect(walk.locator(".badge")).to_have_text("Start")
    walk.locator("button[name=clicked]").click()
    page.locator(".o-dropdown-item", has_text="shop.example").click()
    expect(walk.locator(".badge")).to_have_text("Interested")
    expect(walk.locator("[data-kind=ended]")).to_be_visible()
    page.screenshot(path=places.LOGS / "trial_end.png")
    walk.locator("button[name=restart]").click()
    expect(walk.locator(".badge")).to_have_text("Start")

    assert ledger(campaign_server.admin) == before
    assert not [one for one in campaign_server.mail.messages() if contact in one.recipients]


def next_step(walk):
    walk.locator("button[name=next]").click()
    expect(walk.locator(".o_flow_trial_page")).to_have_attribute(
        "aria-busy", "false", timeout=PATIENCE * 1000
    )


def build(marta, admin):
    """A campaign with an email; who follows its link is interested, in three days it is over."""
    contact = marta.create("res.partner", {"name": "Walter Walker", "email": "walter@example.com"})
    audience = marta.create(
        "flow.audience", {"name": "Walkers", "partner_ids": [(6, 0, [contact])]}
    )
    campaign = marta.create("flow.campaign", {"name": "Walk", "audience_id": audience})
    [values] = marta.read("flow.campaign", [("id", "=", campaign)], ["workflow_id", "state_ids"])
    workflow = values["workflow_id"][0]
    states = marta.read("flow.state", [("workflow_id", "=", workflow)], ["kind"])
    start, end = (
        next(one["id"] for one in states if one["kind"] == kind) for kind in ("start", "done")
    )
    marta.call(
        "flow.transition", "unlink", marta.search("flow.transition", [("state_id", "=", start)])
    )
    goal = marta.create(
        "flow.state", {"workflow_id": workflow, "name": "Interested", "kind": "goal"}
    )
    email = marta.create(
        "mailing.mailing",
        {
            "subject": SUBJECT,
            "body_html": '<p>Dear <t t-out="object.name"/>,'
            ' <a href="https://shop.example/fair">see us</a></p>',
        },
        default_flow_campaign_id=campaign,
    )
    marta.create("flow.action", {"state_id": start, "kind": "email", "mailing_id": email})
    way = {"workflow_id": workflow, "state_id": start}
    marta.create(
        "flow.transition",
        [
            {**way, "target_id": goal, "trigger": "event", "event_kind": "clicked"},
            {**way, "target_id": end, "trigger": "timeout", "delay_value": 3},
        ],
    )
    return campaign, "walter@example.com"


def ledger(admin):
    """How much there is of what a launched campaign would write."""
    models = ("flow.campaign", "flow.participant", "flow.step", "flow.event", "mailing.trace",
              "mailing.mailing", "mail.mail", "mail.message", "utm.campaign")  # fmt: skip
    return {model: admin.count(model, []) for model in models}
