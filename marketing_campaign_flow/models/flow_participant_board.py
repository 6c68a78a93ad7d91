"""The board of participants: counted by facts, and what a card tells."""

from collections import defaultdict

from babel.dates import format_timedelta
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime
from odoo.tools.misc import babel_locale_parse, get_lang

from ..engine import database_clock, result
from .flow_participant import _campaign_of

# Who is only written to by hand, or held out, takes no part: such rows are found by a filter.
TAKES_PART = Domain("end_kind", "not in", ["guest", "held_out"])

# Questions that facts answer: groups, and what is asked of each.
COUNTED = {
    (("state_id",), ("__count",)),
    (("state_id",), ()),
    (("state_id", "status"), ("__count",)),
}

RULE = "marketing_campaign_flow.rule_flow_participant_company"

# The state that stands for a key, of the newest version that has it.
STATES = """
    SELECT DISTINCT ON (s.key) s.key, s.id
      FROM flow_state s JOIN flow_workflow w ON w.id = s.workflow_id
     WHERE w.campaign_id = %s AND w.status <> 'draft'
     ORDER BY s.key, w.version DESC
"""

LAST_REACTIONS = """
    SELECT DISTINCT ON (participant_id) participant_id, kind, occurred_at
      FROM flow_event
     WHERE participant_id = ANY(%s) AND NOT is_machine AND kind <> 'delivered'
     ORDER BY participant_id, occurred_at DESC, id DESC
"""

NEXT_STEPS = """
    SELECT DISTINCT ON (participant_id) participant_id, id
      FROM flow_step
     WHERE participant_id = ANY(%s) AND status IN ('scheduled', 'sending')
     ORDER BY participant_id, due_at, id
"""


