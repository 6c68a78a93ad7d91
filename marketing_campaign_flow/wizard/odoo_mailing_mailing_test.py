"""A test of a campaign's email: as one contact would get it, and counting nowhere."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import email_split

MOST_ADDRESSES = 20


class MailingMailingTest(models.TransientModel):
    _inherit = "mailing.mailing.test"

    flow_campaign_id = fields.Many2one(related="mass_mailing_id.flow_campaign_id")
    flow_contact_ref = fields.Reference(
        selection="_selection_flow_contact_models",
        string="As",
        help="The email is written as for this contact.",
    )

    @api.model
    def _selection_flow_contact_models(self):
        return self.env["flow.audience"]._target_models()

    def send_mail_test(self):
        """Send the email of a campaign at once; nothing of it is counted.

        :raises UserError: when it cannot be written, or no address is one
        """
        if not self.flow_campaign_id:
            return super().send_mail_test()
        self.ensure_one()
        mailing = self.mass_mailing_id
        contact = self.flow_contact_ref or mailing._flow_first_contact()
        if not contact:
            raise UserError(self.env._("There is nobody yet to whom it could be written."))
        addresses = [email_split(line) for line in (self.email_to or "").splitlines() if line]
        addresses = list(dict.fromkeys(one[0] for one in addresses if one))
        if not addresses:
            raise UserError(self.env._("Give an email address to send the test to."))
        if len(addresses) > MOST_ADDRESSES:
            raise UserError(self.env._("A test goes to %s addresses at most.", MOST_ADDRESSES))
        samples = {one: mailing._flow_sample(contact, one) for one in addresses}
        self._flow_send(mailing, samples)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The test was sent to %s.", ", ".join(addresses)),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _flow_send(self, mailing, samples):
        """Hand samples over to Odoo's mail servers, and keep nothing of them.

        They belong to no email and no contact, so that no answer to them, no bounce and no header
        is about one.

        :param samples: `engine.sample.Sample` by address
        """
        # sudo: mail.mail is a technical model that only the system writes
        mails = self.env["mail.mail"].sudo()
        mails = mails.create(
            [
                {
                    "subject": self.env._("[Test] %s", sample.subject),
                    "body_html": sample.body,
                    "email_from": sample.email_from,
                    "reply_to": sample.reply_to,
                    "email_to": address,
                    "mail_server_id": mailing.mail_server_id.id,
                    "record_alias_domain_id": sample.alias_domain_id,
                    "attachment_ids": [Command.link(file.id) for file in mailing.attachment_ids],
                    "message_type": "email_outgoing",
                    "auto_delete": False,
                }
                for address, sample in samples.items()
            ]
        )
        mails.send()
        failed = mails.filtered(lambda mail: mail.state != "sent")
        reasons = [f"{mail.email_to}: {mail.failure_reason or mail.state}" for mail in failed]
        mails.unlink()
        if reasons:
            raise UserError(
                self.env._("The test could not be sent to %s", "\n".join(["", *reasons]))
            )
