"""The table of what happened, and the check that nothing was lost or sent twice."""

from collections import Counter

from tools.console import say
from tools.demo.campaign import Finished
from tools.demo.client import Client
from tools.demo.contacts import Contacts
from tools.smtp_sink import SmtpSink

TITLES = ("State", "In it now", "Sent", "Opened", "Clicked", "Replied", "Unsubscribed")
TRACE_FIGURES = ("sent_datetime", "open_datetime", "links_click_datetime", "reply_datetime")


def show(admin: Client, finished: Finished, mail: SmtpSink, contacts: Contacts) -> bool:
    """Print the table; return whether it agrees with what was accepted and what people did."""
    campaign_id = finished.campaign_id
    [campaign] = admin.read(
        "flow.campaign",
        [("id", "=", campaign_id)],
        ["name", "participant_count", "ended_count", "sent_count", "opened_count", "clicked_count",
         "replied_count", "unsubscribed_count", "state_ids", "cost_total", "budget_amount"],
        context={"active_test": False},
    )  # fmt: skip
    rows = [_state_row(admin, campaign_id, state) for state in campaign["state_ids"]]
    rows.append(("All", *(sum(column) for column in list(zip(*rows, strict=True))[1:])))
    say()
    say(campaign["name"])
    _print_table(rows)
    for objective in admin.read(
        "flow.objective",
        [("campaign_id", "=", campaign_id)],
        ["metric", "direction", "target", "value_in_words", "state"],
    ):
        say(
            f"  objective: {objective['metric']} {objective['direction'].replace('_', ' ')}"
            f" {objective['target']:g}: {objective['value_in_words']} ({objective['state']})"
        )
    say(f"  costs {campaign['cost_total']:g} of a budget of {campaign['budget_amount']:g}")
    _print_skipped(admin, campaign_id)
    say()
    return all(
        [_check_messages(admin, campaign, mail, contacts), _check_reactions(rows[-1], finished)]
    )


def _state_row(admin, campaign_id, state_id):
    [state] = admin.read("flow.state", [("id", "=", state_id)], ["name", "participant_count"])
    traces = [("flow_step_id.campaign_id", "=", campaign_id),
              ("flow_step_id.state_id", "=", state_id)]  # fmt: skip
    unsubscribed = admin.count(
        "flow.event",
        [("campaign_id", "=", campaign_id), ("state_id", "=", state_id),
         ("kind", "=", "unsubscribed")],
    )  # fmt: skip
    figures = [
        admin.count("mailing.trace", [*traces, (figure, "!=", False)]) for figure in TRACE_FIGURES
    ]
    return (state["name"], state["participant_count"], *figures, unsubscribed)


def _print_table(rows):
    table = [TITLES, *[tuple(map(str, row)) for row in rows]]
    widths = [max(len(row[at]) for row in table) for at in range(len(TITLES))]
    lines = [
        "  " + "  ".join(
            text.ljust(width) if at == 0 else text.rjust(width)
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in table
    ]  # fmt: skip
    rule = "  " + "-" * (len(lines[0]) - 2)
    for line in (lines[0], rule, *lines[1:-1], rule, lines[-1]):
        say(line)


def _print_skipped(admin, campaign_id):
    steps = admin.read(
        "flow.step",
        [("campaign_id", "=", campaign_id), ("status", "in", ("skipped", "failed"))],
        ["reason", "status"],
    )
    for (status, reason), times in Counter((s["status"], s["reason"]) for s in steps).items():
        say(f"  {times} step(s) {status}: {reason}")


def _check_messages(admin, campaign, mail, contacts) -> bool:
    """Compare the traces of the campaign with the messages that the mail server accepted."""
    traces = admin.read(
        "mailing.trace",
        [("flow_step_id.campaign_id", "=", campaign["id"]), ("sent_datetime", "!=", False)],
        ["message_id", "flow_step_id"],
    )
    ours = {trace["message_id"] for trace in traces}
    accepted = [m.message["Message-ID"] for m in mail.messages()]
    accepted = [message_id for message_id in accepted if message_id in ours]
    invitations = [
        ("campaign_id", "=", campaign["id"]),
        ("action_id.kind", "=", "email"),
        ("state_id.kind", "=", "start"),
        ("participant_id.email_key", "!=", False),
    ]
    invited = admin.count("flow.step", [*invitations, ("status", "=", "done")])
    # Whoever unsubscribed in an earlier run is on the blacklist and is not written to again.
    opted_out = admin.count("flow.step", [*invitations, ("status", "=", "skipped")])
    valid = len(contacts.addresses())
    everybody_ended = campaign["participant_count"] == campaign["ended_count"]
    sound = (
        len(ours) == len(traces) == len(accepted) == len(set(accepted))
        and invited + opted_out == valid
        and everybody_ended
    )
    say(
        f"  sent {len(traces)} = accepted by the mail server {len(accepted)}"
        f" (each once: {'yes' if len(accepted) == len(set(accepted)) else 'NO'});"
        f" invitations {invited}{f' + {opted_out} opted out before' if opted_out else ''}"
        f" = valid contacts {valid};"
        f" {campaign['ended_count']} of {campaign['participant_count']} participants have ended:"
        f" {'everything agrees' if sound else 'THE FIGURES DO NOT AGREE'}"
    )
    return sound


def _check_reactions(totals, finished) -> bool:
    """Compare the figures with what the recipients did."""
    did = finished.reactions
    counted = totals[3:]
    sound = counted == (did.opened, did.clicked, did.replied, did.unsubscribed)
    say(
        f"  recipients opened {did.opened}, clicked {did.clicked}, replied {did.replied},"
        f" unsubscribed {did.unsubscribed}: {'all counted' if sound else 'NOT WHAT WAS COUNTED'}"
    )
    return sound
