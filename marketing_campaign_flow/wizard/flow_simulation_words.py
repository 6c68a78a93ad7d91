"""What a simulation says in sentences; one and many are sentences of their own."""

from odoo import fields, models
from odoo.tools import format_amount, format_date, formatLang


class FlowSimulation(models.TransientModel):
    _inherit = "flow.simulation"

    def _sentences(self, plan, outlook, messages):
        """Return what matters, as ``{"text", "tone"}``."""
        told = [
            *self._of_messages(outlook, messages),
            *self._of_goals(plan, outlook),
            *self._of_money(outlook),
            *self._of_end(plan, outlook),
        ]
        return [{"text": text, "tone": tone} for text, tone in told]

    def _of_messages(self, outlook, messages):
        by_day = [sum(day) for day in zip(*(outlook.runs[key] for key in messages), strict=True)]
        if not sum(by_day):
            yield self.env._("No message is sent."), "muted"
            return
        text = self._how_many_messages(by_day[0], sum(by_day))
        busiest = max(range(len(by_day)), key=by_day.__getitem__)
        if busiest and by_day[busiest] > 1.2 * by_day[0]:
            text += " " + self.env._(
                "Most of them leave on day %(day)s (%(date)s): %(number)s.",
                day=busiest + 1,
                date=format_date(self.env, outlook.days[busiest]),
                number=self._number(by_day[busiest]),
            )
        yield text, "normal"

    def _how_many_messages(self, first, everything):
        if round(everything) == 1:
            return self.env._("About one message in all.")
        if round(first) == 1:
            return self.env._(
                "About one message on the first day, %s in all.", self._number(everything)
            )
        if round(first):
            return self.env._(
                "About %(first)s messages on the first day, %(all)s in all.",
                first=self._number(first),
                all=self._number(everything),
            )
        return self.env._("About %s messages in all.", self._number(everything))

    def _of_goals(self, plan, outlook):
        goals = [state for state in plan.states.values() if state.kind == "goal"]
        if not goals or not outlook.came:
            return
        number = sum(outlook.entered[state.key] for state in goals)
        share = f"{100 * number / outlook.came:.1f}"
        if round(number) == 0:
            yield self.env._("Hardly anybody (%s %%) reaches a goal.", share), "normal"
        elif round(number) == 1:
            yield self.env._("About one person (%s %%) reaches a goal.", share), "good"
        else:
            yield (
                self.env._(
                    "About %(number)s people (%(share)s %%) reach a goal.",
                    number=self._number(number),
                    share=share,
                ),
                "good",
            )

    def _of_money(self, outlook):
        money, campaign = self._money(outlook), self.campaign_id
        if money is None:
            return
        amount = format_amount(self.env, money["values"][-1], campaign.currency_id)
        if not money["budget"]:
            yield self.env._("It costs about %s; no budget is set.", amount), "normal"
            return
        budget = format_amount(self.env, campaign.budget_amount, campaign.currency_id)
        over = next((n for n, value in enumerate(money["values"]) if value > money["budget"]), None)
        if over is None:
            yield (
                self.env._(
                    "It costs about %(amount)s; the budget of %(budget)s is enough.",
                    amount=amount,
                    budget=budget,
                ),
                "good",
            )
        else:
            yield (
                self.env._(
                    "It costs about %(amount)s; the budget of %(budget)s is used up on day %(day)s"
                    " (%(date)s).",
                    amount=amount,
                    budget=budget,
                    day=over + 1,
                    date=format_date(self.env, outlook.days[over]),
                ),
                "bad",
            )

    def _of_end(self, plan, outlook):
        if round(outlook.circling[-1]) == 1:
            yield self.env._("About one person runs in circles and is taken out."), "bad"
        elif round(outlook.circling[-1]):
            number = self._number(outlook.circling[-1])
            yield self.env._("About %s people run in circles and are taken out.", number), "bad"
        if outlook.ends_on is not None:
            yield self._when_it_is_over(outlook), "normal"
        elif self.per_day:
            yield self.env._("It goes on as long as people come in."), "normal"
        names = {state.key: state.name for state in plan.states.values()}
        for key, number in outlook.staying.items():
            if not self.per_day:
                yield self._who_is_still_there(number, names[key]), "warning"

    def _when_it_is_over(self, outlook):
        first, days = outlook.days[0], outlook.ends_on
        date = format_date(self.env, fields.Date.add(first, days=days))
        if not days:
            return self.env._("It is over on the first day (%s).", date)
        if days == 1:
            return self.env._("It is over after one day (%s).", date)
        return self.env._("It is over after %(days)s days (%(date)s).", days=days, date=date)

    def _who_is_still_there(self, number, state):
        if number < 1.5:
            return self.env._(
                "On day %(day)s about one person is still in “%(state)s”.",
                day=self.days,
                state=state,
            )
        return self.env._(
            "On day %(day)s about %(number)s people are still in “%(state)s”.",
            day=self.days,
            number=self._number(number),
            state=state,
        )

    def _number(self, number):
        return formatLang(self.env, round(number), digits=0)
