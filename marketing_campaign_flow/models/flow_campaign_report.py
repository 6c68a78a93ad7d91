"""What the printed report of a campaign says, in words and figures of the reader's language.

Each part is a method of its own, so that a bridge can add to it; how it looks is the template's.
"""

from datetime import timedelta

from odoo import models
from odoo.tools import format_date, formatLang

from ..engine import result

BY_DAY = ("sent", "opened", "clicked")
MOST_DAYS = 45  # a longer campaign is drawn by week
OF_EMAILS = ("sent", "opened", "clicked", "replied", "bounced", "unsubscribed_emails")


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def _report_sentences(self):
        """Return what a reader in a hurry must know, as sentences."""
        self.ensure_one()
        if not self.date_start:
            return [self.env._("The campaign has not been launched yet.")]
        words = {
            "people": self._in_words(self.participant_count),
            "since": format_date(self.env, self.date_start),
            "until": format_date(self.env, self.date_end) if self.date_end else "",
            "sent": self._in_words(self.sent_count),
            "opened": self._share_in_words(self.opened_count, self.sent_count),
            "clicked": self._share_in_words(self.clicked_count, self.sent_count),
            "goal": self._in_words(self.goal_count),
            "share": self._share_in_words(self.goal_count, self.participant_count),
        }
        if self.date_end:
            who = self.env._("Participants from %(since)s to %(until)s: %(people)s.", **words)
        else:
            who = self.env._("Participants since %(since)s: %(people)s.", **words)
        return [
            who,
            self.env._(
                "Emails sent: %(sent)s, of which %(opened)s were opened and %(clicked)s clicked.",
                **words,
            ),
            self.env._("Goal reached by %(goal)s (%(share)s of all).", **words),
            *self._report_money_sentences(),
            *self._report_objective_sentences(),
        ]

    def _report_money_sentences(self):
        cost = self._in_currency(self.cost_total)
        if not self.budget_amount:
            return [self.env._("Spent: %s.", cost)] if self.cost_total else []
        budget = self._in_currency(self.budget_amount)
        return [self.env._("Spent: %(cost)s of %(budget)s.", cost=cost, budget=budget)]

    def _report_objective_sentences(self):
        objectives = self.objective_ids
        if not objectives:
            return []
        reached = len(objectives.filtered(lambda objective: objective.state == "reached"))
        return [
            self.env._(
                "Objectives reached: %(reached)s of %(all)s.", reached=reached, all=len(objectives)
            )
        ]

    def _report_funnel(self):
        """Return from those who came in to those at the goal: label, number, share of those before.

        The emails count once each, so that a person with two emails is two in the middle.
        """
        rows = [(self.env._("Came in"), self.participant_count, None)]
        for label, number, whole in (
            (self.env._("Emails sent"), self.sent_count, None),
            (self.env._("… opened"), self.opened_count, self.sent_count),
            (self.env._("… clicked"), self.clicked_count, self.sent_count),
            (self.env._("Goal reached"), self.goal_count, self.participant_count),
        ):
            share = None if whole is None else self._share_in_words(number, whole)
            rows.append((label, number, share))
        return [
            {
                "label": label,
                "number": number,
                "text": " · ".join(filter(None, [self._in_words(number), share])),
            }
            for label, number, share in rows
        ]

    def _report_days(self):
        """Return the emails by day, or by week of a long campaign: labels and a line per metric."""
        days = result.by_day(self.env, self.id, BY_DAY)
        if not days:
            return None
        first, last = min(days), max(days)
        step = 1 if (last - first).days < MOST_DAYS else 7
        starts = [
            first + timedelta(days=offset) for offset in range(0, (last - first).days + 1, step)
        ]
        names = dict(self.env["flow.fact"]._fields["metric"]._description_selection(self.env))
        series = {names[metric]: [0] * len(starts) for metric in BY_DAY}
        for day, counted in days.items():
            for metric, number in counted.items():
                series[names[metric]][(day - first).days // step] += number
        labels = [format_date(self.env, day, date_format="d MMM") for day in starts]
        return {"labels": labels, "series": series, "by_week": step > 1}

    def _report_emails(self):
        """Return a row of figures per email that was sent, in the order of the workflow."""
        counted = result.by_action(self.env, self.id, OF_EMAILS)
        actions = self.env["flow.action"].search(
            [("campaign_id", "=", self.id), ("key", "in", list(counted))]
        )
        newest = {}
        versions = actions.workflow_id.sorted(lambda w: (w.status != "draft", w.version))
        for action in actions.sorted(lambda action: versions.ids.index(action.workflow_id.id)):
            newest[action.key] = action
        rows = []
        for key in sorted(counted, key=lambda key: self._report_place(newest.get(key))):
            figures = counted[key]
            sent = figures.get("sent", 0)
            if not sent:
                continue
            shares = {
                metric: self._share_in_words(figures.get(metric, 0), sent)
                for metric in OF_EMAILS
                if metric != "sent"
            }
            action = newest.get(key)
            name = (action and action.mailing_id.subject) or self.env._("Sent by hand")
            rows.append({"name": name, "sent": self._in_words(sent), **shares})
        return rows

    @staticmethod
    def _report_place(action):
        """Return what actions are ordered by: as on the workflow; what is not there, last."""
        if not action:
            return (1, 0, 0, 0)
        state = action.state_id or action.transition_id.state_id
        return (0, state.sequence, action.sequence, action.id)

    def _report_states(self):
        """Return where people are: a row per state of the workflow."""
        people = result.people(self.env, self.ids)
        kinds = dict(self.env["flow.state"]._fields["kind"]._description_selection(self.env))
        return [
            {
                "name": state.name,
                "kind": kinds[state.kind],
                "people": self._in_words(people.get((self.id, state.key), 0)),
            }
            for state in self.workflow_id.state_ids
        ]

    def _report_costs(self):
        """Return what was planned and what was spent by category; empty without either."""
        kinds = ("planned", "actual")
        money = self.env["flow.money"].with_context(flow_money_kinds=kinds)
        groups = money._read_group(
            [("campaign_id", "=", self.id), ("kind", "in", kinds)],
            ["category_id", "kind"],
            ["amount:sum"],
        )
        rows = {}
        for category, kind, amount in groups:
            rows.setdefault(category, {})[kind] = amount
        return [
            {
                "name": category.name or self.env._("Without a category"),
                **{kind: self._in_currency(rows[category].get(kind, 0)) for kind in kinds},
            }
            for category in sorted(rows, key=lambda one: (not one, one.sequence, one.name or ""))
        ]

    def _report_effects(self):
        """Return how the groups of a comparison with people who were held out differ."""
        return self.effect_ids.filtered(lambda effect: effect.who != "held_out")

    def _in_words(self, number):
        return formatLang(self.env, number, digits=0)

    def _share_in_words(self, part, whole):
        """Return “12.5 %”, or that there is nothing to take a share of."""
        if not whole:
            return self.env._("n/a")
        return f"{formatLang(self.env, 100 * part / whole, digits=1)} %"
