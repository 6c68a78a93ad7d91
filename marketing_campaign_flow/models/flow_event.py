"""Events: append-only facts about what contacts did."""

from odoo import fields, models

from ..engine import ingest

EVENT_KINDS = [
    ("opened", "Email opened"),
    ("clicked", "Link clicked"),
    ("replied", "Email replied to"),
    ("bounced", "Email bounced"),
    ("unsubscribed", "Unsubscribed"),
]


class FlowEvent(models.Model):
    _name = "flow.event"
    _description = "Campaign Event"
    _log_access = False  # millions of rows, written by the engine, with moments of their own
    _order = "occurred_at desc, id desc"
    _rec_name = "kind"

    participant_id = fields.Many2one(
        "flow.participant", required=True, ondelete="cascade", readonly=True
    )
    campaign_id = fields.Many2one(
        "flow.campaign", required=True, ondelete="cascade", index=True, readonly=True
    )
    step_id = fields.Many2one(
        "flow.step", ondelete="set null", index="btree_not_null", readonly=True
    )
    action_key = fields.Char(readonly=True)
    state_id = fields.Many2one("flow.state", string="While in", ondelete="set null", readonly=True)
    kind = fields.Selection(EVENT_KINDS, string="Event", required=True, readonly=True)
    url = fields.Char(string="Link", readonly=True)
    is_new = fields.Boolean(readonly=True, help="The engine has not looked at it yet.")
    occurred_at = fields.Datetime(string="When", required=True, readonly=True)

    # What a transition asks: has this participant done this since then?
    _of_participant = models.Index("(participant_id, kind, occurred_at)")
    # What the engine polls: events that it has not looked at, campaign by campaign.
    _new = models.Index("(campaign_id, id) WHERE is_new")

    def _record_for_traces(self, kind, traces, url=None):
        """Record that the recipients of emails did something.

        :param kind: one of `EVENT_KINDS`
        :param traces: `mailing.trace` records; those that no campaign wrote are ignored
        :param url: the link that was clicked
        """
        if traces and ingest.record_for_traces(self.env, kind, traces.ids, url):
            self.env["flow.campaign"]._wake_engine()

    def _record_click(self, code, trace_id):
        """Record a click on the short link `code`, if it stands in the email of that trace."""
        link = self.env["link.tracker.code"].search([("code", "=", code)], limit=1).link_id
        trace = self.env["mailing.trace"].browse(trace_id).exists()
        if link and link.mass_mailing_id == trace.mass_mailing_id:
            self._record_for_traces("clicked", trace, link.url)

    def _record_unsubscribed(self, mailing, contact_id):
        """Record that a contact unsubscribed through a link of `mailing`."""
        if ingest.record_for_mailing(self.env, "unsubscribed", mailing.id, contact_id):
            self.env["flow.campaign"]._wake_engine()
