"""What visitors of websites looked at, and what they did there."""

from odoo import api, fields, models

from ..engine import visit_report


class FlowPageView(models.Model):
    _name = "flow.page.view"
    _description = "Page View"
    _log_access = False  # many rows, written by the tracker, with moments of their own
    _order = "started_at desc, id desc"
    _rec_name = "url"

    visitor_id = fields.Many2one("flow.visitor", required=True, ondelete="cascade", readonly=True)
    key = fields.Char(
        required=True, readonly=True, groups="base.group_system", help="What the browser calls it."
    )
    visit = fields.Integer(readonly=True, help="Which visit of the visitor it belongs to.")
    url = fields.Char(string="Page", required=True, readonly=True)
    title = fields.Char(readonly=True)
    referrer = fields.Char(string="Came from", readonly=True)
    utm_source = fields.Char(string="Source", readonly=True)
    utm_medium = fields.Char(string="Medium", readonly=True)
    utm_campaign = fields.Char(string="Campaign", readonly=True)
    seconds = fields.Integer(
        string="Seconds visible", readonly=True, aggregator="avg", help="In a tab that is in front."
    )
    started_at = fields.Datetime(string="When", required=True, readonly=True)
    seen_at = fields.Datetime(string="Last seen", required=True, readonly=True)

    # A view is told again and again while it lasts.
    _one_per_view = models.UniqueIndex("(visitor_id, key)")
    # The pages of one visit.
    _of_visit = models.Index("(visitor_id, visit)")
    # What is forgotten after some time.
    _old = models.Index("USING BRIN (started_at) WITH (autosummarize = on)")


class FlowVisitorEvent(models.Model):
    _name = "flow.visitor.event"
    _description = "What a Visitor Did"
    _log_access = False  # many rows, written by the tracker, with moments of their own
    _order = "occurred_at desc, id desc"
    _rec_name = "kind"

    visitor_id = fields.Many2one(
        "flow.visitor", required=True, ondelete="cascade", index=True, readonly=True
    )
    view_id = fields.Many2one("flow.page.view", required=True, ondelete="cascade", readonly=True)
    number = fields.Integer(required=True, readonly=True)
    kind = fields.Selection("_kind_selection", string="Event", required=True, readonly=True)
    url = fields.Char(string="Address", readonly=True)
    detail = fields.Char(string="Details", readonly=True)
    value = fields.Float(readonly=True)
    occurred_at = fields.Datetime(string="When", required=True, readonly=True)

    # What is told twice happened once.
    _told_once = models.UniqueIndex("(view_id, number)")

    @api.model
    def _kind_selection(self):
        kinds = self.env["flow.event"]._kinds()
        return [(kind, kinds[kind].label) for kind in visit_report.KINDS]
