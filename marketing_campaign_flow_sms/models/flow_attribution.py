"""SMS are touches too."""

from odoo import api, models


class FlowAttribution(models.Model):
    _inherit = "flow.attribution"

    @api.model
    def _touch_kinds(self):
        return [*super()._touch_kinds(), "sms_clicked"]

    @api.model
    def _bounce_kinds(self):
        return [*super()._bounce_kinds(), "sms_bounced"]
