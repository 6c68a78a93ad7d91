"""The demo campaign, built as a person builds it: an invitation, a reminder, and what follows."""

import json
from dataclasses import asdict, dataclass

from tools.demo.client import Client
from tools.demo.contacts import Contacts
from tools.demo.recipients import Reactions

FINISHED_PARAMETER = "marketing_campaign_flow_demo.finished"

STYLE = "font-family:Arial,sans-serif;max-width:600px;margin:auto"
INVITATION = f"""
<div style="{STYLE}">
  <h2>Dear <t t-out="object.name"/>,</h2>
  <p>our spring collection is here, and you are among the first to see it.</p>
  <p><a href="https://shop.example/spring?from=invitation"
        style="background:#6f4fb0;color:#fff;padding:10px 18px;text-decoration:none">
     See the collection</a></p>
  <p>Any question? Just answer this message.</p>
  <p style="color:#888"><a href="/unsubscribe_from_list">Unsubscribe</a></p>
</div>"""
REMINDER = f"""
<div style="{STYLE}">
  <h2>Dear <t t-out="object.name"/>,</h2>
  <p>did you miss our invitation? The spring collection is open until Sunday.</p>
  <p><a href="https://shop.example/spring?from=reminder">See the collection</a></p>
  <p style="color:#888"><a href="/unsubscribe_from_list">Unsubscribe</a></p>
</div>"""


PRICE = 0.05  # of an email


@dataclass(frozen=True)
class Finished:
    """A campaign that came to its end, and what its recipients did."""

    campaign_id: int
    reactions: Reactions


def finished(admin: Client, contacts: Contacts) -> Finished | None:
    """Return what an earlier run with these contacts came to, None when there was none."""
    text = admin.call("ir.config_parameter", "get_param", f"{FINISHED_PARAMETER}.{contacts.key}")
    if not text:
        return None
    values = json.loads(text)
    return Finished(values["campaign_id"], Reactions(**values["reactions"]))


def mark_finished(admin: Client, contacts: Contacts, campaign: Finished) -> None:
    """Note that the campaign came to its end, so that the next run only shows it."""
    admin.call(
        "ir.config_parameter",
        "set_param",
        f"{FINISHED_PARAMETER}.{contacts.key}",
        json.dumps(asdict(campaign)),
    )


def discard_unfinished(marta: Client, contacts: Contacts) -> None:
    """Stop and archive what an interrupted run left."""
    ours = [("audience_id.name", "=", contacts.tag)]
    running = marta.search("flow.campaign", [*ours, ("status", "in", ("running", "paused"))])
    if running:
        marta.call("flow.campaign", "action_stop", running)
    left = marta.search("flow.campaign", ours)
    if left:
        marta.call("flow.campaign", "write", left, {"active": False})


def build(marta: Client, contacts: Contacts) -> int:
    """Build the campaign and return its id."""
    audience = marta.create(
        "flow.audience",
        {
            "name": contacts.tag,
            "use_criteria": True,
            "domain": f"[('category_id.name', '=', {contacts.tag!r})]",
        },
    )

    def category(name):
        [found] = marta.search("flow.cost.category", [("name", "=", name)])
        return {"category_id": found}

    campaign = marta.create(
        "flow.campaign",
        {
            "name": f"Spring collection ({contacts.label})",
            "audience_id": audience,
            "budget_policy": "warn",
            "budget_line_ids": [
                (0, 0, {"name": "Emails", "amount": 800, **category("Design")}),
                (0, 0, {"name": "Flyers", "amount": 600, **category("Print")}),
                (0, 0, {"name": "Sending", "amount": 100, **category("Email")}),
            ],
            "objective_ids": [
                (0, 0, {"metric": "open_rate", "target": 20}),
                (0, 0, {"metric": "conversion_rate", "target": 10}),
                (0, 0, {"metric": "unsubscribe_rate", "direction": "at_most", "target": 5}),
            ],
            "cost_ids": [
                (0, 0, {"name": "Design of the emails", "amount": 450, **category("Design")}),
                (0, 0, {"name": "Pictures", "amount": 220, **category("Design")}),
            ],
        },
    )
    marta.call(
        "flow.cost", "action_confirm", marta.search("flow.cost", [("campaign_id", "=", campaign)])
    )
    _Designer(marta, campaign).design()
    return campaign


