"""The thing a person launches: workflow, audience, dates, budget and objectives."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine import database_clock
from .finding import Finding


class FlowCampaign(models.Model):
    _name = "flow.campaign"
    _description = "Campaign"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "create_date desc, id desc"

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        required=True,
        tracking=True,
        default=lambda self: self.env.user,
        copy=False,  # whoever copies it
        domain="[('share', '=', False)]",
        help="The campaign acts with the rights of this user.",
    )
    tag_ids = fields.Many2many("utm.tag", string="Tags")
    utm_campaign_id = fields.Many2one(
        "utm.campaign",
        string="UTM campaign",
        required=True,
        readonly=True,
        ondelete="restrict",
        copy=False,
        help="What links, leads and orders carry to say that they come from this campaign.",
    )
    status = fields.Selection(
        [("draft", "Draft"), ("running", "Running"), ("paused", "Paused"), ("done", "Done")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    phase_id = fields.Many2one(
        "flow.phase",
        required=True,
        ondelete="restrict",
        copy=False,
        tracking=True,
        default=lambda self: self.env["flow.phase"].search([], limit=1),
        group_expand="_read_group_phases",
        help="Where the campaign as a whole stands. Participants wait at the door of states whose"
        " phase it has not reached.",
    )
    is_last_phase = fields.Boolean(compute="_compute_is_last_phase")
    date_start = fields.Datetime(string="Launched on", readonly=True, copy=False)
    date_end = fields.Datetime(string="Ended on", readonly=True, copy=False)
    audience_id = fields.Many2one("flow.audience", ondelete="restrict", index=True)
    target_model = fields.Selection(
        lambda self: self.env["flow.audience"]._target_models(),
        compute="_compute_target_model",
        store=True,
        precompute=True,
    )
    keep_in_sync = fields.Boolean(
        string="Take in newcomers",
        default=True,
        help="People who come to match the audience while the campaign runs enter it as well.",
    )
    on_leaving = fields.Selection(
        [("continue", "They go on"), ("exit", "They leave the campaign")],
        string="Who drops out of the audience",
        default="continue",
        required=True,
        help="What happens to people who no longer match the audience while the campaign runs.",
    )
    sending_rate = fields.Integer(
        string="Emails per hour",
        help="The campaign sends no more than this within an hour; what is due beyond waits."
        " 0: no limit.",
    )
    enrol_at = fields.Datetime(string="Next look at the audience", readonly=True, copy=False)
    workflow_ids = fields.One2many(
        "flow.workflow", "campaign_id", string="Versions of the workflow", copy=False
    )
    workflow_id = fields.Many2one("flow.workflow", compute="_compute_workflow_id", store=True)
    workflow_status = fields.Selection(related="workflow_id.status", string="Workflow is")
    state_ids = fields.One2many(related="workflow_id.state_ids", readonly=False)
    any_transition_ids = fields.One2many(
        related="workflow_id.any_transition_ids", string="From any state", readonly=False
    )
    entry_ids = fields.One2many(
        "flow.entry",
        "campaign_id",
        string="Ways in",
        copy=True,
        help="Who comes in beside the audience: by what people do, or around a date of theirs.",
    )
    participant_ids = fields.One2many("flow.participant", "campaign_id", copy=False)
    cost_ids = fields.One2many("flow.cost", "campaign_id", copy=False)
    objective_ids = fields.One2many("flow.objective", "campaign_id", copy=True)
    note = fields.Html(string="Notes")

    _unique_utm_campaign = models.Constraint(
        "UNIQUE(utm_campaign_id)", "This UTM campaign belongs to another campaign already."
    )

    _sending_rate_positive = models.Constraint(
        "CHECK(sending_rate >= 0)", "The emails per hour cannot be negative."
    )

    @api.depends("audience_id.target_model")
    def _compute_target_model(self):
        for campaign in self:
            campaign.target_model = campaign.audience_id.target_model or "res.partner"

    @api.depends("phase_id")
    def _compute_is_last_phase(self):
        last = self.env["flow.phase"]._in_order()[-1:]
        for campaign in self:
            campaign.is_last_phase = campaign.phase_id == last

    @api.depends("workflow_ids.status", "workflow_ids.version")
    def _compute_workflow_id(self):
        """The published version, or the newest draft before launch."""
        for campaign in self:
            versions = campaign.workflow_ids.sorted("version", reverse=True)
            campaign.workflow_id = (
                versions.filtered(lambda w: w.status == "published")[:1] or versions[:1]
            )

    @api.model
    def _read_group_phases(self, phases, domain):
        return self.env["flow.phase"]._in_order()

    @api.constrains("audience_id")
    def _check_emails_fit_the_audience(self):
        for campaign in self.filtered("audience_id"):
            for mailing in campaign.workflow_id.action_ids._emails():
                if mailing.mailing_model_name != campaign.target_model:
                    raise ValidationError(
                        self.env._(
                            "The email “%s” is written for another kind of contact than those of"
                            " the audience.",
                            mailing.subject,
                        )
                    )

    @api.constrains("status", "audience_id", "entry_ids")
    def _check_runs_on_a_published_workflow(self):
        for campaign in self.filtered(lambda campaign: campaign.status in ("running", "paused")):
            people = campaign.audience_id or campaign.entry_ids
            if campaign.workflow_status != "published" or not people:
                raise ValidationError(self.env._("Launch the campaign with its button."))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not (vals.get("name") or "").strip():
                raise ValidationError(self.env._("Give the campaign a name."))
            if not vals.get("utm_campaign_id"):
                vals["utm_campaign_id"] = self._create_utm_campaign(vals).id
        campaigns = super().create(vals_list)
        if not self.env.context.get("flow_copy"):
            self.env["flow.workflow"].create(
                [{"name": campaign.name, "campaign_id": campaign.id} for campaign in campaigns]
            )._add_first_states()
        return campaigns

    @api.model
    def _create_utm_campaign(self, vals):
        """Make what links and leads refer to; Email Marketing does not list it among its own."""
        return self.env["utm.campaign"].create(
            {
                "title": vals.get("name"),
                "user_id": vals.get("user_id") or self.env.uid,
                "is_auto_campaign": True,
            }
        )

    def write(self, vals):
        if vals.keys() & {"audience_id"} and any(c.status != "draft" for c in self):
            raise UserError(
                self.env._("The audience cannot be replaced once a campaign is launched.")
            )
        graph = {name: vals[name] for name in ("state_ids", "any_transition_ids") if name in vals}
        if graph:
            # Straight to the workflow: Odoo may apply the commands of a related field twice when
            # they delete something, and what is gone cannot be deleted again.
            vals = {name: value for name, value in vals.items() if name not in graph}
            self.edited_workflow_id.write(graph)
        result = super().write(vals)
        if "phase_id" in vals:
            self._open_doors()
        if vals.keys() & {"name", "user_id"}:
            for campaign in self:
                campaign.utm_campaign_id.write(
                    {"title": campaign.name, "user_id": campaign.user_id.id}
                )
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never_running(self):
        if any(campaign.status in ("running", "paused") for campaign in self):
            raise UserError(self.env._("Stop a campaign before you delete it."))

    def copy_data(self, default=None):
        return [
            {
                **values,
                "name": (default or {}).get("name") or self.env._("%s (copy)", campaign.name),
            }
            for campaign, values in zip(self, super().copy_data(default), strict=True)
        ]

    def copy(self, default=None):
        """Copy the campaign with its workflow and emails, as a draft."""
        copies = super(FlowCampaign, self.with_context(flow_copy=True)).copy(default)
        copies = copies.with_context(flow_copy=False)
        for campaign, duplicate in zip(self, copies, strict=True):
            campaign.workflow_id.copy({"campaign_id": duplicate.id, "version": 1})
        return copies

    # -- what people do ------------------------------------------------------------------

    def action_launch(self):
        """Publish the workflow and let the audience in.

        :raises UserError: with everything that is missing
        """
        for campaign in self:
            if campaign.status != "draft":
                raise UserError(self.env._("“%s” has been launched already.", campaign.name))
            problems = campaign._problems()
            if problems:
                raise UserError("\n".join(problems))
            campaign._before_launch()
            campaign.workflow_id._publish()
            now = database_clock.now(self.env)
            campaign.write({"status": "running", "date_start": now, "enrol_at": now})
        self._wake_engine()

    def _before_launch(self):
        """Do what belongs to the launch of a campaign that has no problems."""

    def action_pause(self):
        """Hold everything: nothing is sent and nobody moves until the campaign is resumed."""
        self._change_status("running", "paused")

    def action_resume(self):
        """Go on where the campaign was paused."""
        self._change_status("paused", "running")
        self._wake_engine()

    def action_stop(self):
        """End the campaign: everybody on their way leaves it, what was scheduled is cancelled."""
        for campaign in self:
            if campaign.status not in ("running", "paused"):
                raise UserError(self.env._("“%s” is not running.", campaign.name))
        self._begin_winding_down()

    def action_next_phase(self):
        """Move the campaign to the next phase, which lets waiting participants go on."""
        for campaign in self:
            phases = self.env["flow.phase"]._in_order()
            position = phases.ids.index(campaign.phase_id.id)
            if position + 1 == len(phases):
                raise UserError(self.env._("“%s” is in its last phase.", campaign.name))
            campaign.phase_id = phases[position + 1]

    def action_run_now(self):
        """Let the engine look at once instead of within a minute."""
        self.check_access("write")
        self._wake_engine()

    def action_view_participants(self):
        """Open who takes part; who was only written to by hand, or is held out, is found by a
        filter elsewhere."""
        view = self._view("flow.participant", self.env._("Participants"), "kanban,list,form")
        return {**view, "domain": [*view["domain"], ("end_kind", "not in", ("guest", "held_out"))]}

    def action_view_events(self):
        view = self._view("flow.event", self.env._("Reactions"), "list,graph,pivot")
        return {**view, "context": {**view["context"], "search_default_takes_part": 1}}

    def action_view_steps(self):
        return self._view("flow.step", self.env._("Steps"), "list,form,pivot")

    def action_view_mailings(self):
        view = self._view("mailing.mailing", self.env._("Emails"), "list,form", "flow_campaign_id")
        emails = self.env.ref("marketing_campaign_flow.mailing_mailing_view_list")
        editor = self.env.ref("mass_mailing.view_mail_mass_mailing_form")
        return {**view, "views": [(emails.id, "list"), (editor.id, "form")]}

    def _view(self, model, name, view_mode, field="campaign_id"):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": view_mode,
            "domain": [(field, "=", self.id)],
            "context": {f"default_{field}": self.id, "flow_campaign_id": self.id},
        }

    def _change_status(self, expected, status):
        for campaign in self:
            if campaign.status != expected:
                raise UserError(
                    self.env._("“%s” cannot do that in its present status.", campaign.name)
                )
        self.write({"status": status})

    def _problems(self, figures=None):
        """Return what keeps the campaign from being launched, as `finding.Finding`s.

        :param figures: of the audience, as `_count` returns them, where they are known
        """
        self.ensure_one()
        problems = []
        if not (self.audience_id or self.entry_ids):
            words = self.env._("Choose an audience, or say how people come in.")
            problems.append(Finding(words, self, field="audience_id"))
        problems += self._audience_problems(figures)
        problems += self.entry_ids._unseen_problems()
        problems += self.entry_ids._guard_problems(self._as_responsible().env)
        return problems + self.workflow_id._problems()

    def _mailing_defaults(self):
        """Return what an email has when it is written for this campaign."""
        self.ensure_one()
        return {
            "mailing_model_id": self.env["ir.model"]._get_id(self.target_model),
            "campaign_id": self.utm_campaign_id.id,
            "reply_to_mode": "update",
        }
