"""Manual sending: a message outside the workflow, through Odoo's mail composer."""

from odoo import models
from odoo.exceptions import UserError

from ..engine import deliver


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

    def _start_manual_send(self, mailing, contact_ids):
        """Write the ledger rows of a manual send.

        :param mailing: the `mailing.mailing` that the composer sends
        :param contact_ids: ids on the campaign's target model
        :return: ``{contact id: step id}``
        """
        self.ensure_one()
        # sudo: ledger rows are written by the system; that the user may send in this campaign
        # was decided by the access rights on it.
        self.check_access("write")
        campaign = self.sudo()
        mailing.flow_campaign_id = self
        action = campaign.env["flow.action"].create(
            {
                "workflow_id": campaign.workflow_id.id,
                "kind": "email",
                "is_manual": True,
                "mailing_id": mailing.id,
            }
        )
        participants = campaign.env["flow.participant"].search(
            [("campaign_id", "=", self.id), ("res_id", "in", list(contact_ids))]
        )
        latest = {participant.res_id: participant for participant in participants.sorted("id")}
        steps = campaign.env["flow.step"]._record_manual(action, latest.values())
        return {step.participant_id.res_id: step.id for step in steps}

    def _finish_manual_send(self, step_of):
        """Write down whom the composer left out, and why; have the others' messages sent."""
        steps = self.sudo().env["flow.step"].browse(step_of.values())  # sudo: see above
        action = steps.action_id
        for step_id, outcome in action._outcomes_of_traces(steps.ids).items():
            steps.browse(step_id).write({"status": outcome.status, "reason": outcome.reason})
        deliver.deliver(steps.env)
