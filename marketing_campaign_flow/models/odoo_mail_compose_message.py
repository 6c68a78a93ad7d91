from odoo import fields, models


class MailComposeMessage(models.TransientModel):
    _inherit = "mail.compose.message"

    flow_campaign_id = fields.Many2one("flow.campaign", string="Campaign", ondelete="cascade")

    def _action_send_mail(self, auto_commit=False):
        if not (self.flow_campaign_id and self.composition_mode == "mass_mail"):
            return super()._action_send_mail(auto_commit=auto_commit)
        if not self.mass_mailing_id:
            self.mass_mailing_id = self.env["mailing.mailing"].create(
                self._prepare_mailing_values()
            )
        self.force_send = False  # by Odoo's mail queue, after the ledger is committed
        step_of = self.flow_campaign_id._start_manual_send(
            self.mass_mailing_id, self._evaluate_res_ids()
        )
        composer = self.with_context(flow_step_of=step_of)
        result = super(MailComposeMessage, composer)._action_send_mail(auto_commit=False)
        self.flow_campaign_id._finish_manual_send(step_of)
        return result

    def _prepare_mail_values_mailing_traces(self, mail_values_all):
        values = super()._prepare_mail_values_mailing_traces(mail_values_all)
        step_of = self.env.context.get("flow_step_of") or {}
        for contact_id, trace_values in values.items():
            if contact_id in step_of:
                trace_values["flow_step_id"] = step_of[contact_id]
        return values
