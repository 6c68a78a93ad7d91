from odoo import api, fields, models

from ..engine.contact_events import Occurrence


class MailActivity(models.Model):
    _inherit = "mail.activity"

    flow_task_id = fields.Many2one(
        "flow.phase.task",
        string="Campaign task",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
    )

    def _action_done(self, feedback=False, attachment_ids=None):
        done = [(one.res_model, one.res_id, one.activity_type_id) for one in self]
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        self.env["flow.event"]._record_occurrences(
            "activity_done",
            [
                Occurrence.of(contact, detail=kind.name, record_id=kind.id)
                for model, res_id, kind in done
                for contact in self._flow_contacts(model, res_id)
            ],
        )
        return result

    @api.model
    def _flow_contacts(self, model, res_id):
        """Return the contacts whom an activity on a record is about."""
        if model in ("res.partner", "mailing.contact"):
            return self.env[model].browse(res_id).exists()
        return self.env["res.partner"]

    @api.ondelete(at_uninstall=False)
    def _unlink_no_mandatory_task(self):
        self.flow_task_id._check_may_be_cancelled(self)
