"""Boards in a real browser: Marta drags a participant, thinks better of it, and finds a contact."""

from playwright.sync_api import expect

from tests.marta import (
    PATIENCE,
    close_dialog,
    column,
    dialog,
    let_in,
    letter_to,
    open_board,
)
from tools.demo import recipients
from tools.demo.client import wait_until

PEOPLE = ("Berta", "Boris")
SUBJECT = "A first word"
SOON = 20000  # milliseconds: as often as it takes where nobody holds a board back
WHILE = 5000  # milliseconds in which a board that nobody holds back has been loaded again
PHONE = {"width": 390, "height": 844}


def test_marta_moves_a_card_and_undoes_it(campaign_server, page):
    marta = campaign_server.marta
    campaign = make_campaign(marta)
    page.goto(f"{campaign_server.odoo.url}/odoo/flow.campaign/{campaign}")
    open_board(page)
    wait_until(lambda: len(PEOPLE) - sent(marta, campaign), "sending", seconds=PATIENCE)
    titles = page.locator(".o_kanban_group .o_column_title")
    assert titles.all_inner_texts() == ["Start", "Interested", "End"]

    drag(page, "Berta", "Interested")
    notice = page.locator(".o_notification", has_text="Berta was moved to “Interested”.")
    notice.get_by_role("button", name="Undo").click()
    expect(column(page, "Start")).to_contain_text("Berta")
    expect(column(page, "Interested")).not_to_contain_text("Berta")
    assert where(marta, campaign, "Berta") == "Start"

    drag(page, "Boris", "Interested")
    expect(column(page, "Interested")).to_contain_text("Boris")
    wait_until(lambda: where(marta, campaign, "Boris") != "Interested", "moving", seconds=PATIENCE)

    card(page, "Boris").click()
    timeline = page.locator(".o_flow_timeline")
    expect(timeline).to_contain_text("Moved by Marta Marketing")
    expect(timeline).to_contain_text("What happens next")
    timeline.locator("[data-kind=done]").get_by_role("button", name="Read it").click()
    expect(dialog(page).locator("[name=subject]")).to_have_text(SUBJECT)
    close_dialog(page, "Close")

    page.goto(f"{campaign_server.odoo.url}/odoo/campaign-flow")
    box = page.locator(".o_searchview_input")
    box.fill("boris@board.example")
    page.locator(".o_searchview_autocomplete").get_by_text("Contact").click()
    expect(page.locator(".o_kanban_record:not(.o_kanban_ghost)")).to_have_count(1)
    expect(page.locator(".o_kanban_record", has_text="Dragged about")).to_be_visible()

    page.set_viewport_size(PHONE)
    page.reload()
    page.locator(".o_kanban_record", has_text="Dragged about").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_board_and_form_follow_what_happens_elsewhere(campaign_server, page):
    """A colleague moves a contact, and readers open their emails: nobody loads the page again."""
    marta = campaign_server.marta
    campaign = make_campaign(marta, "Watched", ("Wanda", "Willy"))
    letter = letter_to(campaign_server.mail, "wanda@board.example")
    page.goto(f"{campaign_server.odoo.url}/odoo/flow.campaign/{campaign}")
    opened = page.locator("button[name=action_view_events]", has_text="Opened")
    expect(opened).to_contain_text("0%")
    recipients.open_letter(letter)
    expect(opened).to_contain_text("50%")

    open_board(page)
    expect(page.locator(".o_searchview_input")).to_be_focused()  # as Odoo opens it
    move(marta, campaign, "Willy", "Interested")
    expect(column(page, "Interested")).to_contain_text("Willy", timeout=SOON)
    card(page, "Willy").hover()
    card(page, "Willy").locator(".o_dropdown_kanban button").click()
    menu = page.locator(".o-dropdown--menu")
    move(marta, campaign, "Wanda", "Interested")
    page.wait_for_timeout(WHILE)
    expect(menu).to_be_visible()
    expect(column(page, "Start")).to_contain_text("Wanda")
    page.keyboard.press("Escape")
    expect(column(page, "Interested")).to_contain_text("Wanda")
    card(page, "Willy").focus()
    move(marta, campaign, "Wanda", "End")
    expect(column(page, "End")).to_contain_text("Wanda")
    expect(card(page, "Willy")).to_be_focused()

    page.go_back()
    ribbon = page.locator(".ribbon", has_text="Running")
    ribbon.wait_for()
    marta.call("flow.campaign", "action_pause", [campaign])
    page.locator(".ribbon", has_text="Paused").wait_for()


