"""What the board of campaigns tells: tasks, warnings, and figures that can be added up."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, escape_psql

from ..engine import result
from .flow_campaign_figures import FIGURES

# Tasks of people that are open in the phase in which each campaign is.
OPEN_TASKS = """
    SELECT a.res_id, count(*)
      FROM mail_activity a
      JOIN flow_campaign c ON c.id = a.res_id
      JOIN flow_phase_task t ON t.id = a.flow_task_id AND t.phase_id = c.phase_id
     WHERE a.res_model = 'flow.campaign' AND a.active AND a.res_id = ANY(%s)
     GROUP BY a.res_id
"""

FIGURE = """
    (SELECT COALESCE(sum(f.amount), 0)
       FROM flow_fact f WHERE f.campaign_id = %s AND f.metric = %s)
"""

# One look at all participants, however many words; addresses are normalised already.
OF_CONTACT = """
    (SELECT DISTINCT p.campaign_id FROM flow_participant p
      WHERE p.email_key LIKE lower(%(pattern)s) OR p.name ILIKE %(pattern)s)
"""

# When a budget is nearly used up, where the campaign does not say it.
NEARLY = 80


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    open_task_count = fields.Integer(
        "Open tasks",
        compute="_compute_open_task_count",
        help="Tasks of people that are to be done in the present phase.",
    )
    failed_count = fields.Integer("Failed actions", compute="_compute_warnings")
    uncertain_count = fields.Integer("Uncertain messages", compute="_compute_warnings")
    warnings = fields.Json(compute="_compute_warnings", help="What somebody should look at.")
    contact_sought = fields.Char(
        string="Contact",
        compute="_compute_contact_sought",
        search="_search_contact_sought",
        help="Finds the campaigns of a contact by name or address.",
    )
    budget_level = fields.Selection(
        [("good", "Within the budget"), ("near", "Nearly used up"), ("over", "Used up")],
        compute="_compute_budget_level",
    )

    def _compute_open_task_count(self):
        # Tasks count for everybody, whoever may see the activities that they are.
        self.env["mail.activity"].flush_model()
        self.env["flow.campaign"].flush_model(["phase_id"])
        counts = dict(self.env.execute_query(SQL(OPEN_TASKS, self.ids))) if self.ids else {}
        for campaign in self:
            campaign.open_task_count = counts.get(campaign.id, 0)

    @api.depends("budget_used", "budget_amount", "budget_warn_percent")
    def _compute_budget_level(self):
        for campaign in self:
            if not campaign.budget_amount:
                campaign.budget_level = False
            elif campaign.budget_used >= 100:
                campaign.budget_level = "over"
            else:
                near = campaign.budget_used >= (campaign.budget_warn_percent or NEARLY)
                campaign.budget_level = "near" if near else "good"

    def _compute_warnings(self):
        metrics = ("step_failed", "step_uncertain")
        sums = result.sums(self.env, self.ids, metrics) if self.ids else {}
        for campaign in self:
            failed, uncertain = (sums.get(campaign.id, {}).get(name, 0) for name in metrics)
            campaign.failed_count, campaign.uncertain_count = failed, uncertain
            campaign.warnings = campaign._warnings()

    def _compute_contact_sought(self):
        self.contact_sought = False

    def _search_contact_sought(self, operator, value):
        if operator not in ("in", "ilike"):
            return NotImplemented
        if operator == "in":  # wholly so, whatever it is made of
            patterns = [escape_psql(words) for words in value if isinstance(words, str)]
        else:
            patterns = [f"%{escape_psql(value or '')}%"]
        self.env["flow.participant"].flush_model()
        return Domain.OR(
            Domain("id", "in", SQL(OF_CONTACT, pattern=pattern)) for pattern in patterns if pattern
        )

    def _warnings(self):
        """Return what somebody should look at, each with `icon`, `text` and `level` (*danger*,
        *warning* or *info*); other addons add to it.

        It is asked for every card of the board: whatever it needs is read for all of them at once.
        """
        self.ensure_one()
        found = []
        if self.problems:
            found.append(("danger", "fa-exclamation-triangle", self.problem))
        if self.failed_count:
            text = self.env._("%s actions have failed", self.failed_count)
            found.append(("danger", "fa-times-circle", text))
        if self.uncertain_count:
            text = self.env._("Of %s messages nobody knows", self.uncertain_count)
            found.append(("warning", "fa-question-circle", text))
        if self.awaits_budget:
            found.append(("warning", "fa-money", self.env._("Messages wait for money")))
        if self.draft_workflow_id:
            text = self.env._("A new version of the workflow is not published")
            found.append(("info", "fa-pencil", text))
        return [{"level": level, "icon": icon, "text": text} for level, icon, text in found]

    def _field_to_sql(self, alias, field_expr, query=None):
        """Let figures be added up, sorted and compared: they are sums of facts."""
        if metric := FIGURES.get(field_expr):
            self._check_field_access(self._fields[field_expr], "read")
            self.env["flow.fact"].flush_model()
            return SQL(FIGURE, SQL.identifier(alias, "id"), metric)
        return super()._field_to_sql(alias, field_expr, query)

    def action_view_failed(self):
        """Open the actions that have failed, to try them again or leave them out."""
        view = self._view("flow.step", self.env._("Failed actions"), "list,form")
        return {**view, "domain": [*view["domain"], ("status", "=", "failed")]}

    def action_view_uncertain(self):
        """Open the messages of which nobody knows whether they arrived."""
        view = self._view("flow.delivery", self.env._("Uncertain messages"), "list,form")
        return {**view, "domain": [*view["domain"], ("status", "=", "uncertain")]}
