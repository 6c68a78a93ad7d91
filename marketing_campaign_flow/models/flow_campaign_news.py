"""Telling followers, the responsible first of all, what becomes of a campaign and its workflow."""

from odoo import api, models

NEWS = {
    "running": "marketing_campaign_flow.mt_campaign_launched",
    "paused": "marketing_campaign_flow.mt_campaign_paused",
    "done": "marketing_campaign_flow.mt_campaign_ended",
}


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def _track_subtype(self, init_values):
        self.ensure_one()
        if "status" in init_values and self.status in NEWS:
            return self.env.ref(NEWS[self.status])
        return super()._track_subtype(init_values)

    def _schedule_trouble(self, summary, text):
        """Say it in the messages, for whoever follows the campaign; the responsible hears of it
        once, by the message, which comes with the activity."""
        quiet = self.with_context(mail_activity_quick_update=True)
        activity = super(FlowCampaign, quiet)._schedule_trouble(summary, text)
        self.message_post(
            body=text,
            subject=summary,
            partner_ids=self.user_id.partner_id.ids,
            subtype_xmlid="marketing_campaign_flow.mt_campaign_alert",
        )
        return activity.with_env(self.env)

    def unlink(self):
        """Workflows go with their campaign by the database, which knows nothing of messages."""
        workflow_ids = self.workflow_ids.ids
        result = super().unlink()
        # sudo: what was said about workflows that are gone; who may delete the campaign was asked
        for model, column in (
            ("mail.message", "model"),
            ("mail.activity", "res_model"),
            ("mail.followers", "res_model"),
        ):
            about = [(column, "=", "flow.workflow"), ("res_id", "in", workflow_ids)]
            self.env[model].sudo().search(about).unlink()
        return result


class FlowWorkflow(models.Model):
    _name = "flow.workflow"
    _inherit = ["flow.workflow", "mail.thread", "mail.activity.mixin"]

    @api.model_create_multi
    def create(self, vals_list):
        """Nobody needs to be told that a version was made: the campaign's messages say so."""
        quiet = {"mail_create_nolog": True, "mail_create_nosubscribe": True}
        return super(FlowWorkflow, self.with_context(**quiet)).create(vals_list).with_env(self.env)
