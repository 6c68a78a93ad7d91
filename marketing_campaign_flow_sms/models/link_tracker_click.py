from odoo import api, models


class LinkTrackerClick(models.Model):
    _inherit = "link.tracker.click"

    @api.model
    def add_click(self, code, **route_values):
        click = super().add_click(code, **route_values)
        trace = click and click.mailing_trace_id
        if trace and trace.trace_type == "sms" and trace.flow_step_id:
            self.env["flow.event"]._record_for_steps(
                "sms_clicked",
                trace.flow_step_id.ids,
                url=click.link_id.url,
                link_id=click.link_id.id,
                country_code=click.country_id.code or None,
            )
        return click
