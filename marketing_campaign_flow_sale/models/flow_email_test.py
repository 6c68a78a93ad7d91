"""Versions of an email compared by what their recipients ordered afterwards."""

from odoo import fields, models
from odoo.addons.marketing_campaign_flow.engine.significance import Mean
from odoo.fields import Domain
from odoo.tools import SQL, formatLang

# What each recipient has ordered since the email left, untaxed, in the company's currency. An order
# knows its second only.
REVENUE = """
    WITH recipient AS (
        SELECT s.arm, s.participant_id, p.partner_id, date_trunc('second', min(s.done_at)) AS since
          FROM flow_step s JOIN flow_participant p ON p.id = s.participant_id
         WHERE s.campaign_id = %(campaign)s AND s.action_key = %(key)s AND s.arm = ANY(%(arms)s)
           AND s.status = 'done'
         GROUP BY 1, 2, 3
    ),
    ordered AS (
        SELECT id, partner_id, date_order,
               amount_untaxed / COALESCE(NULLIF(currency_rate, 0), 1) AS amount
          FROM sale_order WHERE id IN %(orders)s
    ),
    spent AS (
        SELECT r.arm, r.participant_id, COALESCE(sum(o.amount), 0)::float8 AS amount
          FROM recipient r
          LEFT JOIN ordered o ON o.partner_id = r.partner_id AND o.date_order >= r.since
         GROUP BY 1, 2
    )
    SELECT arm, count(*), sum(amount), sum(amount * amount) FROM spent GROUP BY arm
"""


class FlowAction(models.Model):
    _inherit = "flow.action"

    test_metric = fields.Selection(
        selection_add=[("revenue", "Ordered, on average")], ondelete={"revenue": "set default"}
    )


class FlowEmailTest(models.Model):
    _inherit = "flow.email.test"

    def _measure_revenue(self):
        """Return what was ordered per recipient of each version, as the responsible sees it."""
        if not self.started_at:
            return {arm.letter: Mean(0, 0.0, 0.0) for arm in self.arm_ids}
        campaign = self.campaign_id._as_responsible()
        orders = campaign.env["sale.order"]
        orders.flush_model(["amount_untaxed", "currency_rate", "partner_id", "date_order", "state"])
        query = orders._search(
            Domain("state", "=", "sale")
            & Domain("company_id", "=", campaign.company_id.id)
            & Domain("date_order", ">=", self.started_at.replace(microsecond=0))
        )
        self.env.flush_all()
        letters = self._letters_by_mark()
        rows = self.env.execute_query(
            SQL(
                REVENUE,
                arms=list(letters),
                campaign=campaign.id,
                key=self.action_key,
                orders=query.subselect(),
            )
        )
        found = {letters[mark]: Mean(cases, total, squares) for mark, cases, total, squares in rows}
        return {arm.letter: found.get(arm.letter, Mean(0, 0.0, 0.0)) for arm in self.arm_ids}

    def _note(self, action):
        noted = super()._note(action)
        if action.test_metric == "revenue":
            measures = self._measure_revenue()
            for arm in self.arm_ids:
                arm.revenue = measures[arm.letter].total
        return noted


class FlowEmailArm(models.Model):
    _inherit = "flow.email.arm"

    revenue = fields.Float(readonly=True, help="Ordered afterwards, untaxed, when last looked at.")

    def _rate(self, metric, counts):
        if metric != "revenue":
            return super()._rate(metric, counts)
        each = self.revenue / counts["sent"] if counts["sent"] else 0
        return self.env._("%s each", formatLang(self.env, each, digits=2))
