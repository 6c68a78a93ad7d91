"""Hold-out: part of the audience gets nothing, so that it can be said what the campaign brings."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine import audience, holdout, result
from .finding import Finding


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    holdout_share = fields.Float(
        "Held out (%)",
        digits=(5, 2),
        tracking=True,
        help="Of those who would come in, so many get nothing: drawn by chance, once for each, and"
        " measured like the others. 0: nobody. A change counts for those who come in later.",
    )
    control_audience_id = fields.Many2one(
        "flow.audience",
        string="Control group",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('target_model', '=', target_model)]",
        help="Whoever is in this audience as well is held out: for a control group that was drawn"
        " elsewhere.",
    )
    held_out_count = fields.Integer("Held out", compute="_compute_held_out_count")

    _holdout_share_sensible = models.Constraint(
        "CHECK(holdout_share >= 0 AND holdout_share <= 90)",
        "Between 0 and 90 % of the audience can be held out.",
    )

    @api.constrains("control_audience_id", "audience_id")
    def _check_control_audience(self):
        for campaign in self.filtered("control_audience_id"):
            if campaign.control_audience_id.target_model != campaign.target_model:
                raise ValidationError(
                    self.env._("The control group is made of another kind of contact.")
                )

    def _compute_held_out_count(self):
        sums = result.sums(self.env, self.ids, [holdout.HELD_OUT]) if self.ids else {}
        for campaign in self:
            campaign.held_out_count = sums.get(campaign.id, {}).get(holdout.HELD_OUT, 0)

    def _held_out(self):
        """Return SQL for whether a contact ``c`` who comes in is held out, see `holdout.draw`."""
        control = None
        if self.control_audience_id:
            query = self._as_responsible().control_audience_id._contact_query(self)
            control = audience.ids_of(query)
        return holdout.draw(self.id, self.holdout_share, control)

    def _audience_problems(self, figures=None):
        problems = super()._audience_problems(figures)
        if self.control_audience_id:
            try:
                self._held_out()
            except UserError as error:
                problems.append(Finding(str(error), self.control_audience_id))
        return problems

    def _addressed_in_words(self, figures):
        words = [super()._addressed_in_words(figures)]
        if self.holdout_share:
            words.append(
                self.env._("%s %% of them are held out and get nothing.", f"{self.holdout_share:g}")
            )
        if self.control_audience_id:
            words.append(
                self.env._("Who is in “%s” is held out.", self.control_audience_id.display_name)
            )
        return " ".join(words)

    def _before_launch(self):
        """Fix the list of a control group that is to be a fixed one as well."""
        if self.control_audience_id:
            self._as_responsible().control_audience_id._freeze_at_launch()
        return super()._before_launch()
