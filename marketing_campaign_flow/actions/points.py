"""Give or take points of the contact."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import points
from ..engine.execute import Outcome

SIGNS = {"add": "+", "subtract": "−", "set": "="}


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(selection_add=[("points", "Points")], ondelete={"points": "cascade"})
    points_operation = fields.Selection(
        [("add", "Add"), ("subtract", "Subtract"), ("set", "Set to")], default="add"
    )
    points_amount = fields.Integer(string="Number of points", default=10)
    points_group_id = fields.Many2one(
        "flow.point.group",
        string="Point group",
        ondelete="restrict",
        index="btree_not_null",
        compute="_compute_points_group",
        store=True,
        readonly=False,
        help="What the points are for, such as the interest in one product. “Set to” concerns the"
        " points of this group.",
    )
    points_reason = fields.Char(
        string="Why", help="Stands beside the points of the contact, for people who read it later."
    )

    @api.depends("kind")
    def _compute_points_group(self):
        for action in self.filtered(lambda action: action.kind == "points"):
            action.points_group_id = action.points_group_id or self.env.ref(
                "marketing_campaign_flow.flow_point_group_points", raise_if_not_found=False
            )

    @api.constrains("kind", "points_operation", "points_amount")
    def _check_points(self):
        for action in self.filtered(lambda action: action.kind == "points"):
            if action.points_operation != "set" and action.points_amount <= 0:
                raise ValidationError(self.env._("Say how many points, more than zero."))

    def _run_points(self, steps):
        """Change the points of all contacts of the steps at once. Contract: transactional.

        Points are the campaigns' own records, so seeing a contact is enough to give it points.
        """
        model, contact_of = self._points_holders(steps)
        seen = set(
            self.env[model]
            .with_context(active_test=False)
            .search([("id", "in", list(set(contact_of.values())))])
            .ids
        )
        unseen = [step_id for step_id, contact in contact_of.items() if contact not in seen]
        contact_of = {
            step_id: contact for step_id, contact in contact_of.items() if contact in seen
        }
        if contact_of:
            points.change(self.env, self.campaign_id, model, contact_of, self._points_change())
        reason = self.env._("The contact is gone, or out of sight for the responsible")
        return {step_id: Outcome("skipped", reason) for step_id in unseen}

    def _points_holders(self, steps):
        """Return the kind of contact that gets the points, and whom each step is about."""
        contact_of = {step.id: step.participant_id.res_id for step in steps}
        return self.campaign_id.target_model, contact_of

    def _points_change(self):
        sign = -1 if self.points_operation == "subtract" else 1
        return points.Change(
            self.points_group_id.id,
            sign * self.points_amount,
            is_goal=self.points_operation == "set",
            reason=self.points_reason or None,
        )

    @api.model
    def _icons(self):
        return {**super()._icons(), "points": "fa-star-o"}

    def _content_missing(self):
        if self.kind == "points":
            return not (self.points_group_id and self.points_operation)
        return super()._content_missing()

    @api.depends("points_operation", "points_amount", "points_group_id.name")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "points":
            sign = SIGNS.get(self.points_operation, "")
            return f"{sign} {self.points_amount} {self.points_group_id.name or ''}".strip()
        return super()._content_in_words()
