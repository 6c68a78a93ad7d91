"""Marta's journeys from end to end: from template to reaction, a new version, a budget that ends.

Each keeps pictures of its steps, to be looked at, in a folder of its own beside the logs.
"""

import re

from playwright.sync_api import expect

from tests.marta import (
    PATIENCE,
    body_of,
    close_dialog,
    column,
    dialog,
    launch,
    let_in,
    letter_to,
    open_board,
    open_state,
    pick,
    save,
    type_into_many2one,
    write_email_in_state,
)
from tests.test_browser_canvas import card, drag, draw_arrow, name_it
from tools import places
from tools.demo import recipients
from tools.demo.client import wait_until

MOST = 25  # clicks and fields from the menu to the launch


class Hand:
    """Marta's hand: counts what she clicks and fills in, and keeps a picture of each step."""

    def __init__(self, page, journey):
        self.page, self.count = page, 0
        self.folder = places.LOGS / "journeys" / journey
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


# -- from a template to a reaction -----------------------------------------------------------


def test_marta_launches_a_template_and_watches_what_its_reader_does(campaign_server, page):
    """The steps up to the launch are counted: a newcomer has to get there quickly."""
    address = "gina@journey.example"
    make_audience(campaign_server.marta, "Guests of the fair", "Gina Guest")
    hand = Hand(page, "template")

    hand.click(page.locator(".o_menu_sections").get_by_text("Campaigns", exact=True))
    hand.click(page.locator(".o-dropdown--menu").get_by_text("New from Template"))
    template = page.locator(".o_kanban_record", has_text="Re-engagement with sunset")
    expect(template.locator("svg .o_flow_box")).to_have_count(5)
    hand.look("gallery")
    hand.click(template.get_by_role("button", name="Use this template"))
    dialog(page).locator("svg").wait_for()
    hand.fill(dialog(page).locator("[name=name] input"), "We miss you")
    hand.choose(dialog(page), "audience_id", "Guests of the fair")
    hand.look("dialog")
    hand.click(dialog(page).get_by_role("button", name="Create the campaign"))
    page.locator(".o_form_view .o_statusbar_buttons").wait_for()
    hand.look("campaign")

    # Its emails keep office hours; the first one is to go out at once, whatever time it is.
    hand.click(card(page, "We miss you").locator(".o_flow_action .o_flow_row_button"))
    hours = page.locator(".o_flow_panel [name=use_window] input")
    hours.wait_for()
    hand.look("hours")
    hand.click(hours)
    hand.click(page.locator(".o_flow_panel_done"))
    expect(card(page, "We miss you").locator(".o_flow_action")).to_contain_text("At once")
    hand.click(page.get_by_role("button", name="Launch", exact=True))
    expect(dialog(page)).to_contain_text("People in the audience: 1, reachable by email: 1")
    expect(dialog(page)).to_contain_text("The first messages go out at once.")
    hand.look("check")
    hand.click(dialog(page).get_by_role("button", name="Launch", exact=True))
    page.locator(".ribbon", has_text="Running").wait_for()
    assert hand.count <= MOST
    hand.look("running")

    letter = letter_to(campaign_server.mail, address)
    assert "Gina Guest" in body_of(letter).text_content()
    watch(page)
    hand.look("monitor_before")
    page.evaluate("window.unchanged = true")
    recipients.open_letter(letter)
    expect(tile(page, "opened")).to_have_text("1")
    recipients.click(letter)
    expect(tile(page, "clicked")).to_have_text("1")
    feed = page.locator(".o_flow_feed")
    expect(feed).to_contain_text("Link clicked")
    expect(feed).to_contain_text("Gina Guest")
    expect(tile(page, "goals")).to_have_text("1")
    hand.look("monitor_after")

    open_board(page)
    expect(column(page, "Is back")).to_contain_text("Gina Guest")
    expect(column(page, "Is back")).to_contain_text("Goal reached")
    expect(column(page, "We miss you")).not_to_contain_text("Gina Guest")
    assert page.evaluate("window.unchanged"), "nobody has loaded the page again"
    hand.look("board")

    page.go_back()
    page.get_by_role("tab", name="Monitor").click()
    tile(page, "opened").click()
    expect(page.locator(".o_data_row")).to_have_count(1)
    expect(page.locator(".o_data_row")).to_contain_text(address)
    look_at_all_campaigns(page, "We miss you")
    hand.look("monitor_of_all")


