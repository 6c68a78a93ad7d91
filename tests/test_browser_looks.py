"""What the screens are like on a small window, on a telephone, and read from right to left."""

import pytest
from playwright.sync_api import expect

LAPTOP = {"width": 1366, "height": 768}
TABLET = {"width": 900, "height": 1100}
TELEPHONE = {"width": 390, "height": 844}
NARROW = {"width": 420}  # of the panel


@pytest.fixture
def campaign(page, campaign_server):
    """Marta's page with a new campaign, whose start has an action and a way out."""
    marta = campaign_server.marta
    [made] = marta.call("flow.campaign", "create", [{"name": "Looked at"}])
    [state] = marta.call("flow.state", "search", states_of(made, "start"))
    marta.call("flow.action", "create", [{"state_id": state, "kind": "wait", "timing": "delay"}])
    page.set_viewport_size(LAPTOP)
    page.goto(f"{campaign_server.odoo.url}/odoo/campaign-flow/{made}")
    expect(start(page).locator(".o_flow_action")).to_have_count(1)
    return page


def test_the_picture_begins_high_up_and_ends_with_the_window(campaign):
    page = campaign
    box = page.locator(".o_flow_canvas").bounding_box()
    assert box["y"] < 320
    assert box["y"] + box["height"] <= LAPTOP["height"] + 1
    assert box["width"] > 0.95 * LAPTOP["width"]


def test_a_telephone_shows_what_happens_in_a_state(campaign):
    page = campaign
    page.set_viewport_size(TELEPHONE)
    page.reload()
    start(page).wait_for()
    for button in page.locator(".o_flow_toolbar button:visible").all():
        box = button.bounding_box()
        assert 0 <= box["x"] <= TELEPHONE["width"] - box["width"]
    start(page).locator(".o_flow_name").click()
    expect(panel(page).locator("[name=action_ids] .o_data_row")).to_contain_text("Wait")
    panel(page).get_by_role("tab", name="Ways out").click()
    expect(panel(page).locator("[name=transition_ids] .o_data_row")).to_contain_text("When done")
    box = panel(page).bounding_box()
    assert (box["x"], box["y"]) == (0, 0)
    assert (box["width"], box["height"]) == (TELEPHONE["width"], TELEPHONE["height"])
    page.locator(".o_flow_panel_done").click()
    panel(page).wait_for(state="detached")


def test_the_panel_leaves_the_words_of_ways_out_their_room(campaign):
    page = campaign
    start(page).locator(".o_flow_name").click()
    panel(page).get_by_role("tab", name="Ways out").click()
    words = panel(page).locator("[name=transition_ids] .o_data_row [name=display_name]")
    assert words.bounding_box()["width"] > NARROW["width"] / 2
    assert words.evaluate("cell => cell.scrollWidth <= cell.clientWidth")


def test_cards_and_rows_go_where_the_pointer_is_from_right_to_left(campaign):
    page = campaign
    page.set_viewport_size(TABLET)
    read_from_right_to_left(page)
    expect(start(page)).to_have_attribute("dir", "rtl")
    page.locator("[name=full]").click()

    end = card(page, "End")
    before = end.bounding_box()
    held = (before["x"] + 60, before["y"] + 20)
    pull(page, held, (held[0] + 100, held[1] + 200))
    page.wait_for_function("() => !document.querySelector('.o_flow_dragged')")
    after = end.bounding_box()
    assert after["x"] == pytest.approx(before["x"] + 100, abs=12)
    assert after["y"] == pytest.approx(before["y"] + 200, abs=12)

    start(page).hover()
    pull(page, middle(start(page).locator(".o_flow_card_port")), middle(end))
    expect(panel(page).locator(".o_form_view")).to_be_visible()
    assert panel(page).bounding_box()["x"] < 2  # where lines end
    edge = start(page).bounding_box()["x"]
    assert edge >= panel(page).bounding_box()["width"]  # not below the panel
    page.locator(".o_flow_panel_done").click()
    panel(page).wait_for(state="detached")

    ways = start(page).locator(".o_flow_way")
    expect(ways).to_have_count(2)
    first, second = (way.get_attribute("data-key") for way in ways.all())
    below = ways.nth(1).bounding_box()
    ways.nth(0).hover()
    grip = middle(ways.nth(0).locator(".o_flow_grip"))
    pull(page, grip, (below["x"] + 40, below["y"] + below["height"] - 3))
    expect(ways.nth(0)).to_have_attribute("data-key", second)
    expect(ways.nth(1)).to_have_attribute("data-key", first)


# -- Marta's screen --------------------------------------------------------------------------


def read_from_right_to_left(page):
    """Have the page read like one in Arabic; it needs neither the language nor `rtlcss`."""

    def turned(route):
        address, _, _hash = route.request.url.partition("?")
        answer = route.fetch(url=f"{address}?lang=en_US")
        texts = answer.json()
        texts["lang_parameters"]["direction"] = "rtl"
        route.fulfill(response=answer, json={**texts, "hash": "turned"})

    page.route("**/web/webclient/translations*", turned)
    page.reload()
    # What `rtlcss` turns in Odoo's own style sheets.
    turned_too = ".o_web_client, .o_action_manager, .o_content, .o_view_controller"
    page.add_style_tag(content=f"{turned_too} {{ direction: rtl !important }}")


def states_of(campaign, kind):
    return [("workflow_id.campaign_id", "=", campaign), ("kind", "=", kind)]


def card(page, name):
    return page.locator(".o_flow_card", has=page.locator(".o_flow_name", has_text=name))


def start(page):
    return card(page, "Start")


def panel(page):
    return page.locator(".o_flow_panel")


def pull(page, begin, end):
    page.mouse.move(*begin)
    page.mouse.down()
    page.mouse.move((begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2, steps=4)
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
