"""Manual sending: a message outside the workflow, through Odoo's mail composer."""

from odoo import models
from odoo.exceptions import UserError


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def action_send_by_hand(self):
        """Open the mail composer for everybody who is in the campaign and has not left it."""
        self.ensure_one()
        under_way = self.env["flow.participant"].search(
            [("campaign_id", "=", self.id), ("status", "!=", "ended")]
        )
        return self._compose_by_hand(under_way)

    def _compose_by_hand(self, participants):
        """Return the action that opens the mail composer for these participants.

        :raises UserError: when there is nobody to write to
        """
        self.ensure_one()
        if not participants:
            raise UserError(self.env._("There is nobody in this campaign to write to."))
        if self.status == "draft":
            raise UserError(self.env._("Launch the campaign first."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Write to %s participants", len(participants)),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_composition_mode": "mass_mail",
                "default_model": self.target_model,
                "default_res_ids": participants.mapped("res_id"),
                "default_campaign_id": self.utm_campaign_id.id,
                "default_mass_mailing_name": self.env._("%s: by hand", self.name),
                "default_flow_campaign_id": self.id,
                "default_use_exclusion_list": True,
                "default_subject": self.name,
            },
        }

    def _send_by_hand(self, composer):
        """Put a message that a person wrote into the outbox of participants.

        :param composer: `mail.compose.message` in mass mode
        """
        self.ensure_one()
        self.check_access("write")
        mailing = composer.mass_mailing_id or composer.mass_mailing_id.create(
            {
                **composer._prepare_mailing_values(),
                "email_from": composer.email_from or self.env.user.email_formatted,
                "mail_server_id": composer.mail_server_id.id,
                "user_id": self.env.uid,
            }
        )
        mailing.flow_campaign_id = self
        mailing._flow_body()
        # sudo: ledger rows are written by the system; that the user may send in this campaign
        # was decided by the access rights on it.
        campaign = self.sudo()
        action = campaign.env["flow.action"].create(
            {
                "workflow_id": campaign.workflow_id.id,
                "kind": "email",
                "is_manual": True,
                "mailing_id": mailing.id,
            }
        )
        participants = campaign.env["flow.participant"].search(
            [("campaign_id", "=", self.id), ("res_id", "in", composer._evaluate_res_ids())]
        )
        latest = {participant.res_id: participant for participant in participants.sorted("id")}
        campaign.env["flow.step"]._schedule_manual(action, latest.values())
        self._wake_engine()