def move(marta, campaign, name, state):
    [run] = marta.search("flow.participant", [("campaign_id", "=", campaign), ("name", "=", name)])
    [target] = marta.search(
        "flow.state", [("workflow_id.campaign_id", "=", campaign), ("name", "=", state)]
    )
    marta.call("flow.participant", "action_move", [run], target)


def test_lists_show_who_and_where_on_a_small_screen(campaign_server, page):
    campaign = make_campaign(campaign_server.marta)
    page.goto(f"{campaign_server.odoo.url}/odoo/flow.campaign/{campaign}")
    open_board(page)
    page.locator(".o_switch_view.o_list").click()
    page.locator(".o_data_row", has_text="berta@board.example").wait_for()
    assert not cut_off(page, "name", "email_key", "state_id", "status", "entered_at")

    page.goto(f"{campaign_server.odoo.url}/odoo/campaign-flow?view_type=list")
    page.locator(".o_data_row", has_text="Dragged about").first.wait_for()
    assert not cut_off(page, "name", "phase_id", "status", "user_id")

    [berta, *_others] = campaign_server.marta.search("res.partner", [("name", "=", "Berta")])
    page.goto(f"{campaign_server.odoo.url}/odoo/res.partner/{berta}")
    page.get_by_role("tab", name="Campaigns").click()
    page.locator(".o_data_row", has_text="Dragged about").first.wait_for()
    assert not cut_off(page, "campaign_id", "state_id", "status", "end_kind", "started_at")


def cut_off(page, *fields):
    """Return the texts of the cells of a list that do not fit in."""
    cells = page.locator(", ".join(f".o_data_row td[name={field}]" for field in fields))
    assert cells.count() >= len(fields)
    is_cut = """cells => cells.filter((cell) => [cell, ...cell.querySelectorAll("*")].some(
        (one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth)).map(
        (cell) => cell.innerText)"""
    return cells.evaluate_all(is_cut)


def make_campaign(marta, title="Dragged about", names=PEOPLE):
    """Return a running campaign of three states whose people wait for a person."""
    people = [
        marta.create("res.partner", {"name": name, "email": f"{name.lower()}@board.example"})
        for name in names
    ]
    audience = marta.create("flow.audience", {"name": title, "partner_ids": people})
    campaign = marta.create("flow.campaign", {"name": title, "audience_id": audience})
    [way] = marta.search("flow.transition", [("workflow_id.campaign_id", "=", campaign)])
    marta.call("flow.transition", "write", [way], {"trigger": "manual"})
    [start] = marta.search(
        "flow.state", [("workflow_id.campaign_id", "=", campaign), ("kind", "=", "start")]
    )
    [end] = marta.search(
        "flow.state", [("workflow_id.campaign_id", "=", campaign), ("kind", "=", "done")]
    )
    [workflow] = marta.search("flow.workflow", [("campaign_id", "=", campaign)])
    interested = marta.create(
        "flow.state",
        {"workflow_id": workflow, "name": "Interested", "kind": "normal", "sequence": 5},
    )
    marta.call("flow.state", "write", [start], {"sequence": 1})
    marta.call("flow.state", "write", [end], {"sequence": 9})
    for source, target in ((start, interested), (interested, end)):
        marta.create(
            "flow.transition",
            {
                "workflow_id": workflow,
                "state_id": source,
                "target_id": target,
                "trigger": "manual",
            },
        )
    [model] = marta.search("ir.model", [("model", "=", "res.partner")])
    email = marta.create(
        "mailing.mailing",
        {
            "subject": SUBJECT,
            "body_html": "<p>Hello</p>",
            "mailing_model_id": model,
            "flow_campaign_id": campaign,
        },
    )
    marta.create("flow.action", {"state_id": start, "kind": "email", "mailing_id": email})
    let_in(marta, campaign, len(names))
    return campaign


def sent(marta, campaign):
    """Return how many emails the campaign has sent."""
    return marta.count("flow.step", [("campaign_id", "=", campaign), ("status", "=", "done")])


def where(marta, campaign, name):
    """Return the name of the state that somebody is in."""
    [run] = marta.search("flow.participant", [("campaign_id", "=", campaign), ("name", "=", name)])
    [values] = marta.call("flow.participant", "read", [run], ["state_id"])
    return values["state_id"][1]


def card(page, name):
    return page.locator(".o_kanban_record", has_text=name)


def drag(page, name, state):
    """Drag a card as a hand does: Odoo waits for the pointer to move some way."""
    card(page, name).hover()
    page.mouse.down()
    target = column(page, state).bounding_box()
    x, y = target["x"] + target["width"] / 2, target["y"] + 150
    page.mouse.move(x - 20, y, steps=12)
    page.mouse.move(x, y, steps=4)
    page.mouse.up()
