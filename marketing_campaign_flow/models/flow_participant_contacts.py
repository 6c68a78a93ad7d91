"""What becomes of runs when their contacts are deleted, archived or merged."""

from odoo import api, fields, models

from ..engine import database_clock, merge


class FlowParticipant(models.Model):
    _inherit = "flow.participant"

    end_kind = fields.Selection(
        selection_add=[("merged", "Contact merged"), ("archived", "Contact archived")]
    )

    @api.model
    def _end_for_archived(self, contacts):
        """End the runs of contacts that were archived: nobody expects mail for them any more.

        :param contacts: records of a campaign's target model
        """
        self._end_runs_of(contacts, "archived")

    @api.model
    def _merge_runs(self, contacts, kept):
        """Let the runs of contacts that are about to be merged go on as those of one of them.

        :param contacts: records of a campaign's target model that are merged into `kept`
        """
        # sudo: whoever may merge contacts merges their runs, whether they see the campaign or not.
        runs = self.sudo()

        def end(ids):
            runs.browse(ids)._end("merged", database_clock.now(self.env))

        partner = kept if kept._name == "res.partner" else kept["partner_id"]
        merge.merge(runs.env, contacts | kept, kept, partner.id or None, end)
