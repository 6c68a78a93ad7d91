"""The criterion “took part in an event”, where Odoo's app Events is installed."""

import os
from datetime import datetime, timedelta

import pytest

from tools import databases, places
from tools.demo import story
from tools.demo.client import Client, OdooError
from tools.odoo_server import OdooInstance

DAYS_AGO = {"Spring fair": 10, "Old fair": 400}


@pytest.fixture(scope="module")
def server(environment):
    """An Odoo with the addon and Events, and who is at work there."""
    database = environment.database_name(f"events_{os.getpid()}")
    databases.create(environment, database, [places.CORE_ADDON, "event"], demo=False, replace=True)
    try:
        with OdooInstance(environment, database, workers=0) as odoo:
            admin = Client(odoo.url, database, "admin", "admin")
            yield admin, story.marketing_user(admin)
    finally:
        databases.drop(environment, database)


@pytest.fixture(scope="module")
def people(server):
    """Ann and Bob were at the spring fair, Cleo had only registered, Dan was there years ago."""
    admin, _marta = server
    names = ("Ann", "Bob", "Cleo", "Dan", "Eve")
    values = [{"name": name, "email": f"{name.lower()}@fair.example"} for name in names]
    contacts = dict(zip(names, admin.create("res.partner", values), strict=True))
    fairs = {}
    for name, days in DAYS_AGO.items():
        begin = datetime.now() - timedelta(days=days)
        dates = {"date_begin": f"{begin:%F} 08:00:00", "date_end": f"{begin:%F} 18:00:00"}
        fairs[name] = admin.create("event.event", {"name": name, **dates})
    admin.create(
        "event.registration",
        [
            {
                "event_id": fairs["Spring fair"],
                "partner_id": contacts["Ann"],
                "email": "ann.at.work@fair.example",
                "state": "done",
            },
            # Somebody typed the address, with capitals, and no contact was chosen.
            {
                "event_id": fairs["Spring fair"],
                "name": "Robert",
                "email": " BOB@Fair.Example ",
                "state": "done",
            },
            {"event_id": fairs["Spring fair"], "partner_id": contacts["Cleo"], "state": "open"},
            {"event_id": fairs["Spring fair"], "partner_id": contacts["Eve"], "state": "cancel"},
            {"event_id": fairs["Old fair"], "partner_id": contacts["Dan"], "state": "done"},
        ],
    )
    return contacts


def audience(client, block, **values):
    """Return an audience by one block, of contacts with an address at the fair."""
    return client.create(
        "flow.audience",
        {
            "name": "At the fair",
            "use_criteria": True,
            "domain": "[('email', 'ilike', '@fair.example')]",
            "criterion_ids": [(0, 0, {"kind": "event_attended", **block})],
            **values,
        },
    )


def found(client, block, **values):
    """Return the names of those whom a block finds."""
    sample = client.call("flow.audience", "get_sample", [audience(client, block, **values)])
    return sorted(person["name"] for person in sample)


def test_events_are_a_criterion(server, people):
    admin, _marta = server
    described = admin.call("flow.criterion", "fields_get", ["kind"], ["selection"])
    assert "event_attended" in dict(described["kind"]["selection"])
    attended, registered = {"attendance": "attended"}, {"attendance": "registered"}
    for block, names in (
        ({"text": "Spring*", **attended}, ["Ann", "Bob"]),
        ({"text": "spring fair", **registered}, ["Ann", "Bob", "Cleo"]),
        ({"text": "*", **attended}, ["Ann", "Bob", "Dan"]),
        ({"text": "*", "days": 30, **attended}, ["Ann", "Bob"]),
        ({"text": "*", "side": "not", **registered}, ["Eve"]),
        ({"text": "Fair", **attended}, []),
    ):
        assert found(admin, block) == names, block


def test_addresses_on_mailing_lists_are_found_as_well(server, people):
    admin, _marta = server
    admin.create("mailing.contact", {"name": "Bobby", "email": "bob@fair.example"})
    block = {"text": "Spring*", "attendance": "attended"}
    assert found(admin, block, target_model="mailing.contact") == ["Bobby"]


def test_block_says_what_it_means_and_what_it_lacks(server):
    admin, _marta = server
    number = audience(admin, {"text": "Spring*", "days": 30})
    [block] = admin.read("flow.criterion", [("audience_id", "=", number)], ["display_name"])
    assert block["display_name"] == "Attended the event “Spring*” in the last 30 days"
    with pytest.raises(OdooError, match="Nothing is chosen yet"):
        audience(admin, {"text": " "})


def test_registrations_are_for_those_who_may_read_them(server, people):
    """Marta of marketing has no rights in Events, until somebody gives them to her."""
    admin, marta = server
    with pytest.raises(OdooError, match="You may not read what it asks for"):
        audience(marta, {"text": "*"})
    theirs = audience(admin, {"text": "*"})
    [seen] = marta.read("flow.audience", [("id", "=", theirs)], ["contact_count", "problem"])
    assert seen["contact_count"] == 0
    assert "You may not read" in seen["problem"]
    desk = admin.ref("event.group_event_registration_desk")
    admin.call("res.users", "write", [marta.uid], {"group_ids": [(4, desk)]})
    assert found(marta, {"text": "Spring*", "attendance": "attended"}) == ["Ann", "Bob"]