def watch(page):
    """Turn to the monitor, and wait until only news lets it look again."""
    with page.expect_response(is_look):
        page.get_by_role("tab", name="Monitor").click()
    # It looks once more by itself; from then on only news let it look, or minutes that pass.
    with page.expect_response(is_look):
        pass
    expect(tile(page, "sent")).to_have_text("1")
    expect(tile(page, "opened")).to_have_text("0")


def is_look(response):
    """Whether this is an answer with figures."""
    return "get_figures" in response.url


def tile(page, figure):
    return page.locator(f".o_flow_monitor .o_flow_tile[name={figure}] strong")


def look_at_all_campaigns(page, name):
    """Open the monitor from its menu, and choose one of the campaigns."""
    page.locator(".o_menu_sections").get_by_text("Monitor", exact=True).click()
    page.locator(".o_flow_monitor_action .o_flow_tile[name=participants]").wait_for()
    expect(page.locator(".o_flow_monitor_name", has_text=name)).to_be_visible()
    page.locator(".o_flow_monitor_choice input").fill(name)
    page.locator(".o-autocomplete--dropdown-item", has_text=name).first.click()
    expect(page.locator("[name=entered]").first).to_have_text("1")
    expect(page.locator("canvas").first).to_have_attribute("aria-label", re.compile("over time"))


# -- a new version while somebody is inside --------------------------------------------------


def test_marta_publishes_a_new_version_and_says_where_people_go(campaign_server, page):
    marta, url = campaign_server.marta, campaign_server.odoo.url
    campaign = who_waits(marta, "Petra Patient")
    hand = Hand(page, "versions")
    page.goto(f"{url}/odoo/flow.campaign/{campaign}")
    expect(card(page, "Waiting room")).to_contain_text("1")
    hand.look("running")

    page.locator("[name=full]").click()
    page.locator("[name=renew]").click()
    page.locator(".alert", has_text="You are editing version 2").wait_for(state="attached")
    page.locator(".o_flow_full .o_flow_palette").first.wait_for()
    card(page, "Waiting room").locator(".o_flow_name").click()
    page.locator(".o_flow_panel").get_by_role("button", name="Delete").click()
    expect(dialog(page)).to_contain_text("where")
    hand.look("delete")
    dialog(page).locator("footer .btn-primary").click()
    card(page, "Waiting room").wait_for(state="detached")
    drag(page, page.locator(".o_flow_palette[data-kind=normal]"), at=(620, 60))
    name_it(page, "Thanked")
    for source, target in (("Start", "Thanked"), ("Thanked", "End")):
        draw_arrow(page, source, target)
        page.locator(".o_flow_panel_done").click()
        page.locator(".o_flow_panel").wait_for(state="detached")
    page.locator("[name=full]").click()
    open_state(page, "Thanked")
    write_email_in_state(page, "Thank you", "It was worth the wait.")
    close_dialog(page, "Save")
    save(page)
    page.get_by_role("tab", name="Workflow", exact=True).click()
    expect(card(page, "Thanked")).to_contain_text("Thank you")
    hand.look("new_version")

    page.get_by_role("button", name="Publish…").click()
    row = dialog(page).locator("[name=line_ids] .o_data_row", has_text="Waiting room")
    row = row.filter(has=page.locator("[name=people]", has_text="1"))
    expect(row).to_have_count(1)
    row.locator("[name=target_id]").click()
    type_into_many2one(dialog(page), "target_id", "Thanked")
    pick(page, "Thanked")
    hand.look("publish")
    close_dialog(page, "Publish")
    page.locator(".alert", has_text="You are editing").wait_for(state="detached")

    letter = letter_to(campaign_server.mail, "petra@journey.example")
    assert letter["Subject"] == "Thank you"
    assert "It was worth the wait." in body_of(letter).text_content()
    at_the_end = [("campaign_id", "=", campaign), ("state_id.name", "=", "End")]
    wait_until(lambda: not marta.count("flow.participant", at_the_end), "end", seconds=PATIENCE)
    open_board(page)
    expect(column(page, "End")).to_contain_text("Petra Patient")
    hand.look("board")
    page.locator(".o_kanban_record", has_text="Petra Patient").click()
    expect(page.locator(".o_flow_timeline")).to_contain_text("Entered “Thanked”")
    hand.look("timeline")


