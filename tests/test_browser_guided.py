"""The check before a launch leads to what it finds, and looks again."""

import re

from playwright.sync_api import expect

from tests.marta import dialog, save, type_into_many2one


def test_marta_mends_what_the_check_finds(campaign_server, page):
    marta, url = campaign_server.marta, campaign_server.odoo.url
    guest = marta.create("res.partner", {"name": "Gregor", "email": "gregor@example.com"})
    marta.create("flow.audience", {"name": "Guests to be found", "partner_ids": [guest]})
    campaign = marta.create("flow.campaign", {"name": "Unfinished"})
    [workflow] = marta.search("flow.workflow", [("campaign_id", "=", campaign)])
    marta.create("flow.state", {"workflow_id": workflow, "name": "Lonely", "kind": "exit"})
    page.goto(f"{url}/odoo/flow.campaign/{campaign}")
    page.get_by_role("tab", name="Settings").click()

    page.get_by_role("button", name="Check", exact=True).click()
    expect(dialog(page).get_by_role("button", name="Launch")).to_have_count(0)
    fix(page, "Choose an audience")
    expect(page.locator("[name=audience_id] input")).to_be_focused()
    type_into_many2one(page, "audience_id", "Guests to")
    page.locator(".o-autocomplete--dropdown-item").first.click()
    save(page)

    page.get_by_role("button", name="Check", exact=True).click()
    expect(dialog(page)).not_to_contain_text("Choose an audience")
    fix(page, "No way out leads")
    state = dialog(page)
    expect(state.locator(".oe_title [name=name] input")).to_have_value("Lonely")
    state.locator("[name=kind] input").click()
    page.locator(".o_select_menu_item").get_by_text("Normal", exact=True).click()
    state.locator("footer").get_by_role("button", name=re.compile("Save")).first.click()
    expect(page.locator(".o_flow_launch_check")).to_contain_text("has no way out")
    page.locator(".o_flow_launch_check").get_by_role("button", name="Close").last.click()


def fix(page, words):
    finding = dialog(page).locator(".o_flow_finding", has_text=words)
    finding.get_by_role("button").click()
