"""Facts: what has happened in a campaign, counted by day while it is written down."""

from odoo import fields, models

from ..engine import fact_triggers

METRICS = [
    ("started", "Came in"),
    ("held_out", "Held out"),
    ("held", "At the door of a state"),
    ("active", "Under way"),
    ("ended_goal", "Ended: goal reached"),
    ("ended_exit", "Ended: left"),
    ("ended_done", "Ended: finished"),
    ("ended_left", "Ended: no longer in the audience"),
    ("ended_removed", "Ended: taken out"),
    ("ended_runaway", "Ended: went in circles"),
    ("ended_stopped", "Ended: campaign stopped"),
    ("ended_deleted", "Ended: contact deleted"),
    ("ended_merged", "Ended: contact merged"),
    ("ended_archived", "Ended: contact archived"),
    ("ended_finished", "Ended: by an action"),
    ("entered", "State entered"),
    ("passed", "Way out taken"),
    ("step_planned", "Action planned"),
    ("step_done", "Action done"),
    ("step_skipped", "Action skipped"),
    ("step_failed", "Action failed"),
    ("step_uncertain", "Action uncertain"),
    ("step_cancelled", "Action cancelled"),
    ("sent", "Email sent"),
    ("opened", "Email opened"),
    ("clicked", "Email clicked"),
    ("replied", "Email replied to"),
    ("bounced", "Email bounced"),
    ("unsubscribed", "Unsubscribed"),
    ("unsubscribed_emails", "Email that made somebody unsubscribe"),
]


class FlowFact(models.Model):
    _name = "flow.fact"
    _description = "Campaign Fact"
    _log_access = False  # appended by the database, see `engine.fact_triggers`
    _order = "day desc, id desc"
    _rec_name = "metric"

    campaign_id = fields.Many2one("flow.campaign", required=True, ondelete="cascade", readonly=True)
    # Keys, not references: what was counted outlives a version of the workflow.
    state_key = fields.Char(readonly=True)
    action_key = fields.Char(readonly=True)
    transition_key = fields.Char(readonly=True)
    arm = fields.Char(
        "Version",
        readonly=True,
        help="Of an email whose versions are tested, with the number of the test.",
    )
    country_ref = fields.Integer("Country at entry", readonly=True)
    salesperson_ref = fields.Integer("Salesperson at entry", readonly=True)
    metric = fields.Selection(METRICS, string="What", required=True, readonly=True)
    day = fields.Date(readonly=True, help="In UTC; empty for what is planned.")
    amount = fields.Integer(
        string="How many",
        required=True,
        readonly=True,
        help="Negative where something no longer counts, such as a participant who went on.",
    )
    is_delta = fields.Boolean(
        required=True,
        readonly=True,
        help="Appended since facts were last summed up. The sum over all rows is always right.",
    )
    once = fields.Char(readonly=True, help="For whom, or which email, this counts only once.")

    # What reading asks, and what deleting a campaign does.
    _of_campaign = models.Index("(campaign_id, metric)")
    # What folding takes, oldest first.
    _appended = models.Index("(id) WHERE is_delta")
    # Facts that are summed up have one row per key and day.
    _folded = models.UniqueIndex(
        "(campaign_id, metric, COALESCE(day, '-infinity'), COALESCE(state_key, ''),"
        " COALESCE(action_key, ''), COALESCE(transition_key, ''), COALESCE(arm, ''),"
        " COALESCE(country_ref, 0), COALESCE(salesperson_ref, 0))"
        " WHERE NOT is_delta"
    )
    # Whoever unsubscribes counts once, also when two transactions do not see each other.
    _counts_once = models.UniqueIndex("(once) WHERE once IS NOT NULL")

    def init(self):
        """Let the database count; later, because tables of other models come after this one."""
        self.pool.post_init(fact_triggers.create, self.env.cr)

    def _recount(self):
        """Count the whole ledger anew, for a database that was filled by other means."""
        self.env.flush_all()
        fact_triggers.recount(self.env.cr)
        self.invalidate_model()
