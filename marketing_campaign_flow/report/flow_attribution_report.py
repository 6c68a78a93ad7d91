"""What campaigns brought, with the names that states and emails have now."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..models.flow_attribution import METHODS
from .flow_activity_report import NEWEST

QUERY = """
    SELECT b.id, b.kind, b.res_model, b.res_id, b.method, b.place, b.parts, b.campaign_id,
           b.company_id, b.currency_id, b.company_currency_id, b.participant_id, b.partner_id,
           s.id AS state_id, a.id AS action_id, b.arm, b.touched_at, b.moment, b.day, b.share,
           b.amount, b.campaign_amount
      FROM flow_attribution b
      LEFT JOIN (%(states)s) s ON s.campaign_id = b.campaign_id AND s.key = b.state_key
      LEFT JOIN (%(actions)s) a ON a.campaign_id = b.campaign_id AND a.key = b.action_key
"""


class FlowAttributionReport(models.Model):
    _name = "flow.attribution.report"
    _description = "What Campaigns Brought"
    _auto = False
    _order = "moment desc, id desc"
    _rec_name = "document"

    kind = fields.Selection("_selection_kind", string="What", readonly=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference("Document ID", model_field="res_model", readonly=True)
    document = fields.Char(
        compute="_compute_document", help="Its name, for those who may see the document."
    )
    method = fields.Selection(METHODS, string="Counted by", readonly=True)
    place = fields.Integer("Touch", readonly=True, aggregator=None)
    parts = fields.Integer("Of touches", readonly=True, aggregator=None)
    campaign_id = fields.Many2one("flow.campaign", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", "Campaign currency", readonly=True)
    company_currency_id = fields.Many2one("res.currency", "Company currency", readonly=True)
    participant_id = fields.Many2one("flow.participant", readonly=True)
    partner_id = fields.Many2one("res.partner", "Contact", readonly=True)
    state_id = fields.Many2one("flow.state", "State of the email", readonly=True)
    action_id = fields.Many2one("flow.action", "Email", readonly=True)
    arm = fields.Char("Version", readonly=True)
    touched_at = fields.Datetime("Touched on", readonly=True)
    moment = fields.Datetime("Ordered or asked on", readonly=True)
    day = fields.Date(readonly=True, help="In UTC.")
    share = fields.Float(
        "Documents",
        digits=(16, 2),
        readonly=True,
        help="How many orders, invoices or leads; a part of one, where several emails share it.",
    )
    amount = fields.Monetary(
        "Amount (company)",
        currency_field="company_currency_id",
        readonly=True,
        help="Untaxed, in the company's currency; of leads, the expected revenue.",
    )
    campaign_amount = fields.Monetary(
        "Amount (campaign)",
        currency_field="currency_id",
        readonly=True,
        help="The same in the currency of the campaign, at the rate of the day.",
    )

    @api.model
    def _selection_kind(self):
        return self.env["flow.attribution"]._fields["kind"]._description_selection(self.env)

    @property
    def _table_query(self):
        return SQL(
            QUERY,
            states=SQL(NEWEST, SQL.identifier("flow_state")),
            actions=SQL(NEWEST, SQL.identifier("flow_action")),
        )

    @api.depends("res_model", "res_id")
    def _compute_document(self):
        for model, rows in self.grouped("res_model").items():
            documents = self.env[model]
            seen = documents.browse()
            if documents.has_access("read"):
                everywhere = documents.with_context(active_test=False)
                seen = everywhere.search([("id", "in", rows.mapped("res_id"))])
            names = {document.id: document.display_name for document in seen}
            for row in rows:
                row.document = names.get(row.res_id) or self.env._("Not visible to you")

    def action_open(self):
        """Open the order, invoice or lead."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }

    @api.model
    def action_refresh(self, *_chosen):
        """Bring the figures up to date now."""
        return self.env["flow.attribution"].action_refresh()
