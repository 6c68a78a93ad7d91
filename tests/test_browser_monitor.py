"""What a reader does shows on the monitor while Marta looks at it, through Odoo's bus."""

import re

from playwright.sync_api import expect

from tests.marta import PATIENCE, letter_to, load_pictures
from tools.demo.client import wait_until

READER = ("Mona Monitor", "mona@example.com")


def test_what_happens_shows_on_the_monitor_without_reload(campaign_server, page):
    campaign = launched(campaign_server)
    letter = letter_to(campaign_server.mail, READER[1])
    page.goto(f"{campaign_server.odoo.url}/odoo/campaign-flow/{campaign}")
    with page.expect_response(is_look):
        page.get_by_role("tab", name="Monitor").click()
    # It looks once more by itself; from then on only news let it look, or minutes that pass.
    with page.expect_response(is_look):
        pass
    tile = page.locator(".o_flow_monitor .o_flow_tile[name=opened] strong")
    expect(page.locator(".o_flow_tile[name=sent] strong")).to_have_text("1")
    expect(tile).to_have_text("0")
    page.evaluate("window.unchanged = true")

    load_pictures(letter)

    expect(tile).to_have_text("1")
    feed = page.locator(".o_flow_feed li").first
    expect(feed).to_contain_text(READER[0])
    expect(feed).to_contain_text("Email opened")
    assert page.evaluate("window.unchanged"), "nobody has loaded the page again"

    tile.click()
    expect(page.locator(".o_data_row")).to_have_count(1)
    expect(page.locator(".o_data_row")).to_contain_text(READER[1])

    # The screen of all campaigns, from its menu.
    page.goto(f"{campaign_server.odoo.url}/odoo/campaign-flow")
    page.locator(".o_menu_sections").get_by_text("Monitor", exact=True).click()
    page.locator(".o_flow_monitor_action .o_flow_tile[name=participants]").wait_for()
    expect(page.locator(".o_flow_monitor_name", has_text="Watched")).to_be_visible()
    page.locator(".o_flow_monitor_choice input").fill("Watched")
    page.locator(".o-autocomplete--dropdown-item", has_text="Watched").first.click()
    expect(page.locator("[name=entered]").first).to_have_text("1")
    expect(page.locator("canvas").first).to_have_attribute("aria-label", re.compile("over time"))


def is_look(response):
    """Whether this is an answer with figures."""
    return "get_figures" in response.url


def launched(server):
    """Launch a campaign of one email for one reader; return its id."""
    marta = server.marta
    name, email = READER
    reader = marta.create("res.partner", {"name": name, "email": email})
    audience = marta.create("flow.audience", {"name": "Watched", "partner_ids": [(6, 0, [reader])]})
    campaign = marta.create("flow.campaign", {"name": "Watched", "audience_id": audience})
    [values] = marta.read("flow.campaign", [("id", "=", campaign)], ["state_ids"])
    [model] = marta.search("ir.model", [("model", "=", "res.partner")])
    mailing = marta.create(
        "mailing.mailing",
        {"subject": "Look at this", "body_html": "<p>Hello</p>", "mailing_model_id": model},
        default_flow_campaign_id=campaign,
        default_reply_to_mode="update",
    )
    start = values["state_ids"][0]
    marta.create("flow.action", {"state_id": start, "kind": "email", "mailing_id": mailing})
    marta.call("flow.campaign", "action_launch", [campaign])
    sent = [("campaign_id", "=", campaign), ("status", "=", "done"), ("is_message", "=", True)]
    wait_until(lambda: not marta.count("flow.step", sent), "sending", seconds=PATIENCE)
    return campaign