def who_waits(marta, name):
    """Return a running campaign with a person in its state “Waiting room”."""
    audience = make_audience(marta, "Who waits", name)
    campaign = marta.create("flow.campaign", {"name": "A long wait", "audience_id": audience})
    [way] = marta.search("flow.transition", [("workflow_id.campaign_id", "=", campaign)])
    [values] = marta.read("flow.transition", [("id", "=", way)], ["workflow_id", "target_id"])
    workflow = values["workflow_id"][0]
    room = marta.create("flow.state", {"workflow_id": workflow, "name": "Waiting room"})
    marta.call("flow.transition", "write", [way], {"target_id": room})
    marta.create(
        "flow.transition",
        {
            "workflow_id": workflow,
            "state_id": room,
            "target_id": values["target_id"][0],
            "trigger": "manual",
        },
    )
    let_in(marta, campaign, 1)
    inside = [("campaign_id", "=", campaign), ("state_id", "=", room)]
    wait_until(lambda: not marta.count("flow.participant", inside), "waiting", seconds=PATIENCE)
    return campaign


# -- a budget that is reached ------------------------------------------------------------------


def test_marta_raises_the_budget_and_what_waited_goes_on(campaign_server, page):
    marta, url = campaign_server.marta, campaign_server.odoo.url
    people = ["Anna Account", "Bert Budget", "Cora Cost"]
    campaign = priced(marta, people)
    hand = Hand(page, "budget")
    page.goto(f"{url}/odoo/flow.campaign/{campaign}")
    set_budget(page, "20")
    page.get_by_label("Warn, and send nothing beyond it").check()
    save(page)
    hand.look("planned")
    page.get_by_role("button", name="Launch", exact=True).click()
    expect(dialog(page)).to_contain_text("Over budget")
    hand.look("check")
    close_dialog(page, "Not yet")
    launch(page)

    waits = [("id", "=", campaign), ("awaits_budget", "=", True)]
    wait_until(lambda: not marta.count("flow.campaign", waits), "the end", seconds=PATIENCE)
    wait_until(lambda: 2 - len(letters(campaign_server)), "two letters", seconds=PATIENCE)
    page.reload()
    expect(page.locator(".alert-danger")).to_contain_text("The budget is used up")
    hand.look("used_up")

    set_budget(page, "50")
    save(page)
    wait_until(lambda: 3 - len(letters(campaign_server)), "the third one", seconds=PATIENCE)
    assert sorted(letters(campaign_server)) == [address_of(name) for name in people], "each once"
    wait_until(lambda: marta.count("flow.campaign", waits), "going on", seconds=PATIENCE)
    page.reload()
    page.get_by_role("tab", name="Budget").click()
    expect(page.locator(".o_flow_budget_figures [name=actual]")).to_contain_text("30.00")
    expect(page.locator(".alert-danger")).to_be_hidden()
    hand.look("goes_on")


def set_budget(page, amount):
    page.get_by_role("tab", name="Budget").click()
    page.locator("[name=budget_amount] input").fill(amount)
    page.locator("[name=budget_amount] input").press("Tab")


def priced(marta, people):
    """Return a campaign of one email, which costs 10 each time."""
    audience = make_audience(marta, "Who costs", *people)
    campaign = marta.create("flow.campaign", {"name": "Ten each", "audience_id": audience})
    [start] = marta.search(
        "flow.state", [("workflow_id.campaign_id", "=", campaign), ("kind", "=", "start")]
    )
    [model] = marta.search("ir.model", [("model", "=", "res.partner")])
    mailing = marta.create(
        "mailing.mailing",
        {"subject": "Dear one", "body_html": "<p>Hello</p>", "mailing_model_id": model},
        default_flow_campaign_id=campaign,
        default_reply_to_mode="update",
    )
    values = {"state_id": start, "kind": "email", "mailing_id": mailing, "unit_cost": 10}
    marta.create("flow.action", values)
    return campaign


def letters(server):
    """Return who got the email that costs, once per letter."""
    return [
        recipient
        for accepted in server.mail.messages()
        if accepted.message["Subject"] == "Dear one"
        for recipient in accepted.recipients
    ]


# -- people ------------------------------------------------------------------------------------


def address_of(name):
    return f"{name.split()[0].lower()}@journey.example"


def make_audience(marta, name, *people):
    """Return an audience of contacts with these names."""
    partners = [
        marta.create("res.partner", {"name": one, "email": address_of(one)}) for one in people
    ]
    return marta.create("flow.audience", {"name": name, "partner_ids": [(6, 0, partners)]})
