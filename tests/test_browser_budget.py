"""A budget in a real browser: planned, spent, and each figure opened."""

import openpyxl
from playwright.sync_api import expect

from tests.marta import new_campaign


def test_marta_plans_a_budget_and_opens_its_figures(page):
    new_campaign(page, "Spring flyers")
    page.get_by_role("tab", name="Budget").click()
    expect(page.locator(".o_flow_budget_figures")).to_contain_text("No budget is set")

    add_row(page, "budget_line_ids", "Add a budget line", "Printing", "1200")
    expect(card(page, "planned")).to_contain_text("1,200.00")
    add_row(page, "cost_ids", "Add a cost", "Paper", "300")
    page.locator(".o_form_button_save").click()
    page.locator("[name=cost_ids] [name=action_confirm]").click()
    expect(card(page, "actual")).to_contain_text("300.00")
    expect(card(page, "available")).to_contain_text("900.00")
    expect(page.locator(".o_flow_budget_figures")).to_contain_text("25 % of the budget")

    card(page, "available").click()
    rows = page.locator(".o_list_view .o_data_row")
    expect(rows).to_have_count(2)
    expect(page.locator(".o_list_footer").first).to_contain_text("900.00")
    rows.filter(has_text="Paper").locator("[name=date]").click()
    expect(page.locator(".o_form_view .oe_title [name=name]")).to_contain_text("Paper")

    page.get_by_role("link", name="Spring flyers").first.click()
    page.get_by_role("tab", name="Budget").click()
    page.get_by_role("button", name="Plan and costs by activity").click()
    expect(page.locator("div.o_pivot")).to_contain_text("Planned")
    with page.expect_download() as sheet:
        page.locator(".o_pivot_download").click()
    with sheet.value.path().open("rb") as file:
        rows = list(openpyxl.load_workbook(file).active.iter_rows(values_only=True))
    assert {-300, 1200} <= {value for row in rows for value in row}


def add_row(page, field, button, name, amount):
    page.get_by_role("button", name=button).click()
    row = page.locator(f"[name={field}] .o_selected_row")
    row.locator("[name=name] input").fill(name)
    row.locator("[name=amount] input").fill(amount)
    row.locator("[name=amount] input").press("Tab")


def card(page, figure):
    return page.locator(f".o_flow_budget_figures button[name={figure}]")
