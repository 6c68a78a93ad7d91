"""Who watches which campaigns, and when they were last told that something happened there."""

from odoo import fields, models


class FlowPulse(models.Model):
    _name = "flow.pulse"
    _description = "Campaign That Is Being Watched"
    _log_access = False  # kept by the engine, see `engine.pulse`

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    campaign_id = fields.Many2one(
        "flow.campaign",
        ondelete="cascade",
        index=True,
        readonly=True,
        help="Empty: all campaigns of the company.",
    )
    watched_at = fields.Datetime(required=True, readonly=True)
    told_at = fields.Datetime(readonly=True)

    # Whoever watches the same waits for the same row.
    _one_row_each = models.UniqueIndex("(company_id, COALESCE(campaign_id, 0))")
