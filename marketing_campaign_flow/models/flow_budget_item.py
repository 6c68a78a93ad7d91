"""Money of a campaign, planned or spent: what it is for."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..report.flow_activity_report import NEWEST

# The states or actions that keys of campaigns stand for now.
NAMED_NOW = """
    SELECT campaign_id, key, id FROM (%(newest)s) newest
     WHERE campaign_id = ANY(%(campaigns)s) AND key = ANY(%(keys)s)
"""


class FlowBudgetItem(models.AbstractModel):
    _name = "flow.budget.item"
    _description = "Money of a Campaign"

    campaign_id = fields.Many2one("flow.campaign", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="campaign_id.company_id", store=True)
    currency_id = fields.Many2one(related="campaign_id.currency_id", store=True)
    workflow_id = fields.Many2one(related="campaign_id.workflow_id")
    category_id = fields.Many2one("flow.cost.category", ondelete="restrict", index=True)
    # Keys, not references: they stay the same in every version of the workflow.
    state_key = fields.Char(copy=True)
    action_key = fields.Char(copy=True)
    state_id = fields.Many2one(
        "flow.state",
        compute="_compute_activity",
        inverse="_inverse_state_id",
        domain="[('workflow_id', '=', workflow_id)]",
        help="The state of the workflow that this is for. Empty: for the campaign as a whole.",
    )
    action_id = fields.Many2one(
        "flow.action",
        compute="_compute_activity",
        inverse="_inverse_action_id",
        domain="[('workflow_id', '=', workflow_id), ('is_manual', '=', False)]",
        help="The action of the workflow that this is for, such as one email.",
    )

    @api.depends("campaign_id", "state_key", "action_key")
    def _compute_activity(self):
        states = self._named_now("flow_state", "state_key")
        actions = self._named_now("flow_action", "action_key")
        for item in self:
            campaign = item.campaign_id._origin.id
            item.state_id = states.get((campaign, item.state_key))
            item.action_id = actions.get((campaign, item.action_key))

    def _named_now(self, table, field):
        """Return ``{(campaign id, key): id}`` of what the keys of these records stand for."""
        keys = [key for key in set(self.mapped(field)) if key]
        if not keys:
            return {}
        self.env.flush_all()
        found = SQL(
            NAMED_NOW,
            newest=SQL(NEWEST, SQL.identifier(table)),
            campaigns=self.campaign_id._origin.ids,
            keys=keys,
        )
        return {(campaign, key): number for campaign, key, number in self.env.execute_query(found)}

    def _inverse_state_id(self):
        for item in self:
            item._check_own(item.state_id)
            item.state_key = item.state_id.key

    def _inverse_action_id(self):
        for item in self:
            item._check_own(item.action_id)
            item.action_key = item.action_id.key

    def _check_own(self, part):
        if part and part.campaign_id != self.campaign_id:
            raise ValidationError(
                self.env._(
                    "“%(part)s” is no part of the campaign “%(campaign)s”.",
                    part=part.display_name,
                    campaign=self.campaign_id.name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        named = {vals["campaign_id"] for vals in vals_list if vals.get("campaign_id")}
        self.env["flow.campaign"].browse(named)._hold_budget()
        items = super().create(vals_list)
        items.campaign_id._check_books_are_open()
        items.campaign_id._budget_changed()
        return items

    def write(self, vals):
        campaigns = self.campaign_id
        campaigns._check_books_are_open()
        campaigns._hold_budget()
        result = super().write(vals)
        if "campaign_id" in vals:
            self.campaign_id._check_books_are_open()
        (campaigns | self.campaign_id)._budget_changed()
        return result

    def unlink(self):
        campaigns = self.campaign_id
        campaigns._hold_budget()
        result = super().unlink()
        campaigns._budget_changed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_while_open(self):
        self.campaign_id._check_books_are_open()
