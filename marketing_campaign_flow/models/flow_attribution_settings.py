"""How campaigns count what they brought: by which touch, and within how many days."""

from odoo import api, fields, models

from .flow_attribution import METHODS

LONGEST = 3650


class ResCompany(models.Model):
    _inherit = "res.company"

    flow_attribution_method = fields.Selection(
        METHODS, string="What campaigns brought is counted by", default="last", required=True
    )
    flow_attribution_days = fields.Integer("Attribution window (days)", default=30, required=True)

    _flow_attribution_days = models.Constraint(
        f"CHECK(flow_attribution_days BETWEEN 1 AND {LONGEST})",
        "The attribution window is at least one day and at most ten years.",
    )

    def write(self, vals):
        days = self.mapped("flow_attribution_days") if "flow_attribution_days" in vals else None
        result = super().write(vals)
        if days is not None and days != self.mapped("flow_attribution_days"):
            self.env["flow.attribution"]._start_over()
        return result


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    attribution_days = fields.Integer(
        "Attribution window (days)",
        help="What people order, or ask for, counts for the campaign when its messages reached them"
        " at most so many days before, also after it has ended. 0: as the settings say.",
    )

    _attribution_days = models.Constraint(
        f"CHECK(attribution_days BETWEEN 0 AND {LONGEST})",
        "The attribution window is at most ten years.",
    )

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"attribution_days", "company_id", "currency_id"}:
            self.env["flow.attribution"]._start_over()
        return result

    @api.ondelete(at_uninstall=False)
    def _leave_shares_to_others(self):
        """What a campaign has brought is shared out among the others once it is gone."""
        self.env["flow.attribution"]._start_over()

    def action_view_attribution(self):
        """Open what the campaign brought, by the method of its company."""
        return self._view_attribution()

    def _view_attribution(self, kind=None):
        """Return the screen of what the campaign brought.

        :param kind: only documents of this kind
        """
        view = self._view(
            "flow.attribution.report", self.env._("What It Brought"), "pivot,graph,list"
        )
        method = self.company_id.flow_attribution_method
        context = {**view["context"], f"search_default_{method}": 1}
        if not kind:
            return {**view, "context": context}
        return {
            **view,
            "view_mode": "list,pivot,graph",
            "domain": [*view["domain"], ("kind", "=", kind)],
            "context": context,
        }


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    flow_attribution_method = fields.Selection(
        related="company_id.flow_attribution_method", readonly=False
    )
    flow_attribution_days = fields.Integer(
        related="company_id.flow_attribution_days", readonly=False
    )
