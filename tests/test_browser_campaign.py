"""A campaign built with lists and forms, from the first click to the check, in a real browser."""

from tests.marta import (
    add_state,
    add_way_out_after_days,
    add_way_out_on_event,
    check,
    create_audience,
    new_campaign,
    open_state,
    remove_way_out,
    save_state,
    ways_out,
    write_email_in_state,
)

READER = ("Rita Reader", "rita@example.com")
SUBJECT = "See you at the fair"
TEXT = "Come and see us in hall 5."


def test_marta_builds_a_campaign_with_lists_and_forms(campaign_server, page):
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


def create_reader(server):
    name, email = READER
    server.marta.create("res.partner", {"name": name, "email": email})
