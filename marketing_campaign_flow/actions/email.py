"""Send email: the mailing goes to the contacts of the steps, each at most once."""

from odoo import api, fields, models
from odoo.tools import is_html_empty

from ..engine import cap


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(selection_add=[("email", "Send email")], ondelete={"email": "cascade"})
    mailing_id = fields.Many2one(
        "mailing.mailing",
        string="Email",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('flow_campaign_id', '=', campaign_id)]",
        help="What is sent. It is designed in Odoo's email editor and sent by the campaign only.",
    )

    def get_links(self):
        """Return the addresses of the links in this email, each once, in their order."""
        self.check_access("read")
        # sudo: who sees the action may see where its email leads
        return self.mailing_id.sudo()._flow_links()

    def _channel(self):
        return cap.EMAIL if self.kind == "email" else super()._channel()

    def _contract(self):
        return "at_most_once" if self.kind == "email" else super()._contract()

    @api.model
    def _icons(self):
        return {**super()._icons(), "email": "fa-envelope-o"}

    def _content_missing(self):
        if self.kind == "email":
            return is_html_empty(self.mailing_id.body_html)
        return super()._content_missing()

    @api.depends("mailing_id.subject")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "email":
            return self.mailing_id._flow_subject_in_words() if self.mailing_id else ""
        return super()._content_in_words()

    def _copy_content(self, campaign):
        values = super()._copy_content(campaign)
        if self.mailing_id:
            values["mailing_id"] = self.mailing_id.copy(
                {
                    "flow_campaign_id": campaign.id,
                    "campaign_id": campaign.utm_campaign_id.id,
                    "subject": self.mailing_id.subject,
                }
            ).id
        return values
