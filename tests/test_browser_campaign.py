"""A campaign from the first click to a reader's reaction, in a real browser."""

from playwright.sync_api import expect

from tests.marta import (
    PATIENCE,
    add_state,
    add_way_out_after_days,
    add_way_out_on_event,
    body_of,
    check,
    column,
    create_audience,
    launch,
    letter_to,
    load_pictures,
    new_campaign,
    open_board,
    open_state,
    remove_way_out,
    save_state,
    ways_out,
    write_email_in_state,
)
from tools.demo.client import wait_until

READER = ("Rita Reader", "rita@example.com")
SUBJECT = "See you at the fair"
TEXT = "Come and see us in hall 5."


def test_marta_builds_a_campaign_and_its_reader_moves_on_the_board(campaign_server, page):
    create_reader(campaign_server)
    new_campaign(page, "Autumn fair")
    create_audience(page, "Fair visitors", READER[0])
    add_state(page, "Interested", kind="Goal")
    open_state(page, "Start")
    write_email_in_state(page, SUBJECT, TEXT)
    ways_out(page)
    remove_way_out(page, "When done → End")
    add_way_out_on_event(page, "Email opened", "Interested")
    add_way_out_after_days(page, "End")
    save_state(page)
    check(page, "Ready to launch")
    launch(page)

    letter = letter_to(campaign_server.mail, READER[1])
    assert letter["Subject"] == SUBJECT
    assert TEXT in body_of(letter).text_content()

    open_board(page)
    assert page.locator(".o_kanban_group .o_column_title").all_inner_texts() == [
        "Start", "Interested", "End",
    ]  # fmt: skip
    expect(column(page, "Start")).to_contain_text(READER[0])

    load_pictures(letter)
    wait_until(lambda: not has_reached(campaign_server, "Interested"), "moving", seconds=PATIENCE)
    page.reload()
    expect(column(page, "Interested")).to_contain_text(READER[0])
    expect(column(page, "Interested")).to_contain_text("Goal reached")
    expect(column(page, "Start")).not_to_contain_text(READER[0])


def create_reader(server):
    name, email = READER
    server.marta.create("res.partner", {"name": name, "email": email})


def has_reached(server, state):
    reached = [("state_id.name", "=", state), ("email_key", "=", READER[1])]
    return server.marta.count("flow.participant", reached)
