"""From *New from Template* to a launched campaign as a newcomer does it, counting clicks."""

import re

from playwright.sync_api import expect

from tests.marta import PATIENCE, dialog, pick, save, type_into_many2one
from tools import places
from tools.demo.client import wait_until

READER = ("Gina Guest", "gina@example.com")
MOST = 25  # clicks and fields


class Hand:
    """Marta's hand: counts what she clicks and fills in, and keeps a picture of each step."""

    def __init__(self, page):
        self.page, self.count = page, 0
        self.folder = places.LOGS / "guided"
        self.folder.mkdir(parents=True, exist_ok=True)

    def click(self, locator):
        locator.click()
        self.count += 1

    def choose(self, scope, field, text):
        """Fill in a field that offers records, and pick one of them: two steps."""
        type_into_many2one(scope, field, text)
        pick(self.page, text)
        self.count += 2

    def fill(self, locator, text):
        locator.fill(text)
        self.count += 1

    def look(self, name):
        self.page.screenshot(path=self.folder / f"{self.count:02d}_{name}.png")


def test_marta_launches_a_template_in_a_few_clicks(campaign_server, page):
    marta = campaign_server.marta
    guest = marta.create("res.partner", {"name": READER[0], "email": READER[1]})
    marta.create("flow.audience", {"name": "Guests of the fair", "partner_ids": [guest]})
    hand = Hand(page)

    hand.click(page.locator(".o_menu_sections").get_by_text("Campaigns", exact=True))
    hand.click(page.locator(".o-dropdown--menu").get_by_text("New from Template"))
    card = page.locator(".o_kanban_record", has_text="Re-engagement with sunset")
    expect(card.locator("svg .o_flow_box")).to_have_count(5)
    hand.look("gallery")
    hand.click(card.get_by_role("button", name="Use this template"))
    dialog(page).locator("svg").wait_for()
    hand.fill(dialog(page).locator("[name=name] input"), "We miss you")
    hand.choose(dialog(page), "audience_id", "Guests of the fair")
    hand.look("dialog")
    hand.click(dialog(page).get_by_role("button", name="Create the campaign"))
    page.locator(".o_form_view .o_statusbar_buttons").wait_for()
    hand.look("campaign")
    hand.click(page.get_by_role("button", name="Launch", exact=True))
    expect(dialog(page)).to_contain_text("People in the audience: 1, reachable by email: 1")
    hand.look("check")
    hand.click(dialog(page).get_by_role("button", name="Launch", exact=True))
    page.locator(".ribbon", has_text="Running").wait_for()
    hand.look("running")

    # Its emails keep office hours, so who takes part is all that can be seen at any hour.
    wait_until(lambda: not takes_part(marta), "coming in", seconds=PATIENCE)
    assert hand.count <= MOST


def takes_part(marta):
    here = [("campaign_id.name", "=", "We miss you"), ("email_key", "=", READER[1])]
    return marta.count("flow.participant", [*here, ("state_id.kind", "=", "start")])


def test_marta_mends_what_the_check_finds(campaign_server, page):
    marta, url = campaign_server.marta, campaign_server.odoo.url
    campaign = marta.create("flow.campaign", {"name": "Unfinished"})
    [workflow] = marta.search("flow.workflow", [("campaign_id", "=", campaign)])
    marta.create("flow.state", {"workflow_id": workflow, "name": "Lonely", "kind": "exit"})
    page.goto(f"{url}/odoo/flow.campaign/{campaign}")
    page.get_by_role("tab", name="Settings").click()

    page.get_by_role("button", name="Check", exact=True).click()
    expect(dialog(page).get_by_role("button", name="Launch")).to_have_count(0)
    fix(page, "Choose an audience")
    expect(page.locator("[name=audience_id] input")).to_be_focused()
    type_into_many2one(page, "audience_id", "Guests")
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
