"""Campaigns of campaigns: a parent adds up the money of its parts in the company's currency."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .flow_campaign_budget import COMMITTED, SPENT


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"
    _parent_store = True

    parent_id = fields.Many2one(
        "flow.campaign",
        string="Part of",
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        domain="[('company_id', '=', company_id), '!', ('id', 'child_of', id)]",
        help="The larger campaign that this one belongs to. It adds up the budgets and costs of its"
        " parts.",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("flow.campaign", "parent_id", string="Parts")
    child_count = fields.Integer("Campaigns within", compute="_compute_family")
    family_planned = fields.Monetary(
        "Budget of all parts", currency_field="company_currency_id", compute="_compute_family"
    )
    family_actual = fields.Monetary(
        "Actual costs of all parts",
        currency_field="company_currency_id",
        compute="_compute_family",
    )
    family_committed = fields.Monetary(
        "Committed in all parts",
        currency_field="company_currency_id",
        compute="_compute_family",
    )
    family_available = fields.Monetary(
        "Available in all parts",
        currency_field="company_currency_id",
        compute="_compute_family",
    )

    @api.depends("child_ids.budget_amount", "budget_amount", "cost_total", "cost_committed")
    def _compute_family(self):
        parts = self._parts()
        everybody = self.browse({part for path in parts.values() for part in path})
        money = everybody._money(("planned", *SPENT), measure="amount_company")
        for campaign in self:
            family = parts.get(campaign._origin.id, ())
            sums = dict.fromkeys(("planned", *SPENT), 0)
            for part in family:
                for kind, amount in money.get(part, {}).items():
                    sums[kind] += amount
            campaign.child_count = max(len(family) - 1, 0)
            campaign.family_planned = sums["planned"]
            campaign.family_actual = sums["actual"]
            campaign.family_committed = sum(sums[kind] for kind in COMMITTED)
            campaign.family_available = sums["planned"] - sum(sums[kind] for kind in SPENT)

    def _parts(self):
        """Return ``{campaign id: ids of it and all its parts}``, in one statement."""
        found = {campaign_id: [] for campaign_id in self._origin.ids}
        everybody = self.with_context(active_test=False).search([("id", "child_of", list(found))])
        for campaign in everybody:
            for above in map(int, campaign.parent_path.split("/")[:-1]):
                if above in found:
                    found[above].append(campaign.id)
        return found

    @api.constrains("parent_id", "company_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A campaign cannot be a part of itself."))
        for campaign in self | self.child_ids:
            if campaign.parent_id and campaign.parent_id.company_id != campaign.company_id:
                raise ValidationError(
                    self.env._(
                        "“%(campaign)s” and “%(parent)s” belong to different companies, so that one"
                        " cannot be a part of the other.",
                        campaign=campaign.name,
                        parent=campaign.parent_id.name,
                    )
                )

    def action_view_family(self):
        """Open the campaigns that are parts of this one."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_campaign_flow.flow_campaign_action"
        )
        return {
            **action,
            "name": self.env._("Parts of %s", self.name),
            "domain": [("id", "child_of", self.id), ("id", "!=", self.id)],
            "context": {"default_parent_id": self.id},
        }
