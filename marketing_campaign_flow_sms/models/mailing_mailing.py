"""The SMS of a campaign: sent by the campaign only, and frozen with it like an email."""

import re

from odoo import models
from odoo.addons.marketing_campaign_flow.engine.difference import Value
from odoo.exceptions import UserError
from odoo.tools.mail import TEXT_URL_REGEX

TEXT = ("body_plaintext", "sms_template_id", "sms_allow_unsubscribe")


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def write(self, vals):
        result = super().write(vals)
        if not {"body_plaintext", "sms_template_id"}.isdisjoint(vals):
            self._flow_check_placeholders()
        return result

    def action_send_sms(self, res_ids=None):
        if self.flow_campaign_id:
            raise UserError(self.env._("A campaign sends this SMS to its participants."))
        return super().action_send_sms(res_ids)

    def _get_seen_list_sms(self):
        # Who got a campaign's SMS is in its ledger of steps, once per visit of a state.
        return ([], []) if self.flow_campaign_id else super()._get_seen_list_sms()

    def _get_opt_out_list_sms(self):
        # Whoever opted out is found for each batch of recipients; see `sms.composer`.
        return [] if self.flow_campaign_id else super()._get_opt_out_list_sms()

    def _flow_text_fields(self):
        return (*super()._flow_text_fields(), *TEXT)

    def _flow_text(self):
        if self.mailing_type != "sms":
            return super()._flow_text()
        labels = self.fields_get([*TEXT, "subject"], ["string"])
        way = self.sms_allow_unsubscribe
        return {
            "subject": Value(labels["subject"]["string"], self.subject or "", self.subject or "–"),
            "body_plaintext": Value(
                labels["body_plaintext"]["string"],
                self.body_plaintext or "",
                self.body_plaintext or "–",
            ),
            "sms_allow_unsubscribe": Value(
                labels["sms_allow_unsubscribe"]["string"],
                way,
                self.env._("Yes") if way else self.env._("No"),
            ),
        }

    def _flow_body(self):
        """Make the short links of an SMS when the workflow is published; afterwards they are found.

        Their title is their address: Odoo would fetch the page to find one.
        """
        if self.mailing_type != "sms":
            return super()._flow_body()
        body = self.body_plaintext or ""
        urls = set(re.findall(TEXT_URL_REGEX, body))
        values = self._get_link_tracker_values()
        # sudo: the links are the message's, whoever publishes it
        self.env["link.tracker"].sudo().search_or_create(
            [{**values, "url": url, "title": url} for url in sorted(urls)]
        )
        return body
