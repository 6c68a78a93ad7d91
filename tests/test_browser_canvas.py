"""The picture of a workflow in a real browser: built with the mouse, and with the keyboard."""

import pytest
from playwright.sync_api import expect

from tests.marta import new_campaign
from tools import places

STATES = ["Asked", "Reminded", "Won"]
WAYS = {("Asked", "Reminded", "timeout"), ("Reminded", "Won", "done")}
ODD = "<b>Größe</b> & 🎉 " + 280 * "x"


@pytest.fixture
def canvas(page):
    """Marta's canvas, with nothing on it."""
    new_campaign(page, "Drawn by hand")
    page.get_by_role("tab", name="Workflow").click()
    page.locator(".o_flow_card").first.wait_for()
    page.locator("[name=full]").click()
    return page


def test_marta_draws_a_workflow_with_the_mouse(canvas, campaign_server):
    page = canvas
    for name in ("Start", "End"):
        card(page, name).locator(".o_flow_name").click()
        page.locator(".o_flow_panel").get_by_role("button", name="Delete").click()
        card(page, name).wait_for(state="detached")
    page.get_by_role("button", name="Add the first state").click()
    name_it(page, "Asked")
    drag(page, page.locator(".o_flow_palette[data-kind=normal]"), at=(620, 260))
    name_it(page, "Reminded")
    drag(page, page.locator(".o_flow_palette[data-kind=goal]"), at=(900, 260))
    name_it(page, "Won")

    draw_arrow(page, "Asked", "Reminded")
    page.locator(".o_flow_panel").get_by_label("Time has passed").check()
    page.locator(".o_flow_panel_done").click()
    expect(card(page, "Asked")).to_contain_text("After 3 days")
    draw_arrow(page, "Reminded", "Won")
    page.locator(".o_flow_panel_done").click()
    assert drawn(campaign_server) == (STATES, WAYS)

    drag_card(page, "Won", by=(0, 180))
    expect(page.locator("[name=arrange]")).to_be_enabled()
    page.locator("[name=undo]").click()
    page.locator("[name=undo]").click()
    expect(page.locator(".o_flow_arrow")).to_have_count(1)
    page.locator("[name=redo]").click()
    expect(page.locator(".o_flow_arrow")).to_have_count(2)
    assert drawn(campaign_server) == (STATES, WAYS)
    page.screenshot(path=places.LOGS / "canvas_by_mouse.png")

    page.locator("[name=full]").click()
    page.get_by_role("tab", name="List").click()
    rows = page.locator("[name=state_ids] .o_data_row")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("After 3 days → Reminded")


def test_marta_draws_a_workflow_with_the_keyboard(canvas, campaign_server):
    page, press = canvas, canvas.keyboard.press
    page.locator(".o_flow_card").first.focus()
    press("Control+a")
    press("Delete")
    expect(page.locator(".o_flow_card")).to_have_count(0)
    press("n")
    name_it(page, "Asked")
    press("n")
    name_it(page, "Reminded")
    press("n")
    name_it(page, "Won")
    expect(page.locator(".o_flow_arrow")).to_have_count(2)

    press("Enter")  # the goal, in its own form
    kind = page.locator(".o_flow_panel [name=kind] input")
    kind.focus()
    page.keyboard.type("G")
    page.locator(".o_select_menu_item", has_text="Goal").wait_for()
    for _step in range(8):
        if page.locator(".o_select_menu_item.focus", has_text="Goal").count():
            break
        press("ArrowDown")
    press("Enter")
    expect(kind).to_have_value("Goal")
    press("Escape")
    page.locator(".o_flow_panel").wait_for(state="detached")

    press("ArrowLeft")
    press("ArrowLeft")
    expect(card(page, "Asked")).to_be_focused()
    page.locator(".o_flow_card:focus .o_flow_way .o_flow_row_button").focus()
    press("Enter")
    trigger = page.locator(".o_flow_panel [name=trigger]")
    trigger.get_by_label("All actions are done").focus()
    for label in ("By hand", "Something happens", "Time has passed"):
        press("ArrowDown")
        expect(trigger.get_by_label(label)).to_be_checked()
    page.locator(".o_flow_panel_done").focus()
    press("Enter")
    expect(card(page, "Asked")).to_contain_text("After 3 days")
    assert drawn(campaign_server) == (STATES, WAYS)

    press("Delete")
    expect(page.locator(".o_flow_card")).to_have_count(2)
    press("Control+z")
    expect(page.locator(".o_flow_card")).to_have_count(3)
    assert drawn(campaign_server) == (STATES, WAYS)
    page.screenshot(path=places.LOGS / "canvas_by_keyboard.png")


