"""Attempts to deliver a message, numbered below its step."""

from odoo import fields, models
from odoo.exceptions import UserError

from ..engine import database_clock


class FlowDelivery(models.Model):
    _name = "flow.delivery"
    _description = "Delivery Attempt"
    _log_access = False  # as many rows as messages, written by the engine
    _order = "started_at desc, id desc"
    _rec_name = "number"

    step_id = fields.Many2one("flow.step", required=True, ondelete="cascade", readonly=True)
    campaign_id = fields.Many2one("flow.campaign", required=True, ondelete="cascade", readonly=True)
    participant_id = fields.Many2one(related="step_id.participant_id")
    action_id = fields.Many2one(related="step_id.action_id")
    number = fields.Integer(string="Attempt", required=True, readonly=True)
    status = fields.Selection(
        [
            ("attempting", "Being handed over"),
            ("accepted", "Accepted"),
            ("retry", "Try again later"),
            ("failed", "Refused"),
            ("uncertain", "Uncertain"),
            ("resent", "Uncertain, sent again"),
            ("let_be", "Uncertain, let be"),
        ],
        required=True,
        readonly=True,
    )
    started_at = fields.Datetime(string="Begun", required=True, readonly=True)
    ended_at = fields.Datetime(string="Ended", readonly=True)
    code = fields.Integer(string="SMTP code", readonly=True)
    reply = fields.Char(string="Answer of the mail server", readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Decided by", index="btree_not_null", readonly=True
    )

    _numbered = models.Constraint(
        "UNIQUE(step_id, number)", "The attempts of a message are numbered."
    )
    # A message is under way, or was accepted, once: nothing is sent a second time.
    _once = models.UniqueIndex("(step_id) WHERE status IN ('attempting', 'accepted')")
    # How many went out in the last hour, and which are uncertain.
    _by_time = models.Index("(campaign_id, started_at)")
    _uncertain = models.Index("(campaign_id) WHERE status = 'uncertain'")

    def action_send_again(self):
        """Send uncertain messages once more: a person has found out, or takes the risk."""
        uncertain = self._decide("resent")
        # sudo: who may change the campaign may decide, though not rewrite the ledger
        uncertain.step_id.sudo().write(
            {
                "status": "scheduled",
                "due_at": database_clock.now(self.env),
                "done_at": False,
                "reason": False,
            }
        )
        self.env["flow.campaign"]._wake_engine()

    def action_let_be(self):
        """Leave uncertain messages as they are: they count as sent."""
        uncertain = self._decide("let_be")
        # sudo: see above
        uncertain.step_id.sudo().write(
            {"status": "done", "reason": self.env._("Uncertain; taken as delivered")}
        )
        traces = self.env["mailing.trace"].sudo()  # sudo: see above
        traces.search(
            [("flow_step_id", "in", uncertain.step_id.ids), ("trace_status", "=", "outgoing")]
        ).set_sent()

    def _decide(self, status):
        """Write down what a person decided about uncertain messages.

        :raises UserError: when the outcome of one of them is known
        """
        self.campaign_id.check_access("write")
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT id FROM flow_delivery WHERE id = ANY(%s) AND status = 'uncertain'"
            " ORDER BY id FOR UPDATE",
            [self.ids],
        )
        if self.env.cr.rowcount != len(self):
            raise UserError(self.env._("Only messages whose outcome is uncertain can be decided."))
        self.sudo().write({"status": status, "user_id": self.env.uid})  # sudo: see above
        return self
