"""The campaign of an experiment: one e-mail for each arm, and the control group held out."""

from tools.demo.client import Client
from tools.replay.experiment import Experiment

BODY = """
<div style="font-family:Arial,sans-serif;max-width:600px;margin:auto">
  <p>Dear <t t-out="object.name"/>,</p>
  <p><a href="https://shop.example/{arm}">See what is new</a></p>
  <p style="color:#888"><a href="/unsubscribe_from_list">Unsubscribe</a></p>
</div>"""
NAME = "Replay of"
VISIT = "Visit of the shop"
DAYS = 14  # after the e-mail, in which the experiment measured


def tag_of(experiment: Experiment, arm: str) -> str:
    """Return the tag of the contacts of an arm."""
    return f"Replay {experiment.key} {arm}"


def build(marta: Client, experiment: Experiment) -> int:
    """Build the campaign and return its id."""
    campaign = marta.create(
        "flow.campaign",
        {
            "name": f"{NAME} {experiment.label}",
            "audience_id": _audience(marta, experiment, [*experiment.emails, experiment.control]),
            "control_audience_id": _audience(marta, experiment, [experiment.control]),
            "keep_in_sync": False,
            "effect_days": DAYS,
            "effect_event_kind": "custom",
            "effect_event_detail": VISIT,
            "effect_clicks": True,
        },
    )
    _Designer(marta, campaign).design(experiment)
    return campaign


def _audience(marta, experiment, arms) -> int:
    tags = [tag_of(experiment, arm) for arm in arms]
    return marta.create(
        "flow.audience",
        {
            "name": f"Replay {experiment.key}: {', '.join(arms)}",
            "use_criteria": True,
            "domain": f"[('category_id.name', 'in', {tags!r})]",
        },
    )


class _Designer:
    """Draws the workflow."""

    def __init__(self, marta: Client, campaign: int):
        self.marta, self.campaign = marta, campaign
        [values] = marta.read(
            "flow.campaign",
            [("id", "=", campaign)],
            ["workflow_id", "utm_campaign_id", "state_ids"],
        )
        self.workflow = values["workflow_id"][0]
        self.utm_campaign = values["utm_campaign_id"][0]
        self.first_states = values["state_ids"]

    def design(self, experiment: Experiment) -> None:
        """Replace the first states of a new workflow by the whole of it."""
        self.marta.call("flow.state", "unlink", self.first_states)
        start = self._state("Customers", "start")
        ordered, over = self._state("Ordered", "goal"), self._state("Over", "done")
        for arm in experiment.emails:
            state = self._state(arm, "normal")
            self._email(state, arm)
            domain = [("category_id.name", "=", tag_of(experiment, arm))]
            self._transition(start, state, "condition", condition=repr(domain))
            self._transition(state, over, "timeout", delay_value=DAYS, delay_unit="days")
        self._transition(None, ordered, "event", event_kind="order_confirmed")

    def _state(self, name, kind) -> int:
        values = {"workflow_id": self.workflow, "name": name, "kind": kind}
        return self.marta.create("flow.state", values)

    def _email(self, state, arm) -> None:
        [model] = self.marta.search("ir.model", [("model", "=", "res.partner")])
        body = BODY.format(arm=arm.lower().replace(" ", "-"))
        mailing = self.marta.create(
            "mailing.mailing",
            {"subject": arm, "body_arch": body, "body_html": body},
            default_flow_campaign_id=self.campaign,
            default_campaign_id=self.utm_campaign,
            default_mailing_model_id=model,
            default_reply_to_mode="update",
        )
        values = {"state_id": state, "kind": "email", "mailing_id": mailing}
        self.marta.create("flow.action", values)

    def _transition(self, state, target, trigger, **values) -> None:
        ends = {"workflow_id": self.workflow, "state_id": state, "target_id": target}
        self.marta.create("flow.transition", {**ends, "trigger": trigger, **values})
