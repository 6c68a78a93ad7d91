from odoo import fields, models


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(selection_add=[("remark", "Remark")], ondelete={"remark": "cascade"})
    remark = fields.Char()

    def _run_remark(self, steps):
        contact_of, outcomes = steps._contacts()
        self._target().union(*contact_of.values()).write({"comment": self.remark})
        return outcomes

    def _content_missing(self):
        return not self.remark if self.kind == "remark" else super()._content_missing()
