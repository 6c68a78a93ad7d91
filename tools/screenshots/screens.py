"""Pictures of the screens of the running demo."""

import shutil
from pathlib import Path

from tools import places
from tools.console import say
from tools.screenshots import guided, letters, walk
from tools.screenshots.browser import logged_in

PICTURES = places.REPOSITORY / "docs" / "images"
# The addon's own page, which Odoo shows in its list of apps, has some of them too.
PAGE = places.REPOSITORY / places.CORE_ADDON / "static" / "description"
ON_THE_PAGE = ("campaign", "templates", "monitor", "participants", "budget")


def take(url: str, folder: Path) -> None:
    """Take one picture per screen of the demo that runs at `url`."""
    folder.mkdir(parents=True, exist_ok=True)
    with logged_in(url) as page:
        for name, steps in SCREENS.items():
            page.goto(f"{url}/odoo/campaign-flow")
            page.wait_for_selector(".o_kanban_record:not(.o_kanban_ghost)")
            steps(page)
            page.wait_for_timeout(500)  # animations and pictures of people
            page.screenshot(path=folder / f"{name}.png")
            say(f"  {folder / name}.png")
        walk.take(page, url, folder)
    if folder == PICTURES:
        for name in ON_THE_PAGE:
            shutil.copy(folder / f"{name}.png", PAGE)


def _board(_page) -> None:
    """The board is where every round starts."""


def _campaign(page) -> None:
    page.click(".o_kanban_record:has-text('Spring collection')")
    page.wait_for_selector(".o_form_view .o_flow_card")


def _canvas(page) -> None:
    _campaign(page)
    page.click("button[name=full]")


def _canvas_panel(page) -> None:
    _canvas(page)
    page.click(".o_flow_action .o_flow_row_button >> nth=0")
    page.wait_for_selector(".o_flow_panel .o_form_view")


def _budget(page) -> None:
    _campaign(page)
    page.click(".o_notebook a[name=budget]")
    page.wait_for_selector("[name=cost_ids] .o_data_row")


def _objectives(page) -> None:
    _campaign(page)
    page.click(".o_notebook a[name=objectives]")
    page.wait_for_selector("[name=objective_ids] .o_data_row")


def _state(page) -> None:
    _campaign(page)
    page.click(".o_notebook a[name=workflow_list]")
    page.click("[name=state_ids] .o_data_row:first-child .o_data_cell[name=name]")
    page.wait_for_selector(".modal .o_form_view")


def _participants(page) -> None:
    _campaign(page)
    page.click("button[name=action_view_participants]")
    page.wait_for_selector(".o_kanban_group .o_kanban_record")


def _participant(page) -> None:
    _participants(page)
    page.click(".o_kanban_group:nth-child(4) .o_kanban_record:not(.o_kanban_ghost) >> nth=0")
    page.wait_for_selector(".o_form_view .o_notebook")


def _activity(page) -> None:
    page.click(".o_menu_sections >> text=Reporting")
    page.click(".o-dropdown--menu >> text=Campaign Activity")
    page.wait_for_selector(".o_graph_view canvas")
    page.wait_for_timeout(1000)  # the lines grow


def _monitor(page) -> None:
    page.click(".o_menu_sections >> text=Monitor")
    page.wait_for_selector(".o_content canvas")
    page.wait_for_timeout(1500)  # the lines grow


def _engine_health(page) -> None:
    page.click(".o_menu_sections >> text=Configuration")
    page.click(".o-dropdown--menu >> text=Engine Health")
    page.wait_for_timeout(2000)  # mail servers are asked


def _templates(page) -> None:
    page.click(".o_menu_sections >> text=Campaigns")
    page.click(".o-dropdown--menu >> text=New from Template")
    page.wait_for_selector(".o_kanban_record button:has-text('Use')")


def _audience(page) -> None:
    page.click(".o_menu_sections >> text=Audiences")
    page.click(".o_data_row:has-text('Readers of the newsletter') [name=name]")
    page.wait_for_selector(".o_form_view .o_notebook")


def _audience_who(page) -> None:
    _audience(page)
    page.locator(".o_notebook").evaluate("notebook => notebook.scrollIntoView()")


def _audience_use(page) -> None:
    _audience(page)
    page.click("button[name=action_use_in_campaign]:visible")
    page.fill(".modal [name=name] input", "What is new in spring")


def _audience_people(page) -> None:
    _audience(page)
    page.click(".o_notebook a[name=people]")
    page.click("button:has-text('Show a sample')")
    page.wait_for_selector(".o_flow_audience_sample td")


def _audience_by_hand(page) -> None:
    _audience(page)
    page.click("button[name=action_view_people]:has-text('Take people')")
    page.click(".o_facet_remove")
    page.wait_for_selector(".o_data_row")


def _criteria(page) -> None:
    page.click(".o_menu_sections >> text=Audiences")
    page.click(".o_list_button_add")
    page.fill("[name=name] input", "Gardeners who have read lately")
    page.click("[name=use_criteria] input")
    _criterion(page, "Country")
    page.fill(".modal [name=country_ids] input", "United States")
    page.click(".o-autocomplete--dropdown-item:has-text('United States') >> nth=0")
    page.click(".modal .o_form_button_save")
    _criterion(page, "Email received")
    page.fill(".modal [name=days] input", "30")
    page.click(".modal .o_form_button_save")
    page.locator("[name=criterion_ids]").scroll_into_view_if_needed()


def _criterion(page, kind) -> None:
    page.click("text=Add a criterion")
    page.click(".modal [name=kind] input")
    page.click(f".o_select_menu_item:has-text('{kind}')")


SCREENS = {
    "templates": _templates,
    "campaigns": _board,
    "campaign": _campaign,
    "canvas": _canvas,
    "canvas_panel": _canvas_panel,
    "state": _state,
    "budget": _budget,
    "objectives": _objectives,
    "participants": _participants,
    "participant": _participant,
    "preview": letters.preview,
    "warnings": letters.warnings,
    "versions": letters.versions,
    "effect": letters.effect,
    "by_hand": letters.by_hand,
    "by_hand_timeline": letters.by_hand_timeline,
    "activity": _activity,
    "monitor": _monitor,
    "engine_health": _engine_health,
    "audience": _audience_who,
    "audience_use": _audience_use,
    "criteria": _criteria,
    "audience_people": _audience_people,
    "audience_by_hand": _audience_by_hand,
    "template_use": guided.template_use,
    "launch_check": guided.launch_check,
    "simulation": guided.simulation,
    "trial": guided.trial,
}
