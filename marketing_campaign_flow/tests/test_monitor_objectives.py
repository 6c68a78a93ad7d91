"""The monitor's objectives: what is measured, what was kept, and what opens behind them."""

from unittest.mock import patch

from odoo.tests import tagged

from .monitor_case import MonitorCase


@tagged("post_install", "-at_install")
class TestMonitorObjectives(MonitorCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What the demo data aim at stays out of sight.
        cls.env["flow.campaign"].search([("status", "!=", "draft")]).active = False
        cls.campaign.objective_ids = [
            (0, 0, {"metric": "participants", "target": 4}),
            (0, 0, {"metric": "open_rate", "target": 90}),
        ]
        cls.reached, cls.missed = cls.campaign.objective_ids
        cls.other = cls.campaign.copy({"name": "Still under way"})
        cls.other.objective_ids = [(0, 0, {"metric": "participants", "target": 100})]
        cls.aim = cls.other.objective_ids[-1]
        (cls.other.objective_ids - cls.aim).unlink()

    def setUp(self):
        super().setUp()
        self.launch()
        self.other.action_launch()

    def end(self):
        self.campaign.action_stop()
        self.campaign.objective_ids._keep_values()
        self.env.invalidate_all()

    def look(self, campaign_ids=None):
        """Return the rows of the monitor, and which objectives were measured for them."""
        aims = self.env.registry["flow.objective"]
        measured, measure = set(), aims._measure

        def note(these):
            measured.update(these.ids)
            return measure(these)

        self.env.invalidate_all()
        with patch.object(aims, "_measure", note):
            objectives = self.monitor.get_figures(campaign_ids)["objectives"]
        return objectives["rows"], measured

    def test_of_all_campaigns_those_that_are_over_are_not_measured_again(self):
        _rows, measured = self.look()
        self.assertEqual(measured, {self.aim.id, *self.campaign.objective_ids.ids})
        self.end()
        rows, measured = self.look()
        self.assertEqual(measured, set(self.aim.ids))
        self.assertEqual(rows[0]["id"], self.aim.id, "what can still be helped comes first")
        self.assertEqual({row["id"] for row in rows[1:]}, set(self.campaign.objective_ids.ids))

    def test_a_pause_is_no_end(self):
        self.campaign.action_pause()
        _rows, measured = self.look()
        self.assertEqual(measured, {self.aim.id, *self.campaign.objective_ids.ids})

    def test_what_was_kept_says_the_same_as_measuring(self):
        self.end()
        measured, ids = self.look(self.campaign.ids)
        self.assertEqual(ids, set(self.campaign.objective_ids.ids))
        kept, _ids = self.look()
        self.assertEqual(kept[1:], measured)
        self.assertEqual({row["words"] for row in measured}, {"3 of 4", "0.0 % of 90.0 %"})

    def test_the_last_value_counts_and_what_was_never_kept_is_not_known(self):
        self.campaign.action_stop()
        rows, _ids = self.look()
        self.assertEqual({row["state"] for row in rows[1:]}, {"unknown"})
        self.assertIn("n/a of 4", {row["words"] for row in rows})
        self.campaign.objective_ids._keep_values()
        values = self.reached.value_ids
        values.sudo().copy({"day": "2020-01-01", "state": "open", "value": 1, "is_latest": False})
        rows, _ids = self.look()
        self.assertIn("3 of 4", {row["words"] for row in rows})

    def test_figures_cost_the_same_for_few_and_many_that_are_over(self):
        self.end()
        few = self.cost()
        for number in range(4):
            past = self.campaign.copy({"name": f"Past {number}"})
            past.action_launch()
            past.action_stop()
            past.objective_ids._keep_values()
        self.assertGreater(self.monitor.get_figures()["objectives"]["count"], 10)
        self.assertEqual(self.cost(), few)

    def cost(self):
        self.monitor.get_figures()  # what is cached is read before
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.monitor.get_figures()
        return self.env.cr.sql_log_count - before

    def test_all_objectives_are_those_of_the_campaigns_that_are_shown(self):
        for campaigns, number in ((self.campaign, 2), (self.other, 1)):
            figures = self.figures(campaigns)
            self.assertEqual(figures["objectives"]["count"], number)
            self.assertEqual(self.behind("objectives", ids=campaigns.ids), number)
        everything = self.monitor.action_view("objectives")
        found = self.env["flow.objective"].with_user(self.user).search(everything["domain"])
        self.assertEqual(found, self.campaign.objective_ids | self.aim)
        self.assertEqual(everything["views"][0], [False, "list"])