class FlowParticipant(models.Model):
    _inherit = "flow.participant"

    time_in_state = fields.Char(
        string="Time in this state",
        compute="_compute_time_in_state",
        help="How long it has been in this state.",
    )
    next_in_words = fields.Char(
        string="Next",
        compute="_compute_next_in_words",
        help="What comes next, or what it waits for.",
    )
    last_reaction = fields.Char(
        string="Last reaction",
        compute="_compute_last_reaction",
        help="The last thing that this person did.",
    )
    last_reaction_icon = fields.Char(compute="_compute_last_reaction")
    points = fields.Integer(
        compute="_compute_points", help="All points that the contact has, of all campaigns."
    )

    picture_url = fields.Char(string="Picture", compute="_compute_picture_url")

    # -- counting --------------------------------------------------------------------------------

    @api.model
    def _read_group(
        self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None
    ):
        """Count the columns of a board by facts, which say the same as a million rows do."""
        asked = tuple(groupby), tuple(aggregates)
        if asked in COUNTED and not having and order in (None, "state_id", "state_id ASC"):
            counted = self._count_by_facts(Domain(domain), *asked)
            if counted is not None:
                return counted[offset : offset + limit if limit else None]
        return super()._read_group(domain, groupby, aggregates, having, offset, limit, order)

    @api.model
    def _count_by_facts(self, domain, groupby, aggregates):
        """Return the groups of all who take part in one campaign, None for any other question."""
        campaign_id = _campaign_of(domain)
        of_campaign = TAKES_PART & Domain("campaign_id", "=", campaign_id)
        if not campaign_id or domain.optimize(self) != of_campaign.optimize(self):
            return None
        if not self.env.su and self._rules() != self.env.ref(RULE, raise_if_not_found=False):
            return None  # somebody may see some of them only
        self.check_access("read")
        campaigns = self.env["flow.campaign"].with_context(active_test=False)
        if not campaigns.search_count([("id", "=", campaign_id)]):
            return []
        states = dict(self.env.execute_query(SQL(STATES, campaign_id)))
        numbers = defaultdict(int)
        for (key, status), number in result.whereabouts(self.env, campaign_id).items():
            if key not in states:
                return None  # nobody can say which column that is
            numbers[(states[key], status)[: len(groupby)]] += number
        groups = [
            (self.env["flow.state"].browse(state_id), *status, *[number][: len(aggregates)])
            for (state_id, *status), number in numbers.items()
            if number
        ]
        return sorted(groups, key=lambda group: (group[0].sequence, group[0].id))

    @api.model
    def _rules(self):
        return self.env["ir.rule"]._get_rules(self._name, "read")

    # -- cards -----------------------------------------------------------------------------------

    @api.depends("entered_at")
    def _compute_time_in_state(self):
        now = database_clock.now(self.env)
        locale = babel_locale_parse(get_lang(self.env).code)
        for participant in self:
            since = participant.ended_at or participant.entered_at
            participant.time_in_state = since and format_timedelta(
                now - since, threshold=1, locale=locale
            )

    @api.depends("waits_for")
    def _compute_next_in_words(self):
        next_step = dict(self._last_rows(NEXT_STEPS))
        steps = self.env["flow.step"].browse(next_step.values())  # read together
        step_of = dict(zip(next_step, steps, strict=True))
        for participant in self:
            step = step_of.get(participant.id)
            goes_on = (
                participant.status == "active"
                and not participant.is_paused
                and participant.campaign_id.status == "running"
            )
            participant.next_in_words = (
                step._next_in_words() if step and goes_on else participant.waits_for
            )

    @api.depends("event_ids")
    def _compute_last_reaction(self):
        kinds = self.env["flow.event"]._kinds()
        found = {row[0]: row[1:] for row in self._last_rows(LAST_REACTIONS)}
        for participant in self:
            kind, moment = found.get(participant.id, (None, None))
            about = kinds.get(kind)
            participant.last_reaction_icon = about.icon if about else False
            participant.last_reaction = about and self.env._(
                "%(event)s, %(moment)s",
                event=about.label,
                moment=format_datetime(self.env, moment, dt_format="short"),
            )

    @api.depends("partner_id", "res_id")
    def _compute_points(self):
        self.points = 0
        for model, participants in self.grouped("target_model").items():
            if not model or "flow_points" not in self.env[model]._fields:
                for participant in participants:
                    # sudo: a number; who sees the participant may know it
                    participant.points = participant.sudo().partner_id.flow_points
                continue
            # sudo: a number; who sees the participant may know it
            contacts = self.env[model].sudo().browse(participants.mapped("res_id")).exists()
            points = {contact.id: contact.flow_points for contact in contacts}
            for participant in participants:
                participant.points = points.get(participant.res_id, 0)

    @api.depends("partner_id")
    def _compute_picture_url(self):
        for participant in self:
            contact = participant.partner_id
            participant.picture_url = contact and f"/web/image/res.partner/{contact.id}/avatar_128"

    def action_open_campaign(self):
        return self.campaign_id._open()

    def action_open_points(self):
        """Open the points of the contact, group by group."""
        self.ensure_one()
        contact = self.env[self.target_model].browse(self.res_id)
        if "flow_points" not in contact._fields or not contact.exists():
            contact = self.partner_id
        return contact.action_view_flow_points()

    def _last_rows(self, statement):
        """Return what a statement finds for each of these participants."""
        self.env["flow.step"].flush_model()
        self.env["flow.event"].flush_model()
        return self.env.execute_query(SQL(statement, self.ids)) if self.ids else []


class FlowStep(models.Model):
    _inherit = "flow.step"

    def _next_in_words(self):
        """Return “Send email: Reminder, 3/4/31, 9:00 AM”, with the reason why it waits."""
        self.ensure_one()
        reasons = dict(self._fields["wait_reason"]._description_selection(self.env))
        words = self.env._(
            "%(action)s, %(moment)s",
            action=self._what_in_words(),
            moment=format_datetime(self.env, self.due_at, dt_format="short"),
        )
        reason = reasons.get(self.wait_reason)
        return f"{words} ({reason})" if reason else words
