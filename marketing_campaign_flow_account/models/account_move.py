"""What becomes of invoices: events for their customers."""

from datetime import timedelta

from odoo import api, models
from odoo.addons.marketing_campaign_flow.engine import database_clock
from odoo.addons.marketing_campaign_flow.engine.contact_events import Occurrence

INVOICES = ("out_invoice", "out_receipt")
PAID = ("in_payment", "paid")
# Under this name a transaction notes which invoices it has seen paid.
SEEN_PAID = "flow_invoices_paid"


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        posted = super()._post(soft)
        posted._flow_record("invoice_posted")
        return posted

    def _compute_payment_state(self):
        unpaid = self.filtered(lambda move: move.id and move.payment_state not in PAID)
        result = super()._compute_payment_state()
        paid = unpaid.filtered(lambda move: move.payment_state in PAID)
        if paid:
            paid._flow_see_paid()
        return result

    def _flow_see_paid(self):
        """Note invoices as paid; they are recorded together when the transaction ends.

        A computation must not write anything else, and what it found may still change.
        """
        precommit = self.env.cr.precommit
        seen = precommit.data.setdefault(SEEN_PAID, set())
        if not seen:
            # sudo: whoever has an invoice paid tells its customer's campaigns
            precommit.add(self.env["account.move"].sudo()._flow_record_paid)
        seen.update(self.ids)

    def _flow_record_paid(self):
        seen = self.browse(sorted(self.env.cr.precommit.data.pop(SEEN_PAID, ())))
        paid = seen.exists().filtered(lambda move: move.payment_state in PAID)
        paid._flow_record("invoice_paid")

    def _flow_record(self, kind):
        """Record that something happened to customers' invoices, one call for all of them."""
        invoices = self.filtered(lambda move: move.move_type in INVOICES and move.state == "posted")
        self.env["flow.event"]._record_occurrences(
            kind,
            [move._flow_occurrence(value=move.amount_total_signed) for move in invoices],
        )

    def _flow_occurrence(self, **details):
        return Occurrence.of(
            self.sudo().partner_id,  # sudo: who posts an invoice tells its customer's campaigns
            detail=self.name,
            record_id=self.id,
            company_id=self.company_id.id,
            **details,
        )

    @api.model
    def _cron_flow_overdue(self):
        """Record which invoices have been overdue for as many days as campaigns ask for."""
        today = database_clock.now(self.env).date()

        def find(days, made_up):
            due = today - timedelta(days=days)
            return self.search(
                [
                    ("move_type", "in", INVOICES),
                    ("state", "=", "posted"),
                    ("payment_state", "in", ("not_paid", "partial")),
                    ("invoice_date_due", "<=", due),
                    ("invoice_date_due", ">", due - made_up),
                ]
            )

        return self.env["flow.threshold"]._record(
            "invoice_overdue", find, lambda move, **details: move._flow_occurrence(**details)
        )
