"""Events: append-only facts about what contacts did.

A kind of event is one entry of `_kinds`, which other addons extend; they record what happens with
`_record`.
"""

from odoo import api, fields, models

from ..engine import contact_events, ingest
from .event_kind import EventKind


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
    kind = fields.Selection("_kind_selection", string="Event", required=True, readonly=True)
    url = fields.Char(readonly=True)
    link_id = fields.Many2one(
        "link.tracker",
        string="Short link",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
    )
    detail = fields.Char(string="Details", readonly=True)
    value = fields.Float(
        readonly=True, aggregator="avg", help="Seconds, an amount, points: see the event."
    )
    record_id = fields.Integer(
        string="About", readonly=True, help="The lead, order or other record that it is about."
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
    user_id = fields.Many2one(
        "res.users", string="Noted by", ondelete="set null", index="btree_not_null", readonly=True
    )
    external_key = fields.Char(
        readonly=True, help="What the sender calls this event; it is taken in once."
    )

    # What a transition asks: has this participant done this since then?
    _of_participant = models.Index("(participant_id, kind, occurred_at)")
    # Deleting a state of a draft asks whether an event refers to it; see `flow.step`.
    _while_in = models.Index("USING BRIN (state_id) WITH (autosummarize = on)")
    # What people watch: the latest, campaign by campaign.
    _latest = models.Index("(campaign_id, id) WHERE NOT is_machine")
    # What the engine polls: events that it has not looked at, campaign by campaign.
    _new = models.Index("(campaign_id, id) WHERE is_new")
    # What let somebody in once does not do so again when it is told again.
    _told_before = models.Index("(external_key, kind) WHERE external_key IS NOT NULL")
    # What is told twice happened once.
    _told_once = models.UniqueIndex(
        "(participant_id, kind, external_key) WHERE external_key IS NOT NULL"
    )

    @api.model
    def _kinds(self) -> dict[str, EventKind]:
        """Return the kinds of events there are, in the order in which people choose from them."""
        link = self.env._("Link")
        message = {"of_message": True, "enters": False}
        return {
            "delivered": EventKind(self.env._("Email delivered"), "fa-check", **message),
            "opened": EventKind(self.env._("Email opened"), "fa-envelope-open-o", **message),
            "clicked": EventKind(
                self.env._("Link clicked"), "fa-mouse-pointer", url=link, **message
            ),
            "replied": EventKind(self.env._("Email replied to"), "fa-reply", **message),
            "bounced": EventKind(
                self.env._("Email bounced"),
                "fa-exclamation-circle",
                detail=self.env._("Hard or soft"),
                **message,
            ),
            "unsubscribed": EventKind(self.env._("Unsubscribed"), "fa-sign-out", **message),
            "blacklisted": EventKind(
                self.env._("Blacklisted or complained"), "fa-ban", enters=False
            ),
            "contact_created": EventKind(self.env._("Contact created"), "fa-user-plus"),
            "tag_added": EventKind(
                self.env._("Tag added"),
                "fa-tag",
                detail=self.env._("Tag"),
                model="res.partner.category",
            ),
            "list_subscribed": EventKind(
                self.env._("Subscribed to a mailing list"),
                "fa-plus-square-o",
                detail=self.env._("Mailing list"),
                model="mailing.list",
            ),
            "list_unsubscribed": EventKind(
                self.env._("Left a mailing list"),
                "fa-minus-square-o",
                detail=self.env._("Mailing list"),
                model="mailing.list",
            ),
            "activity_done": EventKind(
                self.env._("Activity done"),
                "fa-check-square-o",
                detail=self.env._("Type of activity"),
                model="mail.activity.type",
            ),
            "response": EventKind(
                self.env._("Response recorded"),
                "fa-comment-o",
                detail=self.env._("What happened"),
                value=self.env._("Value"),
                told=True,
            ),
            "custom": EventKind(
                self.env._("Event of another program"),
                "fa-plug",
                detail=self.env._("Name of the event"),
                value=self.env._("Value"),
                told=True,
            ),
        }

    @api.model
    def _kind_selection(self):
        return [(kind, about.label) for kind, about in self._kinds().items()]

    @api.model
    def _record(self, kind, contacts, **details):
        """Record that contacts did something, in each campaign in which they are under way, and
        let them into those that take people in by it.

        :param kind: one of `_kinds`
        :param contacts: `res.partner` or `mailing.contact` records
        :param details: ``url``, ``detail``, ``value``, ``record_id``, ``occurred_at`` (UTC),
            ``key`` (what is told twice under one key is taken in once) and ``is_machine``
        :return: how many events were recorded
        """
        return self._record_occurrences(
            kind, [contact_events.Occurrence.of(contact, **details) for contact in contacts]
        )

    @api.model
    def _record_occurrences(self, kind, occurrences):
        """Record what contacts did, each something of its own; see `_record`.

        :param occurrences: list of `engine.contact_events.Occurrence`
        """
        return self._record_together({kind: occurrences})

    @api.model
    def _record_together(self, occurrences, earlier=None):
        """Record what contacts did, of several kinds: first all of it lets people in, then it is
        written down.

        :param occurrences: lists of `engine.contact_events.Occurrence` by kind
        :param earlier: the same, of what happened some time ago and lets nobody in any more
        :return: how many events were recorded
        """
        entries, kinds = self.env["flow.entry"], self._kinds()
        entered = [entries._let_in(kind, some) for kind, some in occurrences.items()]
        recorded = sum(
            contact_events.record(self.env, kind, some, grows=kinds[kind].grows)
            for told in (earlier or {}, occurrences)
            for kind, some in told.items()
        )
        if recorded or any(entered):
            self.env["flow.campaign"]._wake_engine()
        return recorded

    @api.model
    def _kinds_told(self):
        """Return the kinds of events of which other programs may tell."""
        return [kind for kind, about in self._kinds().items() if about.told]

    @api.model
    def _record_told(self, told):
        """Record what another program tells, in campaigns of the user's company.

        Of contacts that the user may not see nothing is known, and nothing recorded.

        :param told: list of `engine.told_events.Told`
        """
        named = [one.contact_id for one in told if one.contact_id]
        seen = set(self.env["res.partner"].search([("id", "in", named)]).ids)
        for kind in {one.kind: None for one in told}:
            occurrences = [
                contact_events.Occurrence(
                    partner_id=one.contact_id,
                    email=one.email,
                    url=one.url,
                    detail=one.detail,
                    value=one.value,
                    # Programs need not know of each other's keys.
                    key=one.key and f"{self.env.uid}:{one.key}",
                    company_id=self.env.company.id,
                    occurred_at=one.occurred_at,
                )
                for one in told
                if one.kind == kind and (one.contact_id is None or one.contact_id in seen)
            ]
            # sudo: events are kept by the system; what the user may tell of was looked up
            self.sudo()._record_occurrences(kind, occurrences)

    def _record_for_steps(self, kind, step_ids, **details):
        """Record that the recipients of messages did something.

        :param kind: one of `_kinds`
        :param step_ids: ids of `flow.step`
        :param details: see `engine.ingest.record`
        """
        if ingest.record(self.env, kind, step_ids, **details):
            self.env["flow.campaign"]._wake_engine()

    def _record_for_traces(self, kind, traces, detail=None):
        """Record what Odoo noted on traces; those that no campaign wrote are ignored.

        :param traces: `mailing.trace` records
        """
        traces = traces.filtered("flow_step_id")
        automatic = bool(self.env.context.get("flow_automatic_answer"))
        if traces and ingest.record_for_traces(self.env, kind, traces.ids, automatic, detail):
            self.env["flow.campaign"]._wake_engine()

    def _record_unsubscribed(self, mailing, contact_id):
        """Record that a contact unsubscribed through a link of `mailing`."""
        if ingest.record_for_mailing(self.env, "unsubscribed", mailing.id, contact_id):
            self.env["flow.campaign"]._wake_engine()
