"""Pictures of emails: as a contact gets them, their warnings and versions, and sent by hand."""

from tools.demo.compared import NAME

SUBJECT = "A word before the weekend"


def preview(page) -> None:
    _open_email(page)
    page.click("button[name=action_flow_preview]")
    page.frame_locator(".modal iframe").first.locator("body").wait_for()
    page.mouse.move(5, 5)  # away from what explains itself


def warnings(page) -> None:
    preview(page)
    page.click(".modal .o_notebook a:has-text('Warnings')")
    page.click(".modal button:has-text('Check links and pictures')")
    page.wait_for_selector(".modal [name=links_checked]")
    page.wait_for_selector(".modal .o_data_row")


def versions(page) -> None:
    _open_tested(page)
    page.click(".o_notebook a[name=workflow_list]")
    page.click("[name=state_ids] .o_data_row:first-child .o_data_cell[name=name]")
    page.click(".modal .o_data_row [name=display_name] >> nth=0")
    page.wait_for_selector("[name=test_arm_ids] .o_data_row")
    page.locator("[name=test_arm_ids]").scroll_into_view_if_needed()


def effect(page) -> None:
    _open_tested(page)
    page.click(".o_notebook a[name=effect]")
    page.wait_for_selector("[name=effect_in_words]")
    page.locator(".o_notebook").evaluate("notebook => notebook.scrollIntoView()")


def by_hand(page) -> None:
    page.click(".o_kanban_record:has-text('Welcome to the club')")  # which runs
    page.click("button[name=action_send_by_hand]")
    _write(page)


def by_hand_timeline(page) -> None:
    """Really send one, to somebody of the campaign that runs."""
    page.click(".o_kanban_record:has-text('Welcome to the club')")
    page.click("button[name=action_view_participants]")
    page.click(".o_kanban_group .o_kanban_record:not(.o_kanban_ghost) >> nth=0")
    page.wait_for_selector(".o_flow_timeline")
    page.click("button[name=action_send_by_hand]")
    _write(page)
    page.click(".modal footer button:has-text('Send')")
    page.wait_for_selector(".modal", state="detached")
    told = page.locator(".o_flow_timeline [data-kind=done]", has_text=SUBJECT)
    for _look in range(20):
        if told.count():
            break
        page.wait_for_timeout(1000)
        page.reload()
        page.wait_for_selector(".o_flow_timeline [data-kind]")


def _open_tested(page) -> None:
    page.click(f".o_kanban_record:has-text('{NAME}')")
    page.wait_for_selector(".o_form_view .o_notebook")


def _open_email(page) -> None:
    _open_tested(page)
    page.click("button[name=action_view_mailings]")
    page.click(".o_data_row >> nth=0 >> .o_data_cell >> nth=1")
    page.wait_for_selector("button[name=action_flow_preview]")


def _write(page) -> None:
    page.wait_for_selector(".modal .o_form_view")
    page.fill(".modal [name=subject] input", SUBJECT)
    page.click(".modal .odoo-editor-editable")
    page.keyboard.type("Hello, our new collection is here. Have a look!")
