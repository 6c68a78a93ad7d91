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
    link_id = fields.Many2one(
        "link.tracker",
        string="Short link",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
    )
    country_code = fields.Char(string="Country", readonly=True)
    is_machine = fields.Boolean(
        string="By a machine",
        required=True,
        default=False,
        readonly=True,
        help="A scanner, a program that fetches ahead or an automatic answer; it does not count.",
    )
    is_new = fields.Boolean(readonly=True, help="The engine has not looked at it yet.")
    occurred_at = fields.Datetime(string="When", required=True, readonly=True)

    # What a transition asks: has this participant done this since then?
    _of_participant = models.Index("(participant_id, kind, occurred_at)")
    # Deleting a state of a draft asks whether an event refers to it; see `flow.step`.
    _while_in = models.Index("USING BRIN (state_id) WITH (autosummarize = on)")
    # What the engine polls: events that it has not looked at, campaign by campaign.
    _new = models.Index("(campaign_id, id) WHERE is_new")

    def _record(self, kind, step_ids, **details):
        """Record that the recipients of messages did something.

        :param kind: one of `EVENT_KINDS`
        :param step_ids: ids of `flow.step`
        :param details: see `engine.ingest.record`
        """
        if ingest.record(self.env, kind, step_ids, **details):
            self.env["flow.campaign"]._wake_engine()

    def _record_for_traces(self, kind, traces):
        """Record what Odoo noted on traces; those that no campaign wrote are ignored.

        :param traces: `mailing.trace` records
        """
        traces = traces.filtered("flow_step_id")
        automatic = bool(self.env.context.get("flow_automatic_answer"))
        if traces and ingest.record_for_traces(self.env, kind, traces.ids, automatic):
            self.env["flow.campaign"]._wake_engine()

    def _record_unsubscribed(self, mailing, contact_id):
        """Record that a contact unsubscribed through a link of `mailing`."""
        if ingest.record_for_mailing(self.env, "unsubscribed", mailing.id, contact_id):
            self.env["flow.campaign"]._wake_engine()
