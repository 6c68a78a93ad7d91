"""Pictures of the guided work: a template is taken, checked, simulated and walked through."""

TEMPLATE, NAME = "Newsletter with reminder", "News of the month"
AUDIENCE = "Demo customers"


def template_use(page) -> None:
    _use(page, "Welcome series")


def launch_check(page) -> None:
    page.click(".o_kanban_record:has-text('Autumn fair')")  # for nobody yet
    page.click("button[name=action_check]")
    page.wait_for_selector(".modal:has-text('Not ready yet')")
    page.mouse.move(5, 5)  # away from what explains itself


def simulation(page) -> None:
    _use(page, TEMPLATE)
    page.fill(".modal [name=name] input", NAME)
    audience = page.locator(".modal [name=audience_id] input")
    audience.fill("")  # that of the last campaign is proposed
    audience.press_sequentially(AUDIENCE)
    page.click(f".o-autocomplete--dropdown-item:has-text('{AUDIENCE}') >> nth=0")
    page.click(".modal button:has-text('Create the campaign')")
    page.click("button[name=action_simulate]")
    page.wait_for_selector(".modal .o_flow_outlook canvas")
    page.wait_for_timeout(1500)  # the lines grow


def trial(page) -> None:
    """Of the campaign that was simulated: its first reader opens the newsletter."""
    page.click(f".o_kanban_record:has-text('{NAME}')")
    page.click("button[name=action_test_run]")
    _wait_for_walk(page)
    page.click("button[name=next]")
    _wait_for_walk(page)
    page.click("button[name=opened]")
    _wait_for_walk(page)


def _wait_for_walk(page) -> None:
    page.wait_for_selector(".o_flow_trial_page[aria-busy=false]")


def _use(page, template) -> None:
    page.click(".o_menu_sections >> text=Campaigns")
    page.click(".o-dropdown--menu >> text=New from Template")
    page.click(f".o_kanban_record:has-text('{template}') button:has-text('Use')")
    page.wait_for_selector(".modal .o_form_view svg")
