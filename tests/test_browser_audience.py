"""An audience in a real browser: made, looked at, and refined by hand."""

from playwright.sync_api import expect

from tests.marta import pick, type_into_many2one

PEOPLE = ("Petra Picked", "Paul Picked", "Pia Picked")


def test_marta_makes_an_audience_and_takes_people_in_and_out(campaign_server, page):
    for name in PEOPLE:
        address = f"{name.split()[0].lower()}@example.com"
        campaign_server.marta.create("res.partner", {"name": name, "email": address})
    open_audiences(page, campaign_server)
    page.get_by_role("button", name="New").click()
    page.locator(".oe_title [name=name] input").fill("Fair visitors")
    for name in PEOPLE[:2]:
        type_into_many2one(page, "shown_partner_ids", name)
        pick(page, name)
    expect(page.locator(".alert", has_text="In this audience")).to_contain_text("2")

    page.get_by_role("tab", name="People").click()
    expect(bar(page, "Reachable by email")).to_contain_text("2")
    page.get_by_role("button", name="Show a sample").click()
    expect(page.locator(".o_flow_audience_sample tr")).to_have_count(2)

    page.get_by_role("button", name="Take people in or out").click()
    expect(rows(page)).to_have_count(2)
    rows(page).filter(has_text=PEOPLE[1]).locator("[name=action_flow_audience_out]").click()
    expect(rows(page)).to_have_count(1)

    page.locator(".o_facet_remove").click()  # everybody, not only who is in
    expect(rows(page).nth(3)).to_be_visible()
    page.locator(".o_searchview_input").fill("Picked")
    page.locator(".o_searchview_autocomplete .dropdown-item", has_text="Name for").first.click()
    expect(rows(page)).to_have_count(3)
    expect(rows(page).filter(has_text=PEOPLE[1])).to_contain_text("Taken out by hand")
    rows(page).filter(has_text=PEOPLE[2]).locator("[name=action_flow_audience_in]").click()
    expect(rows(page).filter(has_text=PEOPLE[2])).to_contain_text("By hand in")

    page.get_by_role("link", name="Fair visitors").click()
    page.get_by_role("tab", name="People").click()
    expect(bar(page, "In the audience")).to_contain_text("2")
    page.get_by_role("button", name="Reachable by email").click()
    expect(rows(page)).to_have_count(2)
    expect(rows(page).filter(has_text=PEOPLE[2])).to_have_count(1)

    page.get_by_role("link", name="Fair visitors").click()
    use_in_a_new_campaign(page, "After the fair")
    open_audiences(page, campaign_server)
    rows(page).filter(has_text="Fair visitors").locator(".o_list_record_selector").click()
    use_in_a_new_campaign(page, "After the fair, again")
    open_audiences(page, campaign_server)
    rows(page).filter(has_text="Fair visitors").locator("[name=name]").click()
    expect(page.locator("[name=action_view_campaigns]")).to_contain_text("2")


def use_in_a_new_campaign(page, name):
    """Press the button of the audience that is shown, or marked, and fill in the dialog."""
    page.get_by_role("button", name="Use in a new campaign").click()
    page.locator(".modal [name=name] input").fill(name)
    page.get_by_role("button", name="Create the campaign").click()
    page.wait_for_selector(".o_form_view .o_flow_card")
    expect(page.locator(".o_form_view [name=audience_id] input")).to_have_value("Fair visitors")


def open_audiences(page, server):
    page.goto(f"{server.odoo.url}/odoo/action-marketing_campaign_flow.flow_audience_action")
    page.wait_for_selector(".o_list_view, .o_view_nocontent")


def rows(page):
    return page.locator(".o_list_view .o_data_row")


def bar(page, label):
    return page.locator(".o_flow_audience_preview .mb-2", has_text=label)
