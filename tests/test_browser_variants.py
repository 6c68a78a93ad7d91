"""Versions of an email and blocks for an audience, made in a real browser and read in real mail."""

import pytest
from playwright.sync_api import expect

from tests.marta import (
    body_of,
    close_dialog,
    dialog,
    launch,
    letter_to,
    open_state,
    save,
    save_state,
)

REGULAR, NEWCOMER = "regina@example.com", "nico@example.com"
# Odoo's preview of an email is a frame in which nothing may run; Chromium says so for each script.
SANDBOX = "'allow-scripts' permission is not set"
WELCOME = "Thank you for joining us!"


@pytest.mark.console_tolerates(SANDBOX)
def test_marta_shows_a_block_to_regulars_and_tests_two_versions(campaign_server, page):
    marta, url = campaign_server.marta, campaign_server.odoo.url
    regular, newcomer = (
        marta.create("res.partner", {"name": email.partition("@")[0], "email": email})
        for email in (REGULAR, NEWCOMER)
    )
    marta.create("flow.audience", {"name": "Regulars", "partner_ids": [regular]})
    campaign, email = make_campaign(marta, [regular, newcomer])

    page.goto(f"{url}/odoo/mailing.mailing/{email}")
    page.locator("[data-name=default]").first.click()
    show_block_to(page, "section.s_text_block", "Regulars")
    save(page)
    [written] = marta.read("mailing.mailing", [("id", "=", email)], ["body_html"])
    assert "data-flow-audience=" in written["body_html"]

    page.goto(f"{url}/odoo/flow.campaign/{campaign}")
    open_state(page, "Start")
    dialog(page).locator(".o_data_row", has_text="Welcome").locator("[name=display_name]").click()
    dialog(page).get_by_role("button", name="Add a version to test").click()
    dialog(page).locator(".o_selected_row [name=arm] input").click()
    page.locator(".o_select_menu_item").get_by_text("B", exact=True).click()
    close_dialog(page, "Save")
    save_state(page)
    versions = marta.read("flow.email.variant", [("campaign_id", "=", campaign)], ["arm"])
    assert [version["arm"] for version in versions] == ["B"]

    launch(page)
    assert WELCOME in body_of(letter_to(campaign_server.mail, REGULAR)).text_content()
    other = body_of(letter_to(campaign_server.mail, NEWCOMER)).text_content()
    assert WELCOME not in other
    assert "Unsubscribe" in other

    page.reload()
    open_state(page, "Start")
    dialog(page).locator(".o_data_row", has_text="Welcome").locator("[name=display_name]").click()
    figures = dialog(page).locator("[name=test_arm_ids]")
    figures.locator(".o_data_row").nth(1).get_by_role("button", name="Choose").click()
    asked = page.locator(".modal", has_text="From now on everybody gets this version")
    asked.locator("footer .btn-primary").click()
    expect(dialog(page)).to_contain_text("Version B is sent from now on: chosen by")


def make_campaign(marta, people):
    """Return a campaign and its email, which is still to be written."""
    audience = marta.create("flow.audience", {"name": "Everybody", "partner_ids": people})
    campaign = marta.create("flow.campaign", {"name": "Welcome", "audience_id": audience})
    email = marta.create(
        "mailing.mailing", {"subject": "Welcome"}, default_flow_campaign_id=campaign
    )
    [start] = marta.search(
        "flow.state", [("workflow_id.campaign_id", "=", campaign), ("kind", "=", "start")]
    )
    marta.create("flow.action", {"state_id": start, "kind": "email", "mailing_id": email})
    return campaign, email


def show_block_to(page, block, audience):
    paper = page.frame_locator(".o_field_widget[name=body_arch] iframe").first
    paper.locator(block).first.click()
    row = page.locator("[data-label='Show to']").last
    row.evaluate("row => row.scrollIntoView({block: 'start'})")  # its menu opens below
    row.get_by_role("button").first.click()
    items = page.locator(".o_select_menu_item")
    items.filter(has_text="Everybody").wait_for()  # Odoo lets a late first answer win
    page.get_by_placeholder("Search for records...").fill(audience)  # there may be many
    expect(items.filter(has_text="Everybody")).to_have_count(0)  # the list is the one asked for
    items.filter(has_text=audience).first.click()
    page.locator("[data-label='Who gets it']").wait_for()
