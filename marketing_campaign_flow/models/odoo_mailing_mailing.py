from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    flow_campaign_id = fields.Many2one(
        "flow.campaign",
        string="Sent by campaign",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        readonly=True,
        help="A campaign decides who gets this email and when; it cannot be sent from here.",
    )

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        campaign_id = self.env.context.get("default_flow_campaign_id")
        if campaign_id:
            defaults |= self.env["flow.campaign"].browse(campaign_id)._mailing_defaults()
        return defaults

    def write(self, vals):
        if vals.get("state") in ("in_queue", "sending") and self.flow_campaign_id:
            raise UserError(
                self.env._(
                    "The campaign “%s” sends this email to its participants; it cannot be sent"
                    " or scheduled from here.",
                    self.flow_campaign_id[:1].name,
                )
            )
        return super().write(vals)

    def action_send_mail(self, res_ids=None):
        if self.flow_campaign_id:
            raise UserError(self.env._("A campaign sends this email to its participants."))
        return super().action_send_mail(res_ids)

    def _get_seen_list(self):
        # Who got a campaign's email is in its ledger of steps, once per visit of a state.
        return set() if self.flow_campaign_id else super()._get_seen_list()

    def _flow_compose(self, step_of):
        """Write this email to contacts into the outbox, in the present transaction.

        The values are those of `mailing.mailing._action_send_mail`; unlike there nothing is
        committed and nothing sent before the caller's transaction is.

        :param step_of: ``{contact id: step id}``
        """
        self.ensure_one()
        composer = self.env["mail.compose.message"].with_context(
            active_ids=list(step_of),
            default_composition_mode="mass_mail",
            flow_step_of=step_of,
            **self._get_mass_mailing_context(),
        )
        composer.create(
            {
                "auto_delete": not self.keep_archives,
                "auto_delete_keep_log": self.reply_to_mode == "update",
                "author_id": self.user_id.partner_id.id or self.env.user.partner_id.id,
                "attachment_ids": [
                    Command.link(attachment.id) for attachment in self.attachment_ids
                ],
                "body": self._prepend_preview(self.body_html or "", self.preview),
                "composition_mode": "mass_mail",
                "email_from": self.email_from,
                "force_send": False,
                "mail_server_id": self.mail_server_id.id,
                "mass_mailing_id": self.id,
                "model": self.mailing_model_real,
                "reply_to": self.reply_to if self.reply_to_mode == "new" else False,
                "reply_to_force_new": self.reply_to_mode == "new",
                "res_ids": str(list(step_of)),
                "subject": self.subject,
                "template_id": False,
                "use_exclusion_list": self.use_exclusion_list,
            }
        )._action_send_mail(auto_commit=False)
