from odoo import api, fields, models
from odoo.addons.marketing_campaign_flow.engine import visit_report, web_address
from odoo.addons.marketing_campaign_flow.engine.contact_events import Occurrence
from odoo.http import request
from odoo.tools import email_split

EMAILS = ("email_from", "email", "partner_email")
NAMES = ("contact_name", "partner_name", "name")
PHONES = ("phone", "partner_phone")


class FlowVisitor(models.Model):
    _inherit = "flow.visitor"

    website_visitor_id = fields.Many2one(
        "website.visitor",
        string="Visitor in Website",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
    )

    @api.model
    def _own_hosts(self):
        # sudo: the domains of websites are public
        domains = self.env["website"].sudo().search([("domain", "!=", False)]).mapped("domain")
        return super()._own_hosts() | ({web_address.host(domain) for domain in domains} - {""})

    @api.model
    def _record_website_form(self, model_name, record_id, values, key):
        """Record that somebody sent a form of the website, and who uses that browser.

        :param model_name: what the form makes, which is its name; `record_id` is what it made
        :param values: what was typed into it
        :param key: what the browser calls itself, or nothing
        """
        contact = self._contact_of_website_form(model_name, record_id, values)
        if not contact:
            return
        page = request.httprequest.referrer or ""
        self.env["flow.event"]._record_occurrences(
            "submitted",
            [
                Occurrence(
                    **contact.known(),
                    url=web_address.clean(page) if web_address.split(page) else None,
                    detail=model_name,
                )
            ],
        )
        if isinstance(key, str) and visit_report.KEY.fullmatch(key):
            self._recognise(key, contact)
            website_visitor = request.env["website.visitor"]._get_visitor_from_request()
            self.search([("key", "=", key)]).website_visitor_id = website_visitor

    def _contact_of_website_form(self, model_name, record_id, values):
        """Return who sent a form: by the address in it, the contact of what it made, or login."""
        company = request.website.company_id
        typed = {name: value for name, value in values.items() if isinstance(value, str)}
        emails = email_split(next((typed[name] for name in EMAILS if typed.get(name)), ""))
        if emails:
            name = next((typed[name] for name in NAMES if typed.get(name)), "")
            phone = next((typed[name] for name in PHONES if typed.get(name)), "")
            return self._contact_with(emails[0], name, phone, company=company)
        record = self.env[model_name].browse(record_id).exists()
        partner = self.env["res.partner"]
        if model_name == "res.partner":
            partner = record
        elif "partner_id" in record and record._fields["partner_id"].comodel_name == "res.partner":
            partner = record.partner_id
        if not partner and request.session.uid:
            partner = self.env["res.users"].browse(request.session.uid).partner_id
        return self._contact_of_partner(partner, "form", company) if partner else None
