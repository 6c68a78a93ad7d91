"""The dialog that says what is to be expected, held against what the engine then does."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..engine import database_clock
from .common import FlowCase

LEDGER = (
    "flow.participant", "flow.step", "flow.event", "flow.visit", "flow.fact", "flow.delivery",
    "flow.spending", "mailing.trace", "mail.mail", "mail.message", "bus.bus",
)  # fmt: skip


@tagged("post_install", "-at_install")
class TestSimulation(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user.tz = "UTC"
        cls.people = cls.env["res.partner"].create(
            [{"name": f"Reader {n}", "email": f"reader{n}@example.com"} for n in range(40)]
        )
        cls.audience.partner_ids = cls.people.ids
        cls.start = cls.state("Start", "start")
        cls.hot = cls.state("Hot", "goal")
        cls.cold = cls.state("Cold")
        cls.over = cls.state("Over", "done")
        cls.letter = cls.email(cls.start, "Invitation", unit_cost=0.5)
        cls.reminder = cls.email(cls.cold, "Reminder", unit_cost=0.5)
        cls.opening = cls.transition(
            cls.start, cls.hot, "event", event_kind="opened", event_action_id=cls.letter.id
        )
        cls.transition(cls.start, cls.cold, "timeout", delay_value=3)
        cls.transition(cls.cold, cls.over, "timeout", delay_value=2)

    def simulation(self, **values):
        campaign = self.campaign.with_user(self.user)
        simulation = self.env["flow.simulation"].browse(campaign.action_simulate()["res_id"])
        simulation = simulation.with_user(self.user)
        simulation.write(values)
        return simulation

    def count_everything(self):
        self.env.flush_all()
        return {model: self.env[model].sudo().search_count([]) for model in LEDGER}

    def words(self, simulation):
        return " ".join(sentence["text"] for sentence in simulation.outlook["sentences"])

    def values(self, simulation, what, label):
        return next(one["values"] for one in simulation.outlook[what] if one["label"] == label)

    def test_it_runs_nothing(self):
        before = self.count_everything()
        self.assertTrue(self.simulation().outlook)
        self.assertEqual(self.count_everything(), before)

    def test_the_engine_does_what_the_simulation_said(self):
        """Ten of forty open the letter; time-outs and emails then come out exactly."""
        simulation = self.simulation()
        line = simulation.line_ids
        self.assertEqual(line.mapped("transition_key"), [self.opening.key])
        line.write({"share": 25, "half_hours": 0})
        expected, outlook = simulation.outlook, simulation._simulate()[1]
        self.launch()
        for reader in self.people[:10]:
            self.trace(reader).set_opened()
        self.run_engine()
        for day in range(len(expected["days"])):
            if day:  # a little more, for time-outs wait until it is settled
                self.pass_time(days=1, minutes=10)
            found = {state.key: 0 for state in self.workflow.state_ids}
            for participant in self.campaign.participant_ids:
                found[participant.state_id.key] += 1
            told = {key: round(numbers[day], 6) for key, numbers in outlook.people.items()}
            self.assertEqual(told, found, f"day {day}")
        sent = {
            action.key: self.env["flow.step"].search_count(
                [("action_id", "=", action.id), ("status", "=", "done")]
            )
            for action in (self.letter, self.reminder)
        }
        told = {key: round(sum(numbers), 6) for key, numbers in outlook.runs.items()}
        self.assertEqual(told, sent)
        self.assertAlmostEqual(sum(outlook.costs), self.campaign.cost_total)

    def test_a_split_comes_out_as_near_as_chance_allows(self):
        self.workflow.transition_ids.unlink()
        for target, weight in ((self.hot, 70), (self.cold, 30)):
            self.transition(self.start, target, "split", weight=weight)
        self.transition(self.cold, self.over, "timeout", delay_value=2)
        outlook = self.simulation()._simulate()[1]
        self.assertAlmostEqual(outlook.people[self.hot.key][0], 28)
        self.launch()
        hot = self.campaign.participant_ids.filtered(lambda p: p.state_id == self.hot)
        self.assertLess(abs(len(hot) - 28), 12)

    def test_money_and_the_day_on_which_it_is_used_up(self):
        self.campaign.budget_amount = 25
        simulation = self.simulation()
        simulation.line_ids.share = 0
        self.assertIn("is used up on day 4", self.words(simulation))
        self.assertEqual(simulation.outlook["money"]["values"][-1], 40)
        self.campaign.budget_amount = 100
        simulation.invalidate_recordset()
        self.assertIn("is enough", self.words(simulation))

    def test_first_day_and_end_in_words(self):
        simulation = self.simulation()
        simulation.line_ids.share = 0
        self.assertIn("About 40 messages on the first day, 80 in all", self.words(simulation))
        self.assertIn("It is over after 5 days", self.words(simulation))

    def test_one_is_told_in_the_singular(self):
        simulation = self.simulation(people=1, days=2)
        simulation.line_ids.write({"share": 100, "half_hours": 0})
        words = self.words(simulation)
        self.assertIn("About one message in all.", words)
        self.assertIn("About one person (100.0 %) reaches a goal.", words)
        self.assertIn("It is over on the first day", words)
        simulation.line_ids.write({"share": 0})
        words = self.words(simulation)
        self.assertIn("On day 2 about one person is still in “Start”.", words)
        simulation.people = 2
        self.assertIn("On day 2 about 2 people are still in “Start”.", self.words(simulation))

    def test_rates_are_measured_where_there_is_enough(self):
        self.assertEqual(self.simulation().line_ids.source, "Assumption")
        day = database_clock.now(self.env).date()
        self.env["flow.fact"].sudo().create(
            [
                {
                    "campaign_id": self.campaign.id,
                    "action_key": self.letter.key,
                    "metric": metric,
                    "day": day,
                    "amount": amount,
                    "is_delta": True,
                }
                for metric, amount in (("sent", 200), ("opened", 50))
            ]
        )
        self.env.flush_all()
        line = self.simulation().line_ids
        self.assertEqual((line.share, line.source), (25.0, "Measured: this email, sent 200 times"))
        self.env["flow.fact"].sudo().search([("campaign_id", "=", self.campaign.id)]).unlink()

    def test_filters_are_measured_on_the_audience(self):
        self.people[:10].city = "Bozen"
        self.opening.guard = "[('city', '=', 'Bozen')]"
        guard = self.simulation().line_ids.filtered(lambda line: line.about == "guard")
        self.assertEqual(guard.share, 25.0)
        self.assertIn("40 people", guard.source)

    def test_changing_an_assumption_in_the_form_changes_the_outlook(self):
        simulation = self.simulation()
        with Form(simulation, view="marketing_campaign_flow.flow_simulation_view_form") as form:
            before = form.outlook["people"]
            with form.line_ids.edit(0) as line:
                line.share = 100
                line.half_hours = 0
            self.assertNotEqual(form.outlook["people"], before)
        self.assertEqual(self.values(simulation, "people", "Hot")[0], 40)

    def test_names_are_shown_as_text(self):
        self.hot.name = "<b>Hot</b> 🔥" * 20
        label = self.simulation().outlook["people"][1]["label"]
        self.assertEqual(label, self.hot.name)

    def test_no_audience_and_no_start(self):
        self.campaign.audience_id = False
        self.assertIn("No message is sent", self.words(self.simulation()))
        self.start.kind = "normal"
        with self.assertRaisesRegex(UserError, "needs a state of the kind"):
            self.simulation()

    def test_others_may_not_look(self):
        stranger = new_test_user(self.env, "stranger", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.campaign.with_user(stranger).action_simulate()
