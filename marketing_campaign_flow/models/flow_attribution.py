"""Attribution: which orders, invoices and leads a campaign brought, and by which email."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import attribution, database_clock

LATER = timedelta(minutes=10)

METHODS = [
    ("last", "Last touch"),
    ("first", "First touch"),
    ("equal", "All touches equally"),
    ("utm", "Odoo's UTM campaign"),
]


class FlowAttribution(models.Model):
    _name = "flow.attribution"
    _description = "Share of a Campaign in a Document"
    _log_access = False  # many rows, written by `engine.attribution`
    _order = "moment desc, id desc"
    _rec_name = "res_id"

    kind = fields.Selection([], string="What", required=True, readonly=True)
    res_model = fields.Char(required=True, readonly=True)
    res_id = fields.Many2oneReference(
        "Document", model_field="res_model", required=True, readonly=True
    )
    method = fields.Selection(METHODS, string="Counted by", required=True, readonly=True)
    place = fields.Integer("Touch", required=True, readonly=True)
    parts = fields.Integer("Of touches", required=True, readonly=True)
    campaign_id = fields.Many2one("flow.campaign", required=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    currency_id = fields.Many2one("res.currency", string="Campaign currency", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    participant_id = fields.Many2one(
        "flow.participant", ondelete="set null", index="btree_not_null", readonly=True
    )
    partner_id = fields.Many2one(
        "res.partner", "Contact", ondelete="set null", index="btree_not_null", readonly=True
    )
    # Keys, not references: they outlive a version of the workflow.
    state_key = fields.Char(readonly=True)
    action_key = fields.Char(readonly=True)
    arm = fields.Char("Version", readonly=True)
    touched_at = fields.Datetime(readonly=True)
    moment = fields.Datetime("Document of", required=True, readonly=True)
    day = fields.Date(required=True, readonly=True, help="In UTC.")
    share = fields.Float(
        digits=(16, 6), readonly=True, help="Which part of the document; 1 is all of it."
    )
    amount = fields.Monetary(
        "Amount (company)", currency_field="company_currency_id", readonly=True
    )
    campaign_amount = fields.Monetary("Amount", currency_field="currency_id", readonly=True)

    # By one method nothing is counted twice.
    _once = models.UniqueIndex("(kind, res_id, method, place)")
    # What figures and reports ask.
    _of_campaign = models.Index("(campaign_id, method, kind, day)")

    # -- extension points --------------------------------------------------------------------

    @api.model
    def _sources(self):
        """Return what campaigns may bring, as `engine.attribution.Source`; bridges add theirs."""
        return []

    @api.model
    def _touch_kinds(self):
        """Return the kinds of events by which people touch a message that they got."""
        return ["opened", "clicked", "replied"]

    @api.model
    def _bounce_kinds(self):
        """Return the kinds of events that say that a message did not arrive."""
        return ["bounced"]

    # -- keeping up to date ------------------------------------------------------------------

    @api.model
    def _refresh(self, anew=False):
        """Bring all rows up to date in this transaction.

        :param anew: look at all documents, not only at those that have changed
        :return: whether it was done; not where somebody else is doing it
        """
        if anew:
            self._start_over()
        while (more := self._work()) is True:
            pass
        return more is not None

    @api.model
    def _work(self):
        """Do what one transaction is to do, in a fixed number of statements: a slice of all
        documents while they are looked over, and after the last what has changed.

        :return: whether there is more to do; None where somebody else is doing it
        """
        # sudo: whoever asks, the rows are those of everybody; record rules part them when read
        system = self.sudo()
        self.env.flush_all()
        if not attribution.take_turn(self.env.cr):
            return None
        now, progress = database_clock.now(self.env), system.env["flow.attribution.progress"]
        touches = attribution.Touches(tuple(self._touch_kinds()), tuple(self._bounce_kinds()))
        sources = system._sources()
        positions = progress._positions([source.kind for source in sources])
        self.invalidate_model()
        for source in sources:
            if positions[source.kind] is not None:
                done = attribution.look_over(system.env, source, touches, positions[source.kind])
                progress._looked_over(source.kind, done)
                if done:
                    return True
        for source in sources:
            since = progress._begin(source.kind)
            attribution.follow(system.env, source, touches, since, now)
        return False

    @api.model
    def _cron_refresh(self):
        """Bring all rows up to date, each slice in a transaction of its own."""
        jobs = self.env["ir.cron"]
        while self._work():
            if not jobs._commit_progress(1, remaining=1):
                return
        jobs._commit_progress(1, remaining=0)

    @api.model
    def _cron_refresh_anew(self):
        """Let the next look be at everything; a little later where somebody is at it already."""
        if not attribution.take_turn(self.env.cr):
            again = fields.Datetime.now() + LATER
            self.env.ref("marketing_campaign_flow.ir_cron_attribution_anew")._trigger(again)
            return
        self._start_over()
        self.env.ref("marketing_campaign_flow.ir_cron_attribution")._trigger()

    @api.model
    def _start_over(self):
        """Let all documents be looked at again: what they depend on has changed."""
        # sudo: whoever changes it need not know of figures
        self.sudo().env["flow.attribution.progress"]._start_over()

    @api.model
    def action_refresh(self):
        """Bring the figures up to date now.

        :raises UserError: when that is being done already
        """
        self.check_access("read")
        more = self._work()
        if more is None:
            raise UserError(self.env._("The figures are being worked out. Look again in a minute."))
        if more:  # than a person waits for
            # sudo: anybody who may read the figures may have them worked out
            self.env.ref("marketing_campaign_flow.ir_cron_attribution").sudo()._trigger()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    # -- figures -----------------------------------------------------------------------------

    @api.model
    def _sums(self, kind, campaigns):
        """Return what campaigns brought by the method of their company, in one statement.

        :return: ``{campaign id: (number of documents, amount in the campaign's currency)}``
        """
        asked = [
            (campaign.id, campaign.id, campaign.company_id.flow_attribution_method, None)
            for campaign in campaigns._origin
        ]
        return attribution.sums(self.env, kind, asked)


class FlowAttributionProgress(models.Model):
    _name = "flow.attribution.progress"
    _description = "How Far Attribution Is"
    _log_access = False
    _rec_name = "kind"

    kind = fields.Char(required=True, readonly=True)
    until = fields.Datetime(readonly=True, help="Changes before it were looked at (UTC).")
    position = fields.Integer(
        readonly=True,
        help="While all documents are looked over: the id of the one up to which that was done."
        " Without a value otherwise.",
    )

    _one_per_kind = models.Constraint("UNIQUE(kind)", "Each kind of document has one row.")

    @api.model
    def _positions(self, kinds):
        """Return how far all documents of each kind were looked over.

        :return: ``{kind: id of a document}``, None for a kind where nothing is left of that; what
            was never looked at begins now
        """
        self.env.cr.execute(
            """INSERT INTO flow_attribution_progress (kind, until, position)
               SELECT kind, now() AT TIME ZONE 'UTC', 0 FROM unnest(%s::text[]) kind
                   ON CONFLICT (kind) DO NOTHING""",
            [kinds],
        )
        self.env.cr.execute("SELECT kind, position FROM flow_attribution_progress")
        return dict(self.env.cr.fetchall())

    @api.model
    def _looked_over(self, kind, position):
        """Note how far all documents of a kind were looked over; None for the end."""
        self.env.cr.execute(
            "UPDATE flow_attribution_progress SET position = %s WHERE kind = %s", [position, kind]
        )
        self.invalidate_model()

    @api.model
    def _begin(self, kind):
        """Note that what has changed of a kind is looked at now.

        :return: since when documents may have changed
        """
        self.env.cr.execute(
            """UPDATE flow_attribution_progress p SET until = now() AT TIME ZONE 'UTC'
                 FROM flow_attribution_progress old
                WHERE p.kind = %s AND old.id = p.id
            RETURNING COALESCE(old.until, timestamp 'epoch')""",
            [kind],
        )
        self.invalidate_model()
        return self.env.cr.fetchone()[0]

    @api.model
    def _start_over(self):
        self.env.cr.execute("UPDATE flow_attribution_progress SET position = 0")
        self.invalidate_model()
