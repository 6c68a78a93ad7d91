from odoo import api, models


class LinkTrackerClick(models.Model):
    _inherit = "link.tracker.click"

    @api.model
    def add_click(self, code, **route_values):
        click = super().add_click(code, **route_values)
        trace_id = route_values.get("mailing_trace_id")
        if trace_id:
            self.env["flow.event"]._record_click(code, trace_id)
        return click
