from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.fields import Domain

from ..engine.contact_events import Occurrence


class ResPartner(models.Model):
    _inherit = "res.partner"

    birthdate = fields.Date(string="Date of birth")
    age = fields.Integer(compute="_compute_age", search="_search_age", help="In full years.")

    flow_visitor_ids = fields.One2many(
        "flow.visitor",
        "partner_id",
        string="Website visits",
        groups="marketing_campaign_flow.group_flow_user",
    )

    @api.depends("birthdate")
    @api.depends_context("tz")
    def _compute_age(self):
        today = fields.Date.context_today(self)
        for contact in self:
            born = contact.birthdate
            contact.age = relativedelta(today, born).years if born and born <= today else 0

    def _search_age(self, operator, value):
        """Turn ages into dates of birth, which are stored; who has none has no age."""
        today = fields.Date.context_today(self)
        born = Domain("birthdate", "!=", False) & Domain("birthdate", "<=", today)
        match operator:
            case "in":
                ages = [age for age in value if isinstance(age, int) and age is not False]
                domain = Domain.OR(self._born_for(age, today) for age in ages)
            case "<":
                domain = Domain("birthdate", ">", today - relativedelta(years=value))
            case "<=":
                domain = Domain("birthdate", ">", today - relativedelta(years=value + 1))
            case ">":
                domain = Domain("birthdate", "<=", today - relativedelta(years=value + 1))
            case ">=":
                domain = Domain("birthdate", "<=", today - relativedelta(years=value))
            case _:
                return NotImplemented
        return born & domain

    @api.model
    def _born_for(self, age, today):
        """Return the domain of those who are `age` years old: a year of dates of birth."""
        return Domain("birthdate", "<=", today - relativedelta(years=age)) & Domain(
            "birthdate", ">", today - relativedelta(years=age + 1)
        )

    @api.model_create_multi
    def create(self, vals_list):
        contacts = super().create(vals_list)
        self.env["flow.event"]._record("contact_created", contacts)
        contacts._record_tags_since({})
        return contacts

    def write(self, vals):
        tags = {contact: contact.category_id for contact in self} if "category_id" in vals else None
        result = super().write(vals)
        if tags is not None:
            self._record_tags_since(tags)
        if "active" in vals and not vals["active"]:
            self.env["flow.participant"]._end_for_archived(self)
        return result

    def _record_tags_since(self, before):
        """Record which tags the contacts have that they had not.

        :param before: tags by contact
        """
        occurrences = [
            Occurrence.of(contact, detail=tag.name, record_id=tag.id)
            for contact in self
            for tag in contact.category_id - before.get(contact, self.env["res.partner.category"])
        ]
        self.env["flow.event"]._record_occurrences("tag_added", occurrences)

    @api.ondelete(at_uninstall=False)
    def _end_campaign_runs(self):
        self.env["flow.participant"]._end_for_deleted(self)
        self.env["flow.visitor"]._forget_contacts(self)
