"""A new campaign in one line of the board: with a template or without."""

from odoo import api, fields, models
from odoo.tools.misc import clean_context


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    template_id = fields.Many2one(
        "flow.template",
        store=False,
        help="The design that the campaign begins with. Empty: a start and an end.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Build what is to begin with a template from its design."""
        plain = [vals for vals in vals_list if not vals.get("template_id")]
        made = iter(super().create(plain) if plain else ())
        campaigns = self.browse()
        for vals in vals_list:
            if vals.get("template_id"):
                campaigns += self._create_from_template(dict(vals))
            else:
                campaigns += next(made)
        return campaigns

    @api.model
    def _create_from_template(self, vals):
        template = self.env["flow.template"].browse(vals.pop("template_id"))
        template.check_access("read")
        # What the column of the board says is of the campaign, not of the parts of its workflow.
        defaults = {
            key.removeprefix("default_"): value
            for key, value in self.env.context.items()
            if key.startswith("default_") and key.removeprefix("default_") in self._fields
        }
        given = {name: value for name, value in vals.items() if value not in (False, None)}
        plain = self.env(context=clean_context(self.env.context))[self._name]
        made = template.with_env(plain.env)._make_campaign(**{**defaults, **given})
        return made.with_env(self.env)
