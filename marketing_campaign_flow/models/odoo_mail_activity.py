from odoo import api, fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    flow_task_id = fields.Many2one(
        "flow.phase.task",
        string="Campaign task",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_no_mandatory_task(self):
        self.flow_task_id._check_may_be_cancelled(self)
