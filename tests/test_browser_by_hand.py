"""What Marta does by hand, in a real browser: she writes to somebody, moves one, takes one out."""

from playwright.sync_api import expect

from tests.marta import (
    body_of,
    column,
    dialog,
    let_in,
    letter_to,
    open_board,
    pick,
    type_into_many2one,
)

PEOPLE = ("Hanna", "Hugo", "Hilda")


def test_marta_writes_to_one_moves_another_and_takes_the_third_out(campaign_server, page):
    campaign = make_campaign(campaign_server.marta)
    page.goto(f"{campaign_server.odoo.url}/odoo/flow.campaign/{campaign}")
    open_board(page)

    choose(page, "Hanna", "Send email")
    message = dialog(page)
    expect(message.locator("[name=flow_recipients]")).to_have_text("Hanna")
    message.locator("[name=subject] input").fill("A word")
    message.locator(".odoo-editor-editable").click()
    page.keyboard.type("Dear /field")
    page.locator(".o-we-command").first.wait_for()
    page.keyboard.press("Enter")
    page.locator(".o_model_field_selector_popover").get_by_text("Name", exact=True).click()
    page.get_by_role("button", name="Insert").click()
    message.locator("t[t-out='object.name']").wait_for(state="attached")
    message.get_by_role("button", name="Send", exact=True).click()
    page.locator(".o_notification", has_text="The email is in the outbox").wait_for()
    letter = letter_to(campaign_server.mail, "hanna@hand.example")
    assert letter["Subject"] == "A word"
    assert "Dear Hanna" in " ".join(body_of(letter).text_content().split())

    choose(page, "Hugo", "Move")
    type_into_many2one(dialog(page), "target_id", "End")
    pick(page, "End")
    dialog(page).get_by_role("button", name="Move", exact=True).click()
    expect(column(page, "End")).to_contain_text("Hugo")

    choose(page, "Hilda", "Take out")
    dialog(page).locator("footer .btn-primary").click()
    expect(card(page, "Hilda")).to_contain_text("Taken out")

    card(page, "Hanna").click()
    expect(page.locator(".o_form_view")).to_contain_text("By hand, by Marta Marketing")


def make_campaign(marta):
    """Return a running campaign of people who wait for a person."""
    people = [
        marta.create("res.partner", {"name": name, "email": f"{name.lower()}@hand.example"})
        for name in PEOPLE
    ]
    audience = marta.create("flow.audience", {"name": "At hand", "partner_ids": people})
    campaign = marta.create("flow.campaign", {"name": "By hand", "audience_id": audience})
    [way] = marta.search("flow.transition", [("workflow_id.campaign_id", "=", campaign)])
    marta.call("flow.transition", "write", [way], {"trigger": "manual"})
    let_in(marta, campaign, len(PEOPLE))
    return campaign


def card(page, name):
    return page.locator(".o_kanban_record", has_text=name)


def choose(page, name, item):
    """Choose something in the menu of a card."""
    card(page, name).hover()
    card(page, name).locator(".o_dropdown_kanban").click()
    page.get_by_role("menuitem", name=item, exact=True).click()
