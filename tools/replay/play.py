"""What happens in the replay: customers come in, are written to, visit the shop, and order."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import requests

from tools.console import Progress, SetupError, say
from tools.demo import importer, recipients
from tools.demo.client import Client, wait_until
from tools.demo.contacts import Contacts, Person
from tools.demo.stage import Stage
from tools.replay import campaign
from tools.replay.experiment import Customer, Experiment
from tools.smtp_sink import SmtpSink

IN_FLIGHT = "marketing_campaign_flow.messages_in_flight"
EVENTS_PER_REQUEST = 1000
ORDERS_PER_CALL = 100
READERS = 4
TIMEOUT = 120


def play(admin: Client, marta: Client, mail: SmtpSink, experiment: Experiment) -> int:
    """Play the experiment and return the id of its campaign, measured.

    :param marta: who may work with campaigns, contacts and orders
    """
    _stop_others(marta)
    admin.call("ir.config_parameter", "set_param", IN_FLIGHT, "8")  # as where much is sent
    importer.import_contacts(marta, _contacts(experiment))
    before = max((accepted.number for accepted in mail.spool.messages()), default=0)
    ours = campaign.build(marta, experiment)
    stage = Stage(admin, marta, mail, ours)
    stage.set_clock(0)  # an interrupted replay may have moved it
    marta.call("flow.campaign", "action_launch", [ours])
    mailed = experiment.of(*experiment.emails)
    _wait(admin, "e-mails go out", len(mailed), "flow.step", ours, ("status", "=", "done"))
    _check_messages(mail, before, mailed)
    _visit_by_link(mail, before, [one for one in mailed if one.visited])
    visitors = [one for one in experiment.of(experiment.control) if one.visited]
    _visit_untold(marta, visitors)
    _order(admin, marta, experiment, [one for one in experiment.customers if one.ordered])
    buyers = len([one for one in mailed if one.ordered])
    _wait(admin, "they reach the goal", buyers, "flow.participant", ours, ("end_kind", "=", "goal"))

    stage.pass_days(campaign.DAYS + 1)
    with Progress("measuring"):
        marta.call("flow.campaign", "action_measure_effect", [ours])
    marta.call("flow.campaign", "action_stop", [ours])
    stage.set_clock(0)
    return ours


def _stop_others(marta: Client) -> None:
    """Stop what interrupted replays have left: it would write to the same addresses."""
    replays = [("name", "like", campaign.NAME), ("status", "in", ("running", "paused"))]
    left = marta.search("flow.campaign", replays)
    if left:
        marta.call("flow.campaign", "action_stop", left)


def _wait(admin: Client, title: str, expected: int, model: str, campaign_id: int, leaf) -> None:
    """Wait until there are as many records of the campaign as there have to be."""
    domain = [("campaign_id", "=", campaign_id), leaf]
    wait_until(lambda: max(expected - admin.count(model, domain), 0), title, total=expected)


def _contacts(experiment: Experiment) -> Contacts:
    people = [
        Person(
            {
                "name": f"Customer {one.number:05d}",
                "email": one.address,
                "category_id": campaign.tag_of(experiment, one.arm),
            }
        )
        for one in experiment.customers
    ]
    return Contacts(experiment.label, f"replay_{experiment.key}", people)


def _check_messages(mail: SmtpSink, before: int, mailed: list[Customer]) -> None:
    """Every customer of an arm with an e-mail has got one, and nobody else any."""
    received = [accepted.recipients[0] for accepted in mail.spool.messages(after=before)]
    expected = {one.address for one in mailed}
    if len(received) != len(expected) or set(received) != expected:
        raise SetupError(
            f"{len(received)} e-mails were received, by {len(set(received))} people; it should be"
            f" one each for {len(expected)}."
        )
    say(f"  {len(received)} e-mails were received by the mail server, one for each customer")


def _visit_by_link(mail: SmtpSink, before: int, visitors: list[Customer]) -> None:
    """Those who were written to follow the link that they find in their message."""
    addresses = {one.address for one in visitors}
    letters = (
        accepted.message
        for accepted in mail.spool.messages(after=before)
        if accepted.recipients[0] in addresses
    )
    with (
        Progress("visits by the links of the messages", len(visitors)) as progress,
        ThreadPoolExecutor(READERS) as readers,
    ):
        for done, _ in enumerate(readers.map(recipients.click, letters), start=1):
            progress.update(done)


def _visit_untold(marta: Client, visitors: list[Customer]) -> None:
    """Of the visits of all others another program tells."""
    key = _api_key(marta)
    told = 0
    with Progress("visits of the control group, told by the shop", len(visitors)) as progress:
        for some in _batches(visitors, EVENTS_PER_REQUEST):
            events = [
                {"kind": "custom", "email": one.address, "detail": campaign.VISIT} for one in some
            ]
            answer = requests.post(
                f"{marta.url}/flow/api/events",
                json={"events": events},
                headers={"Authorization": f"Bearer {key}"},
                timeout=TIMEOUT,
            )
            answer.raise_for_status()
            told += answer.json()["accepted"]
            progress.update(told)
    if told != len(visitors):
        raise SetupError(f"{told} of {len(visitors)} visits were taken in.")


def _api_key(marta: Client) -> str:
    """Make a key for the shop, as in Marta's preferences."""
    about = {"name": "Shop", "duration": "1"}
    wizard = marta.create("res.users.apikeys.description", about)
    shown = marta.call("res.users.apikeys.description", "make_key", [wizard])
    if shown["res_model"] == "res.users.identitycheck":
        password = {"password": marta.login}
        shown = marta.call(
            "res.users.identitycheck", "run_check", [shown["res_id"]], context=password
        )
    return shown["context"]["default_key"]


def _order(admin: Client, marta: Client, experiment: Experiment, buyers: list[Customer]) -> None:
    """Those who ordered do so again, for the same amount."""
    goods = {"name": f"Goods {experiment.key}", "type": "service", "taxes_id": [(5,)]}
    product = admin.create("product.product", goods)
    # Earlier replays may have left contacts with these addresses.
    tags = list({campaign.tag_of(experiment, one.arm) for one in buyers})
    addresses = [one.address for one in buyers]
    domain = [("email_normalized", "in", addresses), ("category_id.name", "in", tags)]
    partners = {
        row["email_normalized"]: row["id"]
        for row in marta.read("res.partner", domain, ["email_normalized"])
    }
    with Progress("orders", len(buyers)) as progress:
        done = 0
        for some in _batches(buyers, ORDERS_PER_CALL):
            orders = marta.create(
                "sale.order",
                [
                    {
                        "partner_id": partners[one.address],
                        "order_line": [(0, 0, {"product_id": product, "price_unit": one.spent})],
                    }
                    for one in some
                ],
            )
            marta.call("sale.order", "action_confirm", orders)
            done += len(some)
            progress.update(done)


def _batches(items: list, size: int) -> Iterable[list]:
    return (items[start : start + size] for start in range(0, len(items), size))
