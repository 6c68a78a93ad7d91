"""The warnings beside the preview of an email."""

import ast
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..engine import letter_check, webhook_client
from ..engine.webhook_error import WebhookError

SHOWN = 1000  # contacts that are listed
MOST_ADDRESSES = 40
SECONDS = 4.0  # for one address
AT_ONCE = 10
PAGES_OF_ODOO = ("/unsubscribe_from_list", "/view")


class FlowLetterWarning(models.TransientModel):
    _name = "flow.letter.warning"
    _description = "Warning about an Email"

    preview_id = fields.Many2one("flow.letter.preview", required=True, ondelete="cascade")
    text = fields.Char(string="Warning", readonly=True)
    contacts_domain = fields.Char(readonly=True)
    is_of_links = fields.Boolean(readonly=True)

    def _fill(self, preview):
        """Say what is probably wrong with the email of a preview."""
        shown = preview.mailing_id
        self.create(
            [
                {
                    "preview_id": preview.id,
                    "text": text if mailing == shown else f"“{mailing._flow_title()}”: {text}",
                    "contacts_domain": warning.contacts and str(list(warning.contacts)),
                }
                for mailing in shown._flow_texts()
                for warning in mailing._flow_warnings()
                for text in [warning.text]
            ]
        )

    def action_view_contacts(self):
        """Open the contacts that the warning is about."""
        self.ensure_one()
        mailing = self.preview_id.mailing_id
        contacts = self.env[mailing.mailing_model_real]
        about = Domain(ast.literal_eval(self.contacts_domain or "[]"))
        found = contacts.search(mailing._flow_audience_domain() & about, limit=SHOWN)
        return {
            "type": "ir.actions.act_window",
            "name": self.text,
            "res_model": contacts._name,
            "view_mode": "list,form",
            "domain": [("id", "in", found.ids)],
        }


class FlowLetterPreview(models.TransientModel):
    _inherit = "flow.letter.preview"

    def action_check_links(self):
        """Ask the addresses of links and pictures whether they are there, and warn of the others.

        Only addresses that a webhook could call are asked; see `engine.webhook_target`.
        """
        self.ensure_one()
        try:
            self.env["flow.action"]._check_may_call()
        except WebhookError as error:
            raise UserError(error.in_words(self.env["flow.action"]._webhook_words())) from None
        base_url = self.mailing_id.get_base_url()
        ours = {f"{base_url}{page}" for page in PAGES_OF_ODOO}  # addressed when they are sent
        addresses = [one for one in letter_check.web_addresses(self.body) if one not in ours]
        addresses = addresses[:MOST_ADDRESSES]
        ask = partial(
            _problem_of,
            allowed=self.env["flow.action"]._webhooks_allowed(),
            words=self.env["flow.action"]._webhook_words(),
        )
        with ThreadPoolExecutor(AT_ONCE) as threads:  # no database in them
            problems = dict(zip(addresses, threads.map(ask, addresses), strict=True))
        self.warning_ids.filtered("is_of_links").unlink()
        self.warning_ids.create(
            [
                {"preview_id": self.id, "is_of_links": True, "text": f"{address}: {problem}"}
                for address, problem in problems.items()
                if problem
            ]
        )
        self.links_checked = len(addresses)
        view = self.env.ref("marketing_campaign_flow.flow_letter_preview_view_form_warnings")
        return {**self._open(), "views": [(view.id, "form")]}


def _problem_of(address, allowed, words) -> str:
    """Return why nothing is found at an address, or an empty string."""
    try:
        reply = webhook_client.send(webhook_client.Request("GET", address), allowed, SECONDS)
    except WebhookError as error:
        return error.in_words(words)
    return str(reply.status) if reply.status >= 400 else ""
