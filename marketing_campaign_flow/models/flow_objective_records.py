"""An objective that counts any records of Odoo that match a filter."""

import ast

import psycopg2
from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine.objective import Unmeasured


class FlowObjective(models.Model):
    _inherit = "flow.objective"

    metric = fields.Selection(
        selection_add=[("records", "Records that match a filter")], ondelete={"records": "cascade"}
    )
    record_model_id = fields.Many2one(
        "ir.model",
        string="Records of",
        ondelete="cascade",
        domain="[('transient', '=', False), ('abstract', '=', False)]",
        help="What is counted, with the rights of the campaign's responsible.",
    )
    record_model = fields.Char(related="record_model_id.model", string="Model")
    record_domain = fields.Char("Only those", default="[]", help="What a record has to match.")

    @api.constrains("metric", "record_model_id", "record_domain", "campaign_id")
    def _check_records(self):
        """Let people count only what they may see themselves, and only for whom they may act."""
        # Checked with the rights of whoever writes, not with those with which Odoo checks.
        for aim in self.with_user(self.env.uid).filtered(lambda aim: aim.metric == "records"):
            if not aim.record_model_id:
                raise ValidationError(self.env._("Say which records the objective counts."))
            aim.campaign_id._check_may_act_for(aim.campaign_id.user_id)
            # sudo: the name of a model
            model = aim.record_model_id.sudo().model
            try:
                aim.env[model].search(aim._record_filter(), limit=1)
            except AccessError as error:
                raise ValidationError(
                    self.env._("You may not see what the objective counts.")
                ) from error
            except (ValueError, SyntaxError, KeyError, TypeError, psycopg2.Error) as error:
                raise ValidationError(
                    self.env._("The filter “%s” does not work.", aim.record_domain)
                ) from error

    def _record_filter(self):
        return Domain(ast.literal_eval((self.record_domain or "[]").strip()))

    def _record_query(self):
        """Return a query of the ids that the responsible sees.

        :raises: whatever is wrong with the model, the rights or the filter
        """
        # sudo: the name of a model
        model = self.sudo().record_model_id.model
        records = self.campaign_id._origin._as_responsible().env[model]
        records.check_access("read")
        return records._search(self._record_filter()).subselect()

    def _measure_records(self):
        """Count in one statement; a filter that does not work any more is left out."""
        values, queries = {}, {}
        for number, aim in enumerate(self):
            try:
                queries[number] = aim._record_query()
            except AccessError:
                values[aim] = Unmeasured(
                    self.env._("The responsible may not see what is to be counted.")
                )
            except (ValueError, SyntaxError, KeyError, TypeError):
                values[aim] = Unmeasured(
                    self.env._("The filter does not work any more; a field may be gone.")
                )
        if not queries:
            return values
        self.env.flush_all()
        counts = [SQL("SELECT %s, (SELECT count(*) FROM (%s) q)", *one) for one in queries.items()]
        try:
            with self.env.cr.savepoint():
                rows = self.env.execute_query(SQL(" UNION ALL ").join(counts))
        except psycopg2.DataError:
            reason = Unmeasured(self.env._("The filter does not work: a value has the wrong form."))
            return {**values, **{self[number]: reason for number in queries}}
        return {**values, **{self[number]: count for number, count in rows}}

    def _view_records(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.record_model_id.name,
            "res_model": self.record_model_id.model,
            "view_mode": "list,form",
            "domain": list(self._record_filter()),
        }
