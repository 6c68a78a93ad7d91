"""Create a quotation from a template."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.marketing_campaign_flow.engine.execute import Outcome
from odoo.exceptions import ValidationError


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(
        selection_add=[("quotation", "Create quotation")], ondelete={"quotation": "cascade"}
    )
    quotation_template_id = fields.Many2one(
        "sale.order.template", string="Quotation template", ondelete="restrict"
    )
    quotation_salesperson = fields.Selection(
        [("contact", "The contact's own"), ("fixed", "This person")],
        string="Quotation sold by",
        default="contact",
        help="A contact without a salesperson gets a quotation without one.",
    )
    quotation_user_id = fields.Many2one(
        "res.users",
        string="Seller of the quotation",
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    quotation_days = fields.Integer(
        string="Quotation valid for", help="Days. 0: as the template says."
    )

    _quotation_days_positive = models.Constraint(
        "CHECK(quotation_days >= 0)", "A quotation cannot be valid for fewer than 0 days."
    )

    @api.constrains("kind", "quotation_salesperson", "quotation_user_id")
    def _check_quotation_salesperson(self):
        for action in self.filtered(lambda action: action.kind == "quotation"):
            if action.quotation_salesperson == "fixed" and not action.quotation_user_id:
                raise ValidationError(self.env._("Say who sells."))

    def _run_quotation(self, steps):
        """Create a quotation for each contact. Contract: transactional.

        They are created with the rights of the campaign's responsible, and carry its UTM campaign.
        """
        if not self.env["sale.order"].has_access("create"):
            refused = Outcome(
                "failed",
                self.env._(
                    "%s, who is responsible for the campaign, has no right to create quotations.",
                    self.env.user.name,
                ),
            )
            return dict.fromkeys(steps.ids, refused)
        known = steps.filtered("participant_id.partner_id")
        orders = self.env["sale.order"].create(
            [self._quotation_values(step.participant_id.partner_id) for step in known]
        )
        for order in orders:  # as the form does when its template is chosen
            order._onchange_sale_order_template_id()
        nobody = Outcome("skipped", self.env._("No contact to make a quotation for"))
        return dict.fromkeys((steps - known).ids, nobody)

    def _quotation_values(self, contact):
        campaign = self.campaign_id
        seller = contact.user_id
        if self.quotation_salesperson == "fixed":
            seller = self.quotation_user_id
        values = {
            "partner_id": contact.id,
            "sale_order_template_id": self.quotation_template_id.id,
            "user_id": seller.id,
            "company_id": campaign.company_id.id,
            "campaign_id": campaign.utm_campaign_id.id,
            "origin": campaign.name,
        }
        if self.quotation_days:
            today = fields.Date.context_today(self)
            values["validity_date"] = today + timedelta(days=self.quotation_days)
        return values

    def _rights_needed(self):
        if self.kind == "quotation":
            return {("sale.order", "create")}
        return super()._rights_needed()

    @api.model
    def _icons(self):
        return {**super()._icons(), "quotation": "fa-file-text-o"}

    def _content_missing(self):
        if self.kind == "quotation":
            return not self.quotation_template_id
        return super()._content_missing()

    @api.depends("quotation_template_id.name")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "quotation":
            return self.quotation_template_id.name or ""
        return super()._content_in_words()
