"""People whom somebody takes into an audience or out of it, one by one or by an import."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class FlowAudienceChoice(models.Model):
    _name = "flow.audience.choice"
    _description = "Audience: Taken In or Out by Hand"
    _inherit = ["flow.contact.finder", "flow.about.contact"]
    _order = "id desc"

    audience_id = fields.Many2one("flow.audience", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="audience_id.company_id", store=True)
    target_model = fields.Selection(related="audience_id.target_model")
    res_id = fields.Many2oneReference(
        string="Contact ID", model_field="target_model", readonly=True
    )
    decision = fields.Selection(
        [("in", "Take in"), ("out", "Take out")],
        string="What",
        required=True,
        default="in",
    )
    result = fields.Selection(
        [("done", "Noted"), ("unknown", "Is no contact that you can see")], readonly=True
    )

    @api.model
    def _about_seen(self):
        """Who was named is also for whoever named them."""
        return self._named_by_audience_seen() | Domain("create_uid", "=", self.env.uid)

    @api.model_create_multi
    def create(self, vals_list):
        choices = super().create(vals_list)
        for audience in choices.audience_id:
            for decision in ("in", "out"):
                choices.filtered(
                    lambda one, a=audience, d=decision: one.audience_id == a and one.decision == d
                )._note(audience, decision)
        return choices

    def write(self, vals):
        if not self.env.su:
            raise ValidationError(
                self.env._("This was noted; choose again to take somebody in or out.")
            )
        return super().write(vals)

    def _note(self, audience, decision):
        """Write decisions down in the audience, all at once.

        Who is taken in and whom nobody knows becomes a contact; who is taken out does not.
        """
        if not self:
            return
        target = audience._target()
        self._find_contacts(target, create=decision == "in")
        asked = [choice.res_id for choice in self if choice.res_id]
        visible = set(target.search(Domain("id", "in", asked)).ids)
        audience._decide([res_id for res_id in asked if res_id in visible], decision)
        known = self.filtered(lambda choice: choice.res_id in visible)
        known.sudo().result = "done"  # sudo: nobody else may say what happened
        # Without the contact, whose name its number would tell.
        (self - known).sudo().write({"result": "unknown", "partner_id": False})
