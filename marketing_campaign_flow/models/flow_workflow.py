"""The graph of one campaign."""

from dataclasses import dataclass

from odoo import Command, api, fields, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..engine import database_clock, graph, plan
from .finding import Finding, about
from .flow_workflow_part import TAKEN_OVER

# Whoever edits a version keeps it from being published or deleted until the edit is committed, and
# from being edited by others on the strength of what they saw before.
HOLD_DRAFT = """
    UPDATE flow_workflow w
       SET revision = COALESCE(w.revision, 0) + 1, revised_by = %(user)s
      FROM (SELECT id FROM flow_workflow WHERE id = ANY(%(ids)s) AND status = 'draft'
             ORDER BY id FOR NO KEY UPDATE) h
     WHERE w.id = h.id
"""


@dataclass(frozen=True)
class _Held:
    """In the context, names the draft that is held already. No request can bring one along."""

    workflow_id: int


class FlowWorkflow(models.Model):
    _name = "flow.workflow"
    _description = "Campaign Workflow"
    _order = "campaign_id, version desc"

    name = fields.Char(required=True)
    campaign_id = fields.Many2one(
        "flow.campaign",
        ondelete="cascade",
        index="btree_not_null",
        help="Empty for a template, which is copied into campaigns.",
    )
    version = fields.Integer(default=1, readonly=True)
    status = fields.Selection(
        [("draft", "Draft"), ("published", "Published"), ("archived", "Archived")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    published_on = fields.Datetime(readonly=True, copy=False)
    published_by = fields.Many2one("res.users", readonly=True, copy=False)
    target_model = fields.Selection(
        lambda self: self.env["flow.audience"]._target_models(),
        compute="_compute_target_model",
    )
    state_ids = fields.One2many("flow.state", "workflow_id", string="States", copy=False)
    transition_ids = fields.One2many("flow.transition", "workflow_id", copy=False)
    any_transition_ids = fields.One2many(
        "flow.transition", "workflow_id", domain=[("state_id", "=", False)], copy=False
    )
    action_ids = fields.One2many("flow.action", "workflow_id", copy=False)
    revision = fields.Integer(
        readonly=True, copy=False, help="Another one each time that a part is changed."
    )
    revised_by = fields.Many2one("res.users", readonly=True, copy=False)

    _one_published = models.UniqueIndex(
        "(campaign_id) WHERE status = 'published'",
        "A campaign runs one version of its workflow at a time.",
    )
    _one_draft = models.UniqueIndex(
        "(campaign_id) WHERE status = 'draft'",
        "A new version of this campaign's workflow is being edited already.",
    )

    @api.depends("campaign_id.target_model")
    def _compute_target_model(self):
        for workflow in self:
            workflow.target_model = workflow.campaign_id.target_model or "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        self._check_status({vals.get("status") for vals in vals_list} - {None, "draft"})
        return super().create(vals_list)

    def write(self, vals):
        self._check_status({"status"} & vals.keys())
        if vals.get("status") == "draft" and set(self.mapped("status")) - {"draft"}:
            raise UserError(self.env._("A workflow that was published stays as it is."))
        return super().write(vals)

    def _check_status(self, given):
        """Launching and publishing decide where a version stands; nobody just writes it."""
        if given and not self.env.su:
            raise AccessError(self.env._("Launch the campaign or publish its new version."))

    def copy(self, default=None):
        """Copy the whole graph, emails included; the keys of its parts stay the same."""
        copies = super().copy(default)
        for workflow, duplicate in zip(self, copies, strict=True):
            workflow._copy_graph_into(duplicate)
        return copies

    def copy_data(self, default=None):
        return [
            {**values, "status": "draft", **(default or {})}
            for values in super().copy_data(default)
        ]

    def _copy_graph_into(self, duplicate):
        twin = {}
        for state in self.state_ids:
            twin[state] = state.copy({"workflow_id": duplicate.id, "name": state.name})
        for transition in self.transition_ids:
            twin[transition] = transition.with_context(flow_filters=TAKEN_OVER).copy(
                {
                    "workflow_id": duplicate.id,
                    "state_id": twin[transition.state_id].id if transition.state_id else False,
                    "target_id": twin[transition.target_id].id if transition.target_id else False,
                }
            )
        planned = self.action_ids.filtered(lambda a: a.state_id or a.transition_id)
        for action in planned:
            values = {
                "workflow_id": duplicate.id,
                "state_id": twin[action.state_id].id if action.state_id else False,
                "transition_id": twin[action.transition_id].id if action.transition_id else False,
            }
            values |= action._copy_content(duplicate.campaign_id)
            twin[action] = action.copy(values)
        for part in (*self.transition_ids, *planned):
            for name in ("after_action_id", "event_action_id", "result_action_id", "move_state_id"):
                if name in part._fields and part[name]:
                    twin[part][name] = twin[part[name]]

    def _publish(self):
        """Freeze the structure and let participants walk through it.

        :raises UserError: when the workflow cannot run, with every reason
        """
        self._check_problems()
        # sudo: the status is written here only, by those who may launch the campaign or publish
        self.sudo().write(
            {
                "status": "published",
                "published_on": database_clock.now(self.env),
                "published_by": self.env.uid,
            }
        )

    def _check_problems(self):
        self.ensure_one()
        problems = self._problems()
        if problems:
            raise UserError("\n".join(problems))
        for mailing in self.action_ids._emails():
            mailing._flow_body()  # makes the short links of the email

    def _hold_draft(self):
        """Keep these versions from being published before this transaction ends.

        One that was published since it began makes it start again, and then refuse the change.
        """
        held = self.env.context.get("flow_held")
        free = [id_ for id_ in self.ids if not isinstance(held, _Held) or id_ != held.workflow_id]
        if free:
            statement = SQL(HOLD_DRAFT, ids=free, user=self.env.uid)
            self.env.cr.execute(statement, log_exceptions=False)
            self.invalidate_recordset(["revision", "revised_by"], flush=False)

    def _held_once(self):
        """Hold this draft now and return it for many changes, which then need not hold it again."""
        self.ensure_one()
        self._hold_draft()
        return self.with_context(flow_held=_Held(self.id))

    def _expect_drafts(self):
        """Refuse what only drafts are for.

        :raises UserError: when one of these versions is published or archived
        """
        if any(workflow.status != "draft" for workflow in self):
            raise UserError(
                self.env._(
                    "This version of the workflow has been launched and stays as it is. Press"
                    " “Edit workflow” on the campaign to change it in a new version."
                )
            )

    def _problems(self):
        """Return what keeps the workflow from running, as sentences for its designer.

        They are `finding.Finding`s; extensions may add plain text.
        """
        return self._found_problems()

    def _found_problems(self, thorough=True):
        """Return what the workflow itself shows.

        :param thorough: also try filters out, on contacts that may be many
        """
        self.ensure_one()
        wording = {
            "no_start": self.env._("The workflow needs a state of the kind “Start”."),
            "several_starts": self.env._(
                "There is more than one start state; “%s” cannot be another one."
            ),
            "unreachable": self.env._("No way out leads to the state “%s”."),
            "no_way_out": self.env._("The state “%s” has no way out: add one or make it an end."),
            "restless_cycle": self.env._(
                "Participants would run in circles through “%s” without ever waiting:"
                " add a delay or an event."
            ),
            "split_shares": self.env._("The shares of the split in “%s” do not add up to 100 %%."),
            "move_on_the_way": self.env._(
                "The action “%s” stands on a way out that leads to a state already: take one of"
                " the two away."
            ),
            "content_missing": self.env._("The action “%s” is not complete."),
        }
        problems = self._in_words(graph.problems(self._compile()), wording)
        for action in self._planned_actions():
            problems += about(action, action._seen_problems())
        if thorough:
            problems += self.transition_ids._unseen_problems()
        # The engine looks with the rights of the campaign's responsible.
        campaign = self.campaign_id
        seen = campaign._as_responsible() if campaign.user_id else self
        return problems + self.transition_ids._filter_problems(seen.env, thorough)

    def _hints(self):
        """Return what is hardly meant, as sentences for the designer."""
        return self._shape_hints()

    def _shape_hints(self):
        """Return what of it can be told by the workflow alone."""
        self.ensure_one()
        wording = {
            "dead_end": self.env._(
                "Nobody leaves “%s” but by what may happen in any state: is that meant?"
            ),
            "no_action": self.env._("The workflow does nothing yet: no state has an action."),
        }
        return self._in_words(graph.hints(self._compile()), wording)

    def _in_words(self, problems, wording):
        parts = {(part._PART, part.key): part for part in (*self.state_ids, *self.action_ids)}
        found = []
        for problem in problems:
            part, words = parts.get(problem.part), wording[problem.code]
            found.append(Finding(words % part.display_name if part else words, part or self))
        return found

    @tools.ormcache("self.id")
    def _plan(self):
        """Return the compiled plan of a published workflow, which never changes again."""
        return self._compile()

    def _compile(self):
        """Compile the workflow to an `engine.plan.Plan`."""
        self = self.sudo()  # sudo: the engine's reading of the graph does not depend on who asks
        return plan.build(
            states=[
                {
                    "id": state.id,
                    "key": state.key,
                    "name": state.name,
                    "kind": state.kind,
                    "phase_id": state.phase_id.id or None,
                }
                for state in self.state_ids
            ],
            transitions=[transition._plan_row() for transition in self.transition_ids],
            actions=[
                action._plan_row()
                for action in self.action_ids.sorted()  # pauses hold up what stands below them
                if action.state_id or action.transition_id
            ],
        )

    def _add_first_states(self):
        """Give a new workflow a start and an end, joined when everything in the start is done."""
        first_phase = self.env["flow.phase"].search([], limit=1)
        for workflow in self:
            start, end = self.env["flow.state"].create(
                [
                    {
                        "workflow_id": workflow.id,
                        "name": self.env._("Start"),
                        "kind": "start",
                        "sequence": 1,
                        "phase_id": first_phase.id,
                    },
                    {
                        "workflow_id": workflow.id,
                        "name": self.env._("End"),
                        "kind": "done",
                        "sequence": 99,
                        "phase_id": first_phase.id,
                    },
                ]
            )
            start.transition_ids = [
                Command.create(
                    {
                        "workflow_id": workflow.id,
                        "trigger": "done",
                        "target_id": end.id,
                    }
                )
            ]
