"""Editing the workflow of a campaign that has been launched: a draft, then a new version."""

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import database_clock, migrate, version_lock
from ..engine.difference import between_plans

LAUNCHED = ("running", "paused")


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    draft_workflow_id = fields.Many2one(
        "flow.workflow",
        string="New version",
        compute="_compute_edited_workflow_id",
        store=True,
        help="The version that is being edited while another one runs.",
    )
    edited_workflow_id = fields.Many2one(
        "flow.workflow", compute="_compute_edited_workflow_id", store=True
    )
    edited_workflow_status = fields.Selection(
        related="edited_workflow_id.status", string="Edited version is"
    )
    running_version = fields.Integer(related="workflow_id.version", string="Running version")
    draft_version = fields.Integer(
        related="draft_workflow_id.version", string="Number of the new version"
    )
    # What the form shows and changes: the new version as soon as there is one.
    state_ids = fields.One2many(related="edited_workflow_id.state_ids", readonly=False)
    any_transition_ids = fields.One2many(
        related="edited_workflow_id.any_transition_ids", readonly=False
    )

    @api.depends("workflow_ids.status", "workflow_ids.version", "workflow_id")
    def _compute_edited_workflow_id(self):
        for campaign in self:
            drafts = campaign.workflow_ids.filtered(lambda version: version.status == "draft")
            campaign.draft_workflow_id = (drafts - campaign.workflow_id)[:1]
            campaign.edited_workflow_id = campaign.draft_workflow_id or campaign.workflow_id

    def action_edit_workflow(self):
        """Make the draft of a new version, in which everything may be changed.

        :raises UserError: when there is one already, or nothing has been launched
        """
        self.ensure_one()
        self.check_access("write")
        if self.status not in LAUNCHED:
            raise UserError(self.env._("“%s” is not running.", self.name))
        if self.draft_workflow_id:
            raise UserError(
                self.env._("A new version of this campaign's workflow is being edited already.")
            )
        newest = max(self.workflow_ids.mapped("version"))
        self.workflow_id.copy({"campaign_id": self.id, "version": newest + 1})

    def action_discard_draft(self):
        """Throw the new version away, with its emails; the one that runs goes on."""
        self.ensure_one()
        self.check_access("write")
        draft = self._expect_draft()
        emails = draft.action_ids._emails() | self._emails_of_drafts()
        draft._forget_removed()
        # sudo: deleting workflows is for managers, because of their history; this one never ran
        draft.sudo().unlink()
        emails._flow_unlink_unused()

    def _emails_of_drafts(self):
        """Return the copies made for new versions, also of actions that are gone meanwhile."""
        return self.env["mailing.mailing"].search(
            [("flow_campaign_id", "=", self.id), ("flow_draft_of_id", "!=", False)]
        )

    def action_publish_workflow(self):
        """Open the dialog that shows what the new version changes, and for whom."""
        self.ensure_one()
        self.check_access("write")
        self._expect_draft()
        return self.env["flow.workflow.publish"]._open(self)

    def _publish_draft(self, targets):
        """Let the draft take the place of the version that runs, for everybody under way.

        This is a transaction of its own: what the caller has changed before is committed.

        :param targets: ``{id of a removed state: id of the draft's state}`` to which the
            participants of the removed state go
        :raises UserError: when the draft cannot run, or participants would have nowhere to go
        """
        self.ensure_one()
        self.check_access("write")
        version_lock.exclude(self.env, self)
        running, draft = self.workflow_id, self._expect_draft()
        if self.status not in LAUNCHED:
            raise UserError(self.env._("“%s” is not running.", self.name))
        draft._check_problems()
        # Compiled, not taken from the cache of plans, which must not hold what may yet fail.
        before, after = running._plan(), draft._compile()
        difference = between_plans(before, after)
        self._check_targets(difference, after, targets)
        news = self._news(running._changes_to(draft))
        draft._adopt_unchanged_emails(running)
        draft._forget_removed()
        self._emails_of_drafts()._flow_unlink_unused()
        # sudo: the status is written here only, by those who may publish
        running.sudo().status = "archived"
        self.env.flush_all()
        draft._publish()
        now = database_clock.now(self.env)
        reason = self.env._("Removed in version %s", draft.version)
        migrate.migrate(self.env, self, difference, after, targets, now, reason)
        self._take_figures_over()
        self._forget_filters()
        self._open_doors()
        self.message_post(body=news)

    def _expect_draft(self):
        if not self.draft_workflow_id:
            raise UserError(self.env._("There is no new version of “%s”.", self.name))
        return self.draft_workflow_id

    def _check_targets(self, difference, after, targets):
        """Everybody in a state that is removed needs a state to go to."""
        people = self._people_under_way()
        for state in difference.removed:
            if people.get(state.id) and targets.get(state.id) not in after.states:
                raise UserError(
                    self.env._(
                        "“%(state)s” is removed, and people are in it (%(people)s): say where they"
                        " go.",
                        state=state.name,
                        people=people[state.id],
                    )
                )

    def _people_under_way(self):
        """Return how many participants are in a state or at its door, by the state's id."""
        counts = self.env["flow.participant"]._read_group(
            [("campaign_id", "=", self.id), ("status", "!=", "ended")], ["state_id"], ["__count"]
        )
        return {state.id: count for state, count in counts}

    def _news(self, changes):
        """Return what the people who follow the campaign read about a new version."""
        title = self.env._(
            "Version %(new)s of the workflow replaced version %(old)s.",
            new=self.draft_version,
            old=self.running_version,
        )
        wizard_line = self.env["flow.workflow.publish.line"]
        lines = [wizard_line._in_one_line(change, part) for change, part in changes]
        items = Markup().join(Markup("<li>%s</li>") % line for line in lines)
        return Markup("<p>%s</p><ul>%s</ul>") % (title, items)
