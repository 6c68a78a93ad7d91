"""What Marta of marketing clicks in her browser, and what her readers do with their letters."""

import re

import lxml.html
from playwright.sync_api import expect

from tools.demo.client import wait_until
from tools.demo.story import MARKETING_LOGIN

# Seconds for what Odoo does between two clicks or in its scheduled jobs; on a slow machine, too.
PATIENCE = 120.0

# -- Marta's clicks ------------------------------------------------------------------------


def log_in(page, odoo):
    """Log Marta in without the page that asks for the password, and open her campaigns."""
    who = {"db": odoo.database, "login": MARKETING_LOGIN, "password": MARKETING_LOGIN}
    answer = page.request.post(
        f"{odoo.url}/web/session/authenticate", data={"jsonrpc": "2.0", "params": who}
    )
    assert answer.json()["result"]["uid"], answer.text()
    page.goto(f"{odoo.url}/odoo/campaign-flow")
    page.wait_for_selector(".o_kanban_group:nth-child(4)")


def new_campaign(page, name):
    page.get_by_role("button", name="New").click()
    card = page.locator(".o_kanban_quick_create")
    card.locator("[name=name] input").fill(name)
    card.locator(".o_kanban_edit").click()
    page.wait_for_selector(".o_form_view .o_flow_card")
    page.get_by_role("tab", name="List").click()
    page.wait_for_selector(".o_form_view [name=state_ids] .o_data_row")


def create_audience(page, name, contact):
    type_into_many2one(page, "audience_id", name)
    pick(page, "Create and edit...")
    type_into_many2one(dialog(page), "shown_partner_ids", contact)
    pick(page, contact)
    dialog(page).locator(".alert", has_text=re.compile(r"audience:\s*1")).wait_for()
    close_dialog(page, "Save")


def add_state(page, name, kind):
    page.locator("[name=state_ids]").get_by_role("button", name="Add a state").click()
    dialog(page).locator(".oe_title [name=name] input").fill(name)
    select(page, "kind", kind)
    close_dialog(page, "Save")
    page.locator("[name=state_ids] .o_data_row", has_text=name).wait_for()


def open_state(page, name):
    page.get_by_role("tab", name="List", exact=True).click()
    page.locator("[name=state_ids] .o_data_row [name=name]", has_text=name).first.click()
    dialog(page).wait_for()


def write_email_in_state(page, subject, text):
    dialog(page).get_by_role("button", name="Add an action").click()
    dialog(page).locator("[name=timing]").wait_for()  # the state behind it has a kind, too
    select(page, "kind", "Send email")
    type_into_many2one(dialog(page), "mailing_id", subject)
    pick(page, "Create and edit...")
    editor = dialog(page)
    editor.get_by_text("Plain Text").click()
    paper = editor.frame_locator("iframe").first.locator(".odoo-editor-editable")
    paper.click()
    page.keyboard.type(text)
    paper.get_by_text(text).wait_for()
    close_dialog(page, "Save")
    close_dialog(page, "Save & Close")


def ways_out(page):
    dialog(page).get_by_role("tab", name="Ways out").click()


def remove_way_out(page, words):
    row = dialog(page).locator("[name=transition_ids] .o_data_row", has_text=words)
    row.locator(".o_list_record_remove").click()
    row.wait_for(state="detached")


def add_way_out_on_event(page, event, target):
    dialog(page).get_by_role("button", name="Add a way out").click()
    select(page, "event_kind", event)
    lead_to(page, target)


def add_way_out_after_days(page, target):
    dialog(page).get_by_role("button", name="Add a way out").click()
    dialog(page).locator("[name=trigger]").get_by_label("Time has passed").check()
    lead_to(page, target)


def lead_to(page, target):
    type_into_many2one(dialog(page), "target_id", target)
    pick(page, target)
    close_dialog(page, "Save & Close")


def save_state(page):
    close_dialog(page, "Save")
    save(page)


def check(page, words):
    page.get_by_role("button", name="Check", exact=True).click()
    dialog(page).get_by_text(words).first.wait_for()
    close_dialog(page, "Not yet")


def launch(page):
    page.get_by_role("button", name="Launch").click()
    dialog(page).get_by_role("button", name="Launch").click()
    page.locator(".ribbon", has_text="Running").wait_for()


def open_board(page):
    page.click("button[name=action_view_participants]")
    page.wait_for_selector(".o_kanban_group .o_kanban_record")


def column(page, title):
    return page.locator(".o_kanban_group", has=page.locator(".o_column_title", has_text=title))


# -- the web client's controls -------------------------------------------------------------


def dialog(page):
    """The dialog on top."""
    return page.locator(".modal:not(.o_inactive_modal)").last


def close_dialog(page, button):
    """Press the button of the dialog on top and wait until there is one dialog less."""
    dialogs = page.locator(".modal")
    above = dialogs.nth(dialogs.count() - 1)
    dialog(page).locator("footer").get_by_role("button", name=button, exact=True).click()
    above.wait_for(state="detached")


def type_into_many2one(scope, field, text):
    scope.locator(f"[name={field}] input").first.fill(text)


def pick(page, text):
    page.locator(".o-autocomplete--dropdown-item").get_by_text(text, exact=True).first.click()
    page.locator(".o-autocomplete--dropdown-menu").wait_for(state="detached")


def select(page, field, label):
    box = dialog(page).locator(f"[name={field}] input")
    box.click()
    page.locator(".o_select_menu_item").get_by_text(label, exact=True).click()
    expect(box).to_have_value(label)


def save(page):
    page.locator(".o_form_button_save").click()
    page.locator(".o_form_status_indicator_buttons.invisible").wait_for(state="attached")


# -- without the screens ---------------------------------------------------------------------


def let_in(marta, campaign, number):
    """Launch a campaign by its API and wait until so many people are on their way in it."""
    marta.call("flow.campaign", "action_launch", [campaign])
    came_in = [("campaign_id", "=", campaign), ("status", "=", "active")]
    wait_until(
        lambda: number - marta.count("flow.participant", came_in), "coming in", seconds=PATIENCE
    )


# -- the reader ----------------------------------------------------------------------------


def letter_to(mail, address):
    """Wait for the message to this address and return it, parsed."""

    def found():
        return [letter for letter in mail.messages() if address in letter.recipients]

    wait_until(lambda: not found(), "the letter", seconds=PATIENCE)
    [accepted] = found()
    return accepted.message


def body_of(letter):
    return lxml.html.fromstring(letter.get_body(("html",)).get_content())