class _Designer:
    """Draws the workflow of one campaign."""

    def __init__(self, marta: Client, campaign: int):
        self.marta = marta
        self.campaign = campaign
        [values] = marta.read(
            "flow.campaign",
            [("id", "=", campaign)],
            ["workflow_id", "utm_campaign_id", "state_ids"],
        )
        self.workflow = values["workflow_id"][0]
        self.utm_campaign = values["utm_campaign_id"][0]
        self.first_states = values["state_ids"]
        self.phases = {
            phase["name"]: phase["id"] for phase in marta.read("flow.phase", [], ["name"])
        }
        self.sequence = 0

    def design(self) -> None:
        """Replace the first states of a new workflow by the whole of it."""
        self.marta.call("flow.state", "unlink", self.first_states)
        invited = self.state("Invited", "start", "Sending")
        interested = self.state("Interested", "normal", "Sending")
        reminded = self.state("Reminded", "normal", "Follow-up")
        hot = self.state("Hot", "goal", "Follow-up")
        answered = self.state("Answered", "goal", "Sending")
        over = self.state("Finished", "done", "Results Analysis")
        left = self.state("Unsubscribed", "exit", "Sending")

        invitation = self.email(invited, "Our spring collection, {{ object.name }}", INVITATION)
        reminder = self.email(reminded, "Still time for spring, {{ object.name }}", REMINDER)
        hot_list = self.marta.create("mailing.list", {"name": f"Hot leads {self.campaign}"})
        self.action(hot, "subscription", mailing_list_id=hot_list, list_operation="add")

        self.transition(None, left, "event", event_kind="unsubscribed", reason="Asked to stop")
        for state, email in ((invited, invitation), (interested, invitation), (reminded, reminder)):
            self.event(state, hot, "clicked", email, "Looked at the collection")
            self.event(state, answered, "replied", email, "Wrote back")
        interest = self.event(invited, interested, "opened", invitation, "Shows interest")
        self.action(
            interest, "field", owner="transition_id",
            field_id=self.field("res.partner", "function"), field_value="Interested in spring",
        )  # fmt: skip
        self.timeout(invited, reminded, 3, "No reaction")
        self.timeout(interested, over, 7, "Went no further")
        self.timeout(reminded, over, 7, "Went no further")

    def state(self, name, kind, phase):
        self.sequence += 10
        return self.marta.create(
            "flow.state",
            {
                "workflow_id": self.workflow,
                "name": name,
                "kind": kind,
                "phase_id": self.phases[phase],
                "sequence": self.sequence,
            },
        )

    def email(self, state, subject, body):
        [model] = self.marta.search("ir.model", [("model", "=", "res.partner")])
        mailing = self.marta.create(
            "mailing.mailing",
            {"subject": subject, "body_arch": body, "body_html": body, "preview": "Just arrived"},
            default_flow_campaign_id=self.campaign,
            default_campaign_id=self.utm_campaign,
            default_mailing_model_id=model,
            default_reply_to_mode="update",
        )
        return self.action(state, "email", mailing_id=mailing, unit_cost=PRICE)

    def action(self, owner_id, kind, owner="state_id", **values):
        return self.marta.create("flow.action", {owner: owner_id, "kind": kind, **values})

    def transition(self, state, target, trigger, **values):
        self.sequence += 1
        return self.marta.create(
            "flow.transition",
            {
                "workflow_id": self.workflow,
                "state_id": state,
                "target_id": target,
                "trigger": trigger,
                "sequence": self.sequence,
                **values,
            },
        )

    def event(self, state, target, kind, email, reason):
        return self.transition(
            state, target, "event", event_kind=kind, event_action_id=email, reason=reason
        )

    def timeout(self, state, target, days, reason):
        return self.transition(
            state, target, "timeout", delay_value=days, delay_unit="days", reason=reason
        )

    def field(self, model, name):
        [field] = self.marta.search("ir.model.fields", [("model", "=", model), ("name", "=", name)])
        return field
