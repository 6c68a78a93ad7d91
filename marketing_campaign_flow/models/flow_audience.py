"""Audiences: whom campaigns address."""

import ast

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


class FlowAudience(models.Model):
    _name = "flow.audience"
    _description = "Campaign Audience"
    _inherit = ["mail.thread"]
    _order = "name, id"

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", default=lambda self: self.env.company, help="Empty: shared by all companies."
    )
    target_model = fields.Selection(
        [("res.partner", "Contacts"), ("mailing.contact", "Mailing Contacts")],
        string="Made of",
        default="res.partner",
        required=True,
        help="Contacts are the people of the Contacts app; mailing contacts are addresses that"
        " exist on mailing lists only.",
    )
    use_criteria = fields.Boolean(
        string="By criteria", help="Everybody who matches a filter, now and in future."
    )
    domain = fields.Char(string="Criteria", default="[]")
    criterion_ids = fields.One2many(
        "flow.criterion",
        "audience_id",
        string="Criteria in plain words",
        domain=[("parent_id", "=", False)],
        copy=True,
    )
    mailing_list_ids = fields.Many2many(
        "mailing.list", string="From mailing lists", help="Everybody on one of these lists."
    )
    partner_ids = fields.Many2many(
        "res.partner",
        "flow_audience_partner_rel",
        string="Picked by hand",
        help="These contacts are in, whatever the criteria say.",
    )
    excluded_partner_ids = fields.Many2many(
        "res.partner",
        "flow_audience_excluded_partner_rel",
        string="Never these",
        help="These contacts are out, whatever else holds.",
    )
    contact_count = fields.Integer(string="People", compute="_compute_counts")
    reachable_count = fields.Integer(
        string="Reachable by email",
        compute="_compute_counts",
        help="Different valid addresses that are not on the blacklist.",
    )

    @api.model
    def _target_models(self):
        """Return what campaigns can be about, as a selection; other addons add to the field."""
        return self._fields["target_model"]._description_selection(self.env)

    @api.constrains("domain", "target_model")
    def _check_domain(self):
        for audience in self.filtered("use_criteria"):
            try:
                self.env[audience.target_model].search(audience._filter(), limit=1)
            except Exception as error:
                raise ValidationError(
                    self.env._("The criteria of the audience “%s” do not work.", audience.name)
                ) from error

    @api.depends(
        "use_criteria",
        "domain",
        "criterion_ids",
        "target_model",
        "mailing_list_ids",
        "partner_ids",
        "excluded_partner_ids",
    )
    def _compute_counts(self):
        for audience in self:
            target = self.env[audience.target_model]
            try:
                domain = audience._contact_domain()
            except UserError:  # a block says why, where it stands
                domain = Domain.FALSE
            audience.contact_count = target.search_count(domain)
            audience.reachable_count = target._read_group(
                domain
                & Domain("email_normalized", "!=", False)
                & Domain("is_blacklisted", "=", False),
                aggregates=["email_normalized:count_distinct"],
            )[0][0]

    def _criteria(self):
        """Return the domain of those who match the filter and all blocks of criteria.

        :raises UserError: when a block cannot be looked at any more; see `flow.criterion`
        """
        company = self.company_id or self.env.company
        return self._filter() & self.criterion_ids.with_company(company)._all_of()

    def _filter(self):
        return Domain(ast.literal_eval((self.domain or "[]").strip()))

    def _contact_domain(self):
        """Return the domain of the contacts in this audience, on its target model."""
        self.ensure_one()
        sources = [Domain.FALSE]
        if self.use_criteria:
            sources.append(self._criteria())
        excluded = Domain.FALSE
        if self.target_model == "res.partner":
            sources.append(Domain("id", "in", self.partner_ids.ids))
            excluded = Domain("id", "in", self.excluded_partner_ids.ids)
        if self.mailing_list_ids:
            sources.append(self._subscriber_domain())
        return Domain.OR(sources) & ~excluded

    def _subscriber_domain(self):
        """Return the domain of those who are on one of the mailing lists and have not left it."""
        subscribed = Domain(
            "subscription_ids",
            "any",
            [("list_id", "in", self.mailing_list_ids.ids), ("opt_out", "=", False)],
        )
        if self.target_model == "mailing.contact":
            return subscribed
        subscribers = self.env["mailing.contact"]._search(
            subscribed & Domain("email_normalized", "!=", False)
        )
        return Domain("email_normalized", "in", subscribers.subselect("email_normalized"))

    def _contact_query(self):
        """Return the `Query` of the contacts in this audience, seen with the caller's rights."""
        return self.env[self.target_model]._search(self._contact_domain())

    def action_view_contacts(self):
        """Open the people of this audience."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self.target_model,
            "view_mode": "list,kanban,form",
            "domain": [
                ("id", "in", self.env[self.target_model].search(self._contact_domain()).ids)
            ],
        }
