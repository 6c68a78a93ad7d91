"""Reactions added up by time and by link, so that no screen reads all events."""

from odoo import fields, models

from ..engine import reactions


class FlowReactionCount(models.Model):
    _name = "flow.reaction.count"
    _description = "Reactions Added Up"
    _log_access = False  # appended by the database, see `engine.reactions`
    _order = "moment desc, id desc"
    _rec_name = "kind"

    campaign_id = fields.Many2one("flow.campaign", required=True, ondelete="cascade", readonly=True)
    kind = fields.Char(required=True, readonly=True)
    moment = fields.Datetime(
        readonly=True, help="The quarter of an hour, in UTC; empty where a link is counted."
    )
    url = fields.Char("Link", readonly=True)
    amount = fields.Integer("How many", required=True, readonly=True)
    is_delta = fields.Boolean(required=True, readonly=True)

    # What reading asks, and what deleting a campaign does.
    _of_campaign = models.Index("(campaign_id, kind, moment) INCLUDE (amount)")
    # What folding takes, oldest first.
    _appended = models.Index("(id) WHERE is_delta")
    # What is summed up has one row per kind, time and link; a link may be too long for an index.
    _folded = models.UniqueIndex(
        "(campaign_id, kind, COALESCE(moment, '-infinity'), COALESCE(md5(url), ''))"
        " WHERE NOT is_delta"
    )

    def init(self):
        """Count what was there before; later, because the events' table may come after this one."""
        self.pool.post_init(reactions.count_first, self.env.cr)

    def _recount(self):
        """Count all events anew, for a database that was filled by other means."""
        self.env.flush_all()
        reactions.recount(self.env.cr)
        self.invalidate_model()
