"""Whoever was given a coupon: its code can be named in messages."""

from odoo import api, fields, models

# In the context, the id of the campaign whose coupon a message is about.
COUPONS_OF = "flow_coupons_of"


class FlowCouponHolder(models.AbstractModel):
    _name = "flow.coupon.holder"
    _description = "Holder of a Coupon"

    # sudo: the code is the contact's own, and shown to people in marketing only
    flow_coupon_code = fields.Char(
        string="Code of the latest coupon",
        compute="_compute_flow_coupon_code",
        compute_sudo=True,
        groups="marketing_campaign_flow.group_flow_user",
        help="Given by a campaign; in a message of a campaign, by this one.",
    )

    @api.depends_context(COUPONS_OF)
    def _compute_flow_coupon_code(self):
        domain = [
            ("flow_participant_id.campaign_id.target_model", "=", self._name),
            ("flow_participant_id.res_id", "in", self.ids),
        ]
        campaign_id = self.env.context.get(COUPONS_OF)
        if campaign_id:
            domain.append(("flow_participant_id.campaign_id", "=", campaign_id))
        cards = self.env["loyalty.card"].search(domain, order="id")
        codes = {card.flow_participant_id.res_id: card.code for card in cards}  # the last one wins
        for holder in self:
            holder.flow_coupon_code = codes.get(holder.id, False)

    @api.model
    def mail_allowed_qweb_expressions(self):
        """Let everybody who writes messages name the code, not only those who edit templates."""
        return (*super().mail_allowed_qweb_expressions(), "object.flow_coupon_code")