def test_a_colleague_and_odd_names(canvas, campaign_server):
    page = canvas
    card(page, "End").locator(".o_flow_name").dblclick()
    name_it(page, ODD)
    expect(page.locator(".o_flow_name", has_text="Größe")).to_have_text(ODD)
    expect(page.locator(".o_flow_canvas b")).to_have_count(0)
    expect(page.locator(".o_flow_panel [name=name] input")).to_have_value(ODD)

    workflow = workflow_id(campaign_server)
    [start] = states(campaign_server, [("kind", "=", "start")])
    campaign_server.admin.call("flow.state", "write", [start["id"]], {"name": "Colleague was here"})
    page.locator("[name=add_any]").click()
    told = page.locator(".o_notification", has_text="has changed this workflow meanwhile")
    told.wait_for()
    card(page, "Colleague was here").wait_for()
    assert not ways(campaign_server, workflow, [("state_id", "=", False)])
    told.get_by_role("button", name="Make my change all the same").click()
    page.locator(".o_flow_chip").wait_for()
    assert ways(campaign_server, workflow, [("state_id", "=", False)])


# -- Marta's hands ---------------------------------------------------------------------------


def card(page, name):
    return page.locator(".o_flow_card", has=page.locator(".o_flow_name", has_text=name))


def name_it(page, name):
    box = page.locator(".o_flow_name_input")
    box.wait_for()
    box.fill(name)
    box.press("Enter")
    box.wait_for(state="detached")
    card(page, name[:20]).wait_for()
    expect(card(page, name[:20])).to_be_focused()


def drag(page, what, at):
    what.drag_to(page.locator(".o_flow_viewport"), target_position={"x": at[0], "y": at[1]})


def draw_arrow(page, source, target):
    card(page, source).hover()
    pull(page, middle(card(page, source).locator(".o_flow_card_port")), middle(card(page, target)))
    page.locator(".o_flow_panel .o_form_view").wait_for()


def drag_card(page, name, by):
    x, y = middle(card(page, name).locator(".o_flow_name"))
    pull(page, (x, y), (x + by[0], y + by[1]))


def pull(page, start, end):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


# -- what the server has ---------------------------------------------------------------------


def workflow_id(server):
    found = [("name", "=", "Drawn by hand")]
    options = {"order": "id desc", "limit": 1}
    [campaign] = server.marta.call(
        "flow.campaign", "search_read", found, ["edited_workflow_id"], **options
    )
    return campaign["edited_workflow_id"][0]


def states(server, domain=()):
    found = [("workflow_id", "=", workflow_id(server)), *domain]
    return server.marta.call("flow.state", "search_read", found, ["name"], order="sequence")


def ways(server, workflow, domain=()):
    found = [("workflow_id", "=", workflow), *domain]
    fields = ["state_id", "target_id", "trigger"]
    return server.marta.call("flow.transition", "search_read", found, fields)


def drawn(server):
    """Return the names of the states in their order, and the ways between them."""
    found = ways(server, workflow_id(server))
    return [one["name"] for one in states(server)], {
        (one["state_id"][1], one["target_id"][1], one["trigger"]) for one in found
    }
