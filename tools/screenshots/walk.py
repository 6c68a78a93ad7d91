"""Pictures of the walk of a newcomer: a campaign from a template, and one from an empty page.

The walk makes campaigns, so it is taken on a fresh demo, after the pictures of the screens.
"""

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tools.console import say

COLORS = 128
GUESTS = "Guests of the summer party"
DIALOG = ".modal:not(.o_inactive_modal)"
STILL = "* { transition: none !important; }"


class Walk:
    """Takes a picture of each step, of the whole screen or of a part of it."""

    def __init__(self, page, folder: Path):
        self.page, self.folder = page, folder

    def look(self, name: str, part: str = "") -> None:
        self.page.wait_for_timeout(700)  # pictures of people
        path = self.folder / f"guide_{name}.png"
        if part:
            self.page.locator(part).last.screenshot(path=path)
        else:
            self.page.screenshot(path=path)
        with Image.open(path) as taken:
            small = taken.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
        small.save(path, optimize=True)
        say(f"  {path}")

    def board(self) -> None:
        self.page.click(".o_menu_sections >> text='Campaigns'")
        self.page.click(".o-dropdown--menu >> text='Campaigns'")
        self.page.wait_for_selector(".o_kanban_record:not(.o_kanban_ghost)")

    def button(self, text: str, within: str = "body") -> None:
        scope = self.page.locator(within).last
        scope.get_by_role("button", name=text, exact=True).first.click()


def take(page, url: str, folder: Path) -> None:
    """Walk, and keep the pictures in the folder."""
    page.goto(f"{url}/odoo/campaign-flow")
    page.add_style_tag(content=STILL)
    walk = Walk(page, folder)
    steps: tuple[Callable, ...] = (_audience, _from_template, _welcome, _from_nothing)
    for step in steps:
        walk.board()
        step(walk)


def _audience(walk: Walk) -> None:
    """An audience of three guests, made in its own menu."""
    page = walk.page
    page.click(".o_menu_sections >> text=Audiences")
    page.click(".o_list_button_add")
    page.fill("[name=name] input", GUESTS)
    for name in ("Ada García", "Ada Lindqvist", "Ada Müller"):
        page.fill("[name=shown_partner_ids] input >> nth=0", name)
        page.click(f".o-autocomplete--dropdown-item:has-text('{name}')")
        page.wait_for_selector(".o-autocomplete--dropdown-menu", state="detached")
    walk.look("audience")
    page.click(".o_form_button_save")
    page.wait_for_selector("button[name=action_use_in_campaign]:visible")


def _use(walk: Walk, template: str) -> None:
    page = walk.page
    page.click(".o_menu_sections >> text='Campaigns'")
    page.click(".o-dropdown--menu >> text=New from Template")
    page.wait_for_selector(".o_kanban_record svg")
    page.click(f".o_kanban_record:has-text('{template}') button:has-text('Use this template')")
    page.wait_for_selector(f"{DIALOG} svg")


def _from_template(walk: Walk) -> None:
    page = walk.page
    page.click(".o_menu_sections >> text='Campaigns'")
    walk.look("menu")
    page.click(".o-dropdown--menu >> text=New from Template")
    page.wait_for_selector(".o_kanban_record svg")
    walk.look("gallery")
    page.click(".o_kanban_record:has-text('Re-engagement') button:has-text('Use this template')")
    page.wait_for_selector(f"{DIALOG} svg")
    page.fill(f"{DIALOG} [name=name] input", "We miss you")
    page.fill(f"{DIALOG} [name=audience_id] input", GUESTS)
    page.click(f".o-autocomplete--dropdown-item:has-text('{GUESTS}')")
    walk.look("use", f"{DIALOG} .modal-content")
    walk.button("Create the campaign", DIALOG)
    page.wait_for_selector(".o_form_view .o_flow_card")
    walk.look("campaign")
    page.click(".o_flow_action .o_flow_row_button >> nth=0")
    page.wait_for_selector(".o_flow_panel [name=mailing_id]")
    walk.look("panel")
    page.click(".o_flow_panel_close")
    walk.button("Launch")
    page.wait_for_selector(f"{DIALOG} .o_flow_when")
    walk.look("check", f"{DIALOG} .modal-content")
    walk.button("Launch", DIALOG)
    page.wait_for_selector(".ribbon:has-text('Running')")
    _until(page, "[name=next_message]")
    walk.look("running")


def _until(page, selector: str) -> None:
    """Load the page anew until something shows on it."""
    for _look in range(20):
        page.wait_for_selector(".o_form_view .o_flow_card")
        if page.locator(selector).count():
            return
        page.wait_for_timeout(1000)
        page.reload()


def _welcome(walk: Walk) -> None:
    """A template that waits for subscribers, of a mailing list that nobody has made."""
    page = walk.page
    _use(walk, "Welcome series")
    walk.button("Create the campaign", DIALOG)
    page.wait_for_selector(".o_form_view .o_flow_card")
    page.click(".o_notebook a[name=audience]")
    page.click("[name=entry_ids] .o_data_row .o_data_cell >> nth=1")
    page.fill(f"{DIALOG} [name=event_detail] input", "Garden club")
    page.click(f"{DIALOG} footer .btn-primary")
    page.wait_for_selector(".modal", state="detached")
    walk.button("Check")
    page.wait_for_selector(f"{DIALOG} .o_flow_finding")
    walk.look("list", f"{DIALOG} .modal-content")
    walk.button("Not yet", DIALOG)


def _from_nothing(walk: Walk) -> None:
    page = walk.page
    page.click(".o-kanban-button-new")
    page.fill(".o_kanban_quick_create [name=name] input", "Summer party")
    page.fill(".o_kanban_quick_create [name=audience_id] input", GUESTS)
    page.click(f".o-autocomplete--dropdown-item:has-text('{GUESTS}')")
    walk.look("new", ".o_kanban_group >> nth=0")
    page.click(".o_kanban_quick_create .o_kanban_edit")
    page.wait_for_selector(".o_form_view .o_flow_card")
    walk.look("empty")
    page.hover(".o_flow_card:has-text('Start')")
    page.click(".o_flow_card:has-text('Start') .o_flow_add_action")
    page.click(f"{DIALOG} [name=kind] input")
    walk.look("kinds", f"{DIALOG} .modal-content")
    page.click(".o_select_menu_item:has-text('Send email') >> nth=0")
    page.fill(f"{DIALOG} [name=mailing_id] input", "Come to our party")
    page.click(".o-autocomplete--dropdown-item:has-text('Create and edit')")
    page.click(f"{DIALOG} >> text=Plain Text")
    paper = page.frame_locator(f"{DIALOG} iframe").first.locator(".odoo-editor-editable")
    paper.click()
    page.keyboard.type("On the first Sunday of July we dance in the garden. Be there!")
    walk.look("email", f"{DIALOG} .modal-content")
    walk.button("Save", f"{DIALOG} footer")
    page.wait_for_selector(f"{DIALOG} [name=timing]")
    walk.look("action", f"{DIALOG} .modal-content")
    walk.button("Save", f"{DIALOG} footer")
    page.wait_for_selector(".modal", state="detached")
    walk.look("card")
    walk.button("Launch")
    page.wait_for_selector(f"{DIALOG} .o_flow_when")
    walk.button("Launch", DIALOG)
    page.wait_for_selector(".ribbon:has-text('Running')")
    _until(page, ".o_flow_rates")
    walk.look("sent")
