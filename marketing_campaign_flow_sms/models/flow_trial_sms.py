"""The SMS of a test run: the text as it would go out, and what its reader may do with it."""

import re
from dataclasses import dataclass

from odoo import models
from odoo.addons.marketing_campaign_flow.engine import ingest
from odoo.addons.marketing_campaign_flow.models.flow_trial_letter import TrialMessage

SHORT_LINK = re.compile(r"/r/(\w+)")

# What the provider, or the contact, tells of an SMS, by what can be done in a test.
EVENTS = {"delivered": "sms_sent", "bounced": "sms_bounced"}


@dataclass
class TrialSms(TrialMessage):
    """What would be in the queue for the provider."""

    channel = "sms"
    icon = "fa-mobile"
    clicked = "sms_clicked"

    @classmethod
    def open(cls, env, sms) -> "TrialSms":
        """Take one `sms.sms` apart; its short links stay as they are, for their length counts."""
        # sudo: where a link of the SMS leads
        codes = env["link.tracker.code"].sudo()
        links = codes.search([("code", "in", SHORT_LINK.findall(sms.body or ""))]).link_id
        return cls(
            step_id=sms.mailing_trace_ids.flow_step_id.id,
            subject=sms.mailing_id.subject or "",
            to=sms.number or "",
            text=sms.body or "",
            links=[{"label": one.url, "url": one.url, "link_id": one.id} for one in links],
        )

    def reactions(self, env):
        return {
            "delivered": ("fa-check", env._("Arrives")),
            "bounced": ("fa-exclamation-circle", env._("Does not arrive")),
        }

    def answer(self, walk, kind):
        ingest.record(walk.env, EVENTS[kind], [self.step_id])


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def _trial_messages(self, courier):
        waiting = self.env["sms.sms"].search(
            [("mailing_id.flow_campaign_id", "=", self.id), ("state", "=", "outgoing")], order="id"
        )
        texts = [TrialSms.open(self.env, sms) for sms in waiting]
        return [*super()._trial_messages(courier), *texts]
