"""Spending: what the actions of a campaign have cost, by day, and what is reserved for them."""

from odoo import fields, models

from ..engine import spending


class FlowSpending(models.Model):
    _name = "flow.spending"
    _description = "Campaign Spending"
    _log_access = False  # appended by the database, see `engine.spending`
    _order = "day desc, id desc"
    _rec_name = "action_key"

    campaign_id = fields.Many2one("flow.campaign", required=True, ondelete="cascade", readonly=True)
    currency_id = fields.Many2one(related="campaign_id.currency_id")
    # A key, not a reference: what was spent outlives a version of the workflow.
    action_key = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        [("spent", "Spent"), ("reserved", "Reserved")], required=True, readonly=True
    )
    day = fields.Date(readonly=True, help="In UTC; empty for what is reserved.")
    amount = fields.Float(
        digits=(16, 6),
        required=True,
        readonly=True,
        help="In the currency of the campaign. Negative where something is given back.",
    )
    count = fields.Integer(string="How many", required=True, readonly=True)
    is_delta = fields.Boolean(
        required=True,
        readonly=True,
        help="Appended since it was last summed up. The sum over all rows is always right.",
    )

    # What reading asks, and what deleting a campaign does.
    _of_campaign = models.Index("(campaign_id, kind)")
    # What folding takes, oldest first.
    _appended = models.Index("(id) WHERE is_delta")
    # What is summed up has one row per key and day.
    _folded = models.UniqueIndex(
        "(campaign_id, action_key, kind, COALESCE(day, '-infinity')) WHERE NOT is_delta"
    )

    def _recount(self):
        """Add up the whole ledger anew, for a database that was filled by other means."""
        self.env.flush_all()
        spending.recount(self.env.cr)
        self.invalidate_model()
