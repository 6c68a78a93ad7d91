"""Give the contact a coupon."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.marketing_campaign_flow.engine import consent
from odoo.addons.marketing_campaign_flow.engine.execute import Outcome

from ..models.flow_coupon_holder import COUPONS_OF


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(
        selection_add=[("coupon", "Give a coupon")], ondelete={"coupon": "cascade"}
    )
    coupon_program_id = fields.Many2one(
        "loyalty.program",
        string="Coupon program",
        ondelete="restrict",
        domain="[('program_type', 'in', ('coupons', 'next_order_coupons', 'gift_card'))]",
    )
    coupon_points = fields.Float(
        string="Points of the coupon",
        default=1.0,
        help="What it is worth, in the unit of the program.",
    )
    coupon_unit = fields.Char(related="coupon_program_id.portal_point_name", string="Unit")
    coupon_days = fields.Integer(string="Coupon valid for", help="Days. 0: without end.")
    coupon_mail = fields.Boolean(
        string="Send the program's email",
        help="The email that the program sends when a coupon is created. Leave it off where the"
        " campaign's own next message names the code with {{ object.flow_coupon_code }}.",
    )

    _coupon_days_positive = models.Constraint(
        "CHECK(coupon_days >= 0)", "A coupon cannot be valid for fewer than 0 days."
    )

    def _run(self, steps):
        # Whatever message is written here names the coupon of this campaign.
        ours = self.with_context(**{COUPONS_OF: self.campaign_id.id})
        return super(FlowAction, ours)._run(steps)

    def _run_coupon(self, steps):
        """Give each contact a coupon. Contract: transactional.

        The coupon, and the program's email in Odoo's own queue, commit with the step. They are
        created with the rights of the campaign's responsible.
        """
        cards = self.env["loyalty.card"].with_context(action_no_send_mail=not self.coupon_mail)
        if not cards.has_access("create"):
            refused = self.env._(
                "%s, who is responsible for the campaign, has no right to create coupons.",
                self.env.user.name,
            )
            return dict.fromkeys(steps.ids, Outcome("failed", refused))
        outcomes = self._coupon_refusals(steps)
        given = steps.filtered(lambda step: step.id not in outcomes)
        coupons = cards.create([self._coupon_values(step.participant_id) for step in given])
        self.env["loyalty.history"].create(
            [
                {
                    "card_id": coupon.id,
                    "description": self.campaign_id.name,
                    "issued": self.coupon_points,
                }
                for coupon in coupons
            ]
        )
        for model in ("res.partner", "mailing.contact"):
            self.env[model].invalidate_model(["flow_coupon_code"])
        return outcomes

    def _coupon_refusals(self, steps):
        """Return the outcomes of those who cannot get the program's email."""
        if not self.coupon_mail:
            return {}
        blocked = consent.blacklisted(
            self.env, [email for email in steps.participant_id.mapped("email_key") if email]
        )
        outcomes = {}
        for step in steps:
            person = step.participant_id
            if not person.partner_id or not person.email_key:
                outcomes[step.id] = Outcome("skipped", self.env._("No contact with an address"))
            elif person.email_key in blocked:
                outcomes[step.id] = Outcome("skipped", self.env._("Blacklisted"))
        return outcomes

    def _coupon_values(self, participant):
        today = fields.Date.context_today(self)
        days = self.coupon_days
        return {
            "program_id": self.coupon_program_id.id,
            "points": self.coupon_points,
            "expiration_date": today + timedelta(days=days) if days else False,
            "partner_id": participant.partner_id.id,
            "flow_participant_id": participant.id,
        }

    def _rights_needed(self):
        if self.kind == "coupon":
            return {("loyalty.card", "create")}
        return super()._rights_needed()

    @api.model
    def _icons(self):
        return {**super()._icons(), "coupon": "fa-gift"}

    def _content_missing(self):
        if self.kind == "coupon":
            return not self.coupon_program_id
        return super()._content_missing()

    @api.depends("coupon_program_id.name")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "coupon":
            return self.coupon_program_id.name or ""
        return super()._content_in_words()
