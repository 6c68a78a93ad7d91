from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    flow_lane_count = fields.Integer(
        string="Lanes of the engine",
        help="How many passes of the engine may run side by side. One thread of Odoo's scheduler"
        " (--max-cron-threads) is always left to other jobs.",
    )

    _flow_lane_count_positive = models.Constraint(
        "CHECK(flow_lane_count IS NULL OR flow_lane_count BETWEEN 0 AND 32)",
        "The engine has 1 to 32 lanes.",
    )

    @api.model
    def get_values(self):
        lanes = self.env["flow.campaign"]._all_lanes().filtered("active")
        return {**super().get_values(), "flow_lane_count": len(lanes)}

    def set_values(self):
        result = super().set_values()
        if self.flow_lane_count != self.get_values()["flow_lane_count"]:
            self.env["flow.campaign"]._set_lane_count(max(1, self.flow_lane_count))
        return result
