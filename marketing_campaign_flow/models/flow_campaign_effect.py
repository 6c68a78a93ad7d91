"""What a campaign has brought: those who took part compared with those who were held out."""

import logging
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..engine import database_clock, effect, event_rule, holdout, lift, match
from ..engine.significance import Mean, Share

_logger = logging.getLogger(__name__)

MOST_DAYS = 366


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    effect_days = fields.Integer(
        "Measured for (days)",
        default=14,
        required=True,
        help="What people do within so many days of coming in is compared, the same for those who"
        " take part and those who are held out.",
    )
    effect_event_kind = fields.Selection(
        "_effect_kind_selection",
        string="Response",
        help="What counts as a response: an event that those who are held out can cause as well.",
    )
    effect_event_detail = fields.Char(
        "Response: text", help="Only events with this text; * stands for anything. Empty: any."
    )
    effect_clicks = fields.Boolean(
        "A click is a response too",
        help="Following a link of the campaign's emails counts as well. Right where the links lead"
        " to what those who are held out can find without them, such as the pages of a shop.",
    )
    effect_ids = fields.One2many("flow.effect", "campaign_id", readonly=True, copy=False)
    effect_measured_at = fields.Datetime("Measured on", readonly=True, copy=False)
    effect_open_count = fields.Integer(
        "Still being measured",
        readonly=True,
        copy=False,
        help="People who came in less than the days ago for which they are measured.",
    )
    effect_in_words = fields.Text(compute="_compute_effect_in_words")

    _effect_days_sensible = models.Constraint(
        f"CHECK(effect_days >= 1 AND effect_days <= {MOST_DAYS})",
        "People can be measured for one day to a year.",
    )

    @api.model
    def _effect_kind_selection(self):
        kinds = self.env["flow.event"]._kinds()
        return [(kind, about.label) for kind, about in kinds.items() if not about.of_message]

    @api.constrains("effect_clicks", "effect_event_kind")
    def _check_response(self):
        for campaign in self:
            if campaign.effect_clicks and not campaign.effect_event_kind:
                raise ValidationError(
                    self.env._("Say which event is the response of those who get no email.")
                )

    @api.depends("effect_ids")
    def _compute_effect_in_words(self):
        for campaign in self:
            found = campaign.effect_ids.filtered(lambda one: one.who != holdout.HELD_OUT)
            campaign.effect_in_words = "\n".join(filter(None, found.mapped("sentence"))) or False

    def _effect_span(self):
        return timedelta(days=self.effect_days)

    # -- measuring ---------------------------------------------------------------------------

    def action_measure_effect(self):
        """Measure now what the campaign has brought."""
        for campaign in self:
            if not (campaign.held_out_count or campaign.effect_ids):
                raise UserError(
                    self.env._(
                        "Nobody is held out of “%s”: without them nothing can be compared.",
                        campaign.name,
                    )
                )
            campaign.check_access("read")
            campaign._measure_effect()

    @api.model
    def _cron_measure_effect(self):
        """Measure campaigns that hold people out, once a day; one that fails does not keep the
        others from being measured."""
        since = database_clock.now(self.env) - timedelta(days=MOST_DAYS)
        campaigns = self.search(
            [
                *("|", ("status", "in", ("running", "paused")), ("date_end", ">", since)),
                *("|", ("holdout_share", ">", 0), ("control_audience_id", "!=", False)),
            ]
        )
        campaigns = campaigns.filtered("held_out_count")
        self.env["ir.cron"]._commit_progress(remaining=len(campaigns))
        for campaign in campaigns:
            try:
                with self.env.cr.savepoint():
                    campaign._measure_effect()
            except Exception:
                _logger.warning("Campaign %s could not be measured", campaign.id, exc_info=True)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _measure_effect(self):
        """Measure each outcome by one statement and write down the comparison."""
        self.ensure_one()
        acting = self._as_responsible()
        self.env.flush_all()
        amounts, keys = self._outcome_amounts(), self._message_keys()
        rows = []
        for outcome, query in acting._outcome_queries().items():
            measures = defaultdict(dict)
            if query is not None:
                is_amount = outcome in amounts
                for who, key, arm, people, total, squares in effect.measure(
                    acting.env, acting, query, keys, is_amount
                ):
                    measures[who][key, arm] = (
                        Mean(people, total, squares) if is_amount else Share(people, int(total))
                    )
            rows += self._effects_of(outcome, measures)
        now = database_clock.now(self.env)
        # sudo: what is measured is kept by the system; it was measured with the rights of the
        # responsible, like everything that the campaign does
        system = self.sudo()
        system.effect_ids.unlink()
        system.env["flow.effect"].create(rows)
        system.write(
            {
                "effect_measured_at": now,
                "effect_open_count": effect.still_open(self.env, self, now),
            }
        )

    def _effects_of(self, outcome, measures):
        """Return the values of `flow.effect` of an outcome.

        :param measures: by group, what is known of it; empty where it cannot be measured
        """
        known = {"campaign_id": self.id, "outcome": outcome}
        if not measures:
            return [{**known, "who": holdout.TREATED, "is_measured": False}]
        base = measures[holdout.HELD_OUT].get((None, None))
        rows = []
        for who in (holdout.HELD_OUT, holdout.TREATED, "email"):
            for (key, arm), measure in measures[who].items():
                values = {
                    **known,
                    "who": who,
                    "action_key": key,
                    "arm": arm,
                    "is_measured": True,
                    "people": measure.cases,
                    "total": measure.part if isinstance(measure, Share) else measure.total,
                    "value": measure.value,
                }
                found = base and who != holdout.HELD_OUT and lift.compare(measure, base)
                if found:
                    values |= {
                        "is_compared": True,
                        "difference": found.difference,
                        "has_interval": found.low is not None,
                        "low": found.low,
                        "high": found.high,
                        "has_relative": found.relative is not None,
                        "relative": found.relative,
                        "p_value": found.p_value,
                        "method": found.method,
                        "is_few": found.few,
                        "incremental": found.difference * measure.cases,
                    }
                rows.append(values)
        return rows

    def _message_keys(self):
        """Return the keys of the messages of the workflow, in all of its versions."""
        actions = self.env["flow.action"].search(
            [("workflow_id.campaign_id", "=", self.id), ("is_manual", "=", False)]
        )
        return set(actions.mapped("key"))

    # -- outcomes ----------------------------------------------------------------------------

    def _outcome_queries(self):
        """Return what people may have done, by the name of the outcome, as queries of
        ``participant_id`` and ``value``; None where the responsible may not see it.

        The queries are about the tables ``person`` and ``customer`` of `engine.effect.MEASURE`;
        whatever happened from ``since`` until before ``until`` counts. Other addons add theirs,
        and a label to the selection of `flow.effect`.
        """
        self.ensure_one()
        queries = {}
        if goals := self._goal_events():
            queries["goal"] = SQL(" UNION ALL ").join(SQL("(%s)", one) for one in goals)
        if kind := self.effect_event_kind:
            like = [SQL("NOT e.is_machine")]
            if self.effect_event_detail:
                like.append(SQL("e.detail ILIKE %s", event_rule.like(self.effect_event_detail)))
            query = effect.events(self, kind, like)
            if self.effect_clicks:
                clicks = effect.events(self, "clicked", [SQL("NOT e.is_machine")])
                query = SQL("(%s) UNION ALL (%s)", query, clicks)
            queries["response"] = query
        return queries

    def _goal_events(self):
        """Return queries of who did what leads to a goal, and can be done without a message."""
        plan, kinds = self.workflow_id._plan(), self.env["flow.event"]._kinds()
        ways = [*plan.any_transitions]
        ways += [way for state in plan.states.values() for way in state.transitions]
        queries = []
        for way in ways:
            target = plan.states.get(way.target_id)
            if not (target and target.kind == "goal" and way.trigger == "event" and way.event):
                continue
            if not kinds[way.event.kind].of_message:
                like = match.alike(self, way.event)
                queries.append(effect.events(self, way.event.kind, like, way.event.times))
        return queries

    @api.model
    def _outcome_amounts(self):
        """Return the names of the outcomes that are amounts in the campaign's currency; the others
        are rates."""
        return set()
