"""What money is spent on: design, print, emails … as an organisation names it."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class FlowCostCategory(models.Model):
    _name = "flow.cost.category"
    _description = "Campaign Cost Category"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    # What refers to a category.
    _USED_BY = ("flow.cost", "flow.budget.line")

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        for model in self._USED_BY:
            # sudo: a category is one of all companies' costs
            used = self.env[model].sudo().search([("category_id", "in", self.ids)], limit=1)
            if used:
                raise UserError(
                    self.env._(
                        "“%s” is the category of costs or budgets. Archive it instead: it is no"
                        " longer offered then, and what has it keeps it.",
                        used.category_id.name,
                    )
                )
