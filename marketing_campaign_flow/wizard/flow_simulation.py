"""The dialog that says what a campaign will probably do; it runs nothing."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ..engine import database_clock, simulate, windows
from ..engine.simulate_state import Assumptions, Reaction

MOST_PEOPLE = 100_000_000
NEWCOMER_DAYS = 30


class FlowSimulation(models.TransientModel):
    _name = "flow.simulation"
    _description = "Simulation of a Campaign"

    campaign_id = fields.Many2one("flow.campaign", required=True, readonly=True, ondelete="cascade")
    begins_at = fields.Datetime(
        string="Launch",
        required=True,
        default=lambda self: database_clock.now(self.env),
        help="When you mean to launch the campaign. Opening hours and dates count from here.",
    )
    days = fields.Integer(string="Days to look ahead", default=90, required=True)
    people = fields.Integer(string="People at launch")
    people_note = fields.Char(readonly=True)
    reach = fields.Float(
        string="Reachable (%)", default=100.0, digits=(5, 1), help="Of these messages arrive."
    )
    per_day = fields.Float(
        string="Newcomers per day",
        digits=(16, 1),
        help="People who come in later, because they come to match the audience or by another way.",
    )
    per_day_note = fields.Char(readonly=True)
    line_ids = fields.One2many("flow.simulation.line", "simulation_id", string="What people do")
    outlook = fields.Json(compute="_compute_outlook")

    _days_sensible = models.Constraint(
        f"CHECK(days BETWEEN 1 AND {simulate.MOST_DAYS})",
        "A simulation looks between 1 day and a year ahead.",
    )
    _people_sensible = models.Constraint(
        f"CHECK(people BETWEEN 0 AND {MOST_PEOPLE} AND per_day BETWEEN 0 AND {MOST_PEOPLE})",
        "The number of people cannot be negative.",
    )

    @api.model
    def _open(self, campaign):
        """Return the action that shows what a campaign will probably do.

        :raises UserError: when its workflow has no state to begin with
        """
        workflow = campaign.edited_workflow_id
        if workflow._compile().start is None:
            raise UserError(self.env._("The workflow needs a state of the kind “Start”."))
        lines = self.env["flow.simulation.line"]._lines(campaign)
        simulation = self.create(
            {
                "campaign_id": campaign.id,
                "line_ids": [Command.create(values) for values in lines],
                **self._audience_values(campaign),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Simulation: %s", campaign.name),
            "res_model": self._name,
            "res_id": simulation.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    # -- who comes in -------------------------------------------------------------------------

    @api.model
    def _audience_values(self, campaign):
        """Return how many come in, as far as it is known without counting a million anew."""
        audience = campaign._seen_audience()
        values = {"people": 0, "per_day": 0.0, "reach": 100.0}
        if audience:
            people, reachable = audience.last_count, audience.last_reachable
            if not people:
                figures = campaign._count()
                people, reachable = figures["people"], figures["reachable"]
            values["people"] = round(people * (1 - campaign.holdout_share / 100))
            values["reach"] = 100.0 * reachable / people if people else 100.0
            values["people_note"] = self._people_note(campaign, audience)
            values |= self._newcomers(campaign, audience)
        if campaign.entry_ids:
            values["per_day_note"] = self.env._(
                "People also come in by themselves (%s): say how many you expect.",
                ", ".join(campaign.entry_ids.mapped("display_name")),
            )
        return values

    def _people_note(self, campaign, audience):
        if campaign.holdout_share:
            return self.env._(
                "“%(audience)s” without the %(share)s %% who are held out",
                audience=audience.name,
                share=f"{campaign.holdout_share:g}",
            )
        return self.env._("“%s” at its last count", audience.name)

    def _newcomers(self, campaign, audience):
        """Return by how many the audience has grown a day lately, where they come in."""
        if not campaign.keep_in_sync or audience.kind == "static":
            return {}
        counts = audience.count_ids.sorted("date")[-NEWCOMER_DAYS:]
        days = (counts[-1:].date - counts[:1].date).days if len(counts) > 1 else 0
        if days < 1:
            return {}
        growth = max(0.0, (counts[-1].people - counts[0].people) / days)
        if days == 1:
            note = self.env._("Measured: how the audience has grown since yesterday")
        else:
            note = self.env._("Measured: how the audience has grown in the last %s days", days)
        return {"per_day": round(growth, 1), "per_day_note": note}

    # -- what is to be expected ----------------------------------------------------------------

    @api.depends(
        "begins_at", "days", "people", "reach", "per_day", "line_ids.share", "line_ids.half_hours"
    )
    def _compute_outlook(self):
        for simulation in self:
            simulation.outlook = simulation._in_pictures(*simulation._simulate())

    def _simulate(self):
        """Return the plan that was simulated and the `engine.simulate.Outlook` of it."""
        self.ensure_one()
        campaign = self.campaign_id
        campaign.check_access("read")
        plan = campaign.edited_workflow_id._compile()
        begins = self.begins_at or database_clock.now(self.env)
        arrivals = simulate.Arrivals(
            min(max(0, self.people), MOST_PEOPLE), min(max(0.0, self.per_day), MOST_PEOPLE)
        )
        assumed = self._assumptions(plan, begins)
        return plan, simulate.simulate(plan, arrivals, assumed, begins, self.days)

    def _assumptions(self, plan, begins):
        campaign = self.campaign_id
        actions = campaign.edited_workflow_id._planned_actions()
        timings = [t for state in plan.states.values() for a in state.actions for t in a.timings]
        calendars = {timing.calendar_id for timing in timings} - {None}
        return Assumptions(
            reactions={
                line.transition_key: Reaction(
                    line._part(), max(0.0, line.half_hours), line.of_message
                )
                for line in self.line_ids
                if line.about == "way"
            },
            guards={
                line.transition_key: line._part() for line in self.line_ids if line.about == "guard"
            },
            messages=frozenset(action.key for action in actions if action._channel()),
            zone=campaign._timezone(),
            loud=windows.loud_hours(self.env),
            calendars={one: campaign._working_time(one, begins) for one in calendars},
            doors=self._doors(),
            sending_rate=campaign.sending_rate,
            reach=min(max(self.reach, 0.0), 100.0) / 100,
        )

    def _doors(self):
        """Return when phases open that open on a date."""
        rows = self.campaign_id.phase_row_ids.filtered(
            lambda row: row.opening == "date" and row.date_planned
        )
        return {row.phase_id.id: row.date_planned for row in rows}

    def _in_pictures(self, plan, outlook):
        """Return what the widget ``flow_outlook`` shows: sentences, and numbers day by day."""
        campaign = self.campaign_id
        messages = {
            action.key: action._seen_content() or action.display_name
            for action in campaign.edited_workflow_id._planned_actions()
            if action._channel() and action.key in outlook.runs
        }
        return {
            "sentences": self._sentences(plan, outlook, messages),
            "days": [format_date(self.env, day, date_format="d MMM") for day in outlook.days],
            "people": [
                {
                    "label": state.name,
                    "kind": state.kind,
                    "values": [round(number, 1) for number in outlook.people[state.key]],
                }
                for state in plan.states.values()
            ],
            "messages": [
                {"label": label, "values": [round(number, 1) for number in outlook.runs[key]]}
                for key, label in messages.items()
            ],
            "money": self._money(outlook),
        }

    def _money(self, outlook):
        """Return what it costs by the end of each day, and the budget; None where nothing costs."""
        campaign = self.campaign_id
        spent = campaign.cost_total + campaign.cost_committed
        if not (sum(outlook.costs) or spent):
            return None
        total, values = spent, []
        for cost in outlook.costs:
            total += cost
            values.append(campaign.currency_id.round(total))
        return {
            "values": values,
            "budget": campaign.budget_amount or None,
            "currency": campaign.currency_id.name,
            "digits": campaign.currency_id.decimal_places,
        }
