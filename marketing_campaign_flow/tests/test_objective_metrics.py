"""Objectives measure what campaigns reach: each metric against a case computed by hand."""

import json
from datetime import timedelta
from unittest.mock import patch

import psycopg2
from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..engine import database_clock
from .common import FlowCase


@tagged("post_install", "-at_install")
class TestObjectiveMetrics(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start, cls.over = cls.state("Start", "start"), cls.state("Over", "goal")
        cls.mail = cls.email(cls.start)
        cls.transition(cls.start, cls.over, "event", event_kind="opened")

    def aim(self, metric, target=100, campaign=None, **values):
        return self.env["flow.objective"].create(
            {
                "campaign_id": (campaign or self.campaign).id,
                "metric": metric,
                "target": target,
                **values,
            }
        )

    def value(self, metric, **values):
        """Return what a metric measures now, None where it is n/a."""
        aim = self.aim(metric, **values).with_user(self.user)
        self.assertEqual(aim.value_in_words == "n/a", not aim.is_measured)
        return round(aim.value, 6) if aim.is_measured else None

    def cost(self, amount, campaign=None):
        self.env["flow.cost"].create(
            {
                "campaign_id": (campaign or self.campaign).id,
                "name": "Design",
                "amount": amount,
            }
        ).action_confirm()

    # -- each metric ---------------------------------------------------------------------------

    def test_before_the_launch_rates_are_unknown_and_counts_are_nothing(self):
        for metric in ("open_rate", "click_rate", "reply_rate", "bounce_rate", "unsubscribe_rate",
                       "conversion_rate", "cost_per_conversion"):  # fmt: skip
            self.assertIsNone(self.value(metric), metric)
        for metric in ("participants", "sent", "delivered", "conversions", "points"):
            self.assertEqual(self.value(metric), 0, metric)

    def test_figures_of_emails_and_participants(self):
        self.launch()
        ann, bob, cleo = (self.trace(contact) for contact in self.partners)
        ann.set_opened()
        bob.set_bounced()
        cleo.set_opened()
        cleo.set_replied()
        self.env["flow.event"]._record_for_steps("clicked", ann.flow_step_id.ids)
        self.env["flow.event"]._record_for_steps("unsubscribed", cleo.flow_step_id.ids)
        self.run_engine()
        self.cost(30)
        for metric, value in {
            "participants": 3,
            "sent": 3,
            "delivered": 2,
            "open_rate": 200 / 3,
            "click_rate": 100 / 3,
            "reply_rate": 100 / 3,
            "bounce_rate": 100 / 3,
            "unsubscribe_rate": 100 / 3,
            "conversions": 2,
            "conversion_rate": 200 / 3,
            "cost_per_conversion": 15,
        }.items():
            self.assertAlmostEqual(self.value(metric), value, 4, metric)

    def test_points_that_the_campaign_gave_and_took(self):
        self.launch()
        # The engine writes points like this.
        for contact, amount, campaign in (
            (self.ann, 10, self.campaign),
            (self.bob, -3, self.campaign),
            (self.ann, 50, self.env["flow.campaign"]),
        ):
            point = self.env["flow.point"].create({"partner_id": contact.id, "amount": amount})
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE flow_point SET campaign_id = %s WHERE id = %s",
                [campaign.id or None, point.id],
            )
        self.assertEqual(self.value("points"), 7)

    def test_records_that_match_a_filter(self):
        model = self.env["ir.model"]._get("res.partner")
        domain = f"[('id', 'in', {self.partners.ids}), ('name', 'like', 'A')]"
        aim = self.aim("records", record_model_id=model.id, record_domain=domain)
        self.assertEqual(aim.with_user(self.user).value, 1)
        view = aim.with_user(self.user).action_view_behind()
        self.assertEqual(self.env[view["res_model"]].search(view["domain"]), self.ann)

    def test_records_are_counted_with_the_rights_of_the_responsible(self):
        rule = self.env["ir.rule"].create(
            {
                "name": "All but Ann",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": [("id", "!=", self.ann.id)],
            }
        )
        model = self.env["ir.model"]._get("res.partner")
        domain = f"[('id', 'in', {self.partners.ids})]"
        self.assertTrue(rule)
        self.assertEqual(self.value("records", record_model_id=model.id, record_domain=domain), 2)

    def test_a_field_that_has_vanished_is_said(self):
        model = self.env["ir.model"]._get("res.partner")
        good = self.aim("records", record_model_id=model.id, record_domain="[('id', '=', 1)]")
        aim = self.aim("records", record_model_id=model.id)
        self.env.cr.execute(
            "UPDATE flow_objective SET record_domain = %s WHERE id = %s",
            ["[('x_gone', '=', 1)]", aim.id],
        )
        self.env.invalidate_all()
        self.assertEqual((aim.value_in_words, aim.state), ("n/a", "unknown"))
        self.assertIn("field", aim.unmeasured_reason)
        self.assertTrue(good.is_measured)

    def test_nobody_counts_what_they_may_not_see(self):
        model = self.env["ir.model"]._get("ir.config_parameter")
        aims = self.env["flow.objective"].with_user(self.user)
        values = {"campaign_id": self.campaign.id, "metric": "records", "target": 1}
        with self.assertRaises(ValidationError):
            aims.create({**values, "record_model_id": model.id})
        contacts = self.env["ir.model"]._get("res.partner")
        for domain in ("[('x_gone', '=', 1)]", "nonsense", "__import__('os')"):
            with self.assertRaises(ValidationError):
                aims.create({**values, "record_model_id": contacts.id, "record_domain": domain})
        self.campaign.user_id = self.env.ref("base.user_admin")
        with self.assertRaises(AccessError):
            aims.create({**values, "record_model_id": contacts.id})

    # -- time ------------------------------------------------------------------------------------

    def test_what_comes_after_the_deadline_does_not_count(self):
        self.launch()
        today = database_clock.now(self.env).date()
        aim = self.aim("conversions", target=1, deadline=today + timedelta(days=2))
        self.assertEqual(aim.value, 0)
        self.pass_time(days=4)
        self.env["flow.event"]._record_for_steps("opened", self.trace(self.ann).flow_step_id.ids)
        self.run_engine()
        self.assertEqual((aim.value, aim.state), (0, "missed"))
        aim.deadline = False
        self.assertEqual((aim.value, aim.state), (1, "reached"))

    def test_pace_and_projection_in_words(self):
        self.launch()
        launched = self.campaign.date_start.date()
        midnight = fields.Datetime.to_datetime(launched)
        aim = self.aim("participants", target=100, deadline=launched + timedelta(days=9))
        self.campaign.date_start = midnight
        ahead = midnight + timedelta(days=5) - database_clock.now(self.env)
        database_clock.move(self.env, ahead.total_seconds())
        self.env.invalidate_all()
        self.assertEqual(aim.pace_in_words, "50")
        self.assertEqual(aim.projection_in_words, "6")
        self.assertEqual(aim.state, "at_risk")

    # -- together ----------------------------------------------------------------------------------

    def test_progress_of_the_campaign_by_weights(self):
        self.assertFalse(self.campaign.objectives_in_words)
        self.aim("cost_per_conversion", weight=7)
        self.assertEqual(self.campaign.objectives_in_words, "n/a")
        self.aim("participants", target=3, weight=3)
        self.aim("conversions", target=10, weight=1)
        self.aim("open_rate", weight=50)
        self.assertEqual(self.campaign.objective_progress, 0)
        self.launch()
        self.env.invalidate_all()
        # 3 of 3 people, no conversion, nobody has opened; no cost per conversion without one.
        self.assertEqual(self.campaign.objective_progress, round(300 / 54))

    def test_number_of_statements_does_not_grow_with_campaigns(self):
        metrics = ("participants", "open_rate", "delivered", "cost_per_conversion", "points")

        def statements(campaigns):
            aims = self.env["flow.objective"].create(
                [
                    {"campaign_id": campaign.id, "metric": metric, "target": 1}
                    for campaign in campaigns
                    for metric in metrics
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            aims.mapped("state")
            return self.env.cr.sql_log_count - before

        more = self.env["flow.campaign"].create(
            [{"name": f"Campaign {number}", "user_id": self.user.id} for number in range(30)]
        )
        statements(self.campaign)
        self.assertLessEqual(statements(more), statements(self.campaign))
        self.assertLessEqual(statements(more), 16)

    # -- history -----------------------------------------------------------------------------------

    def test_history_has_a_row_per_day_with_its_last_value(self):
        counts = self.aim("conversions", target=3)
        rates = self.aim("click_rate", target=3)
        self.env["flow.objective"]._cron_keep_values()
        self.assertFalse(counts.value_ids, "nothing is kept before the launch")
        self.launch()
        self.env["flow.objective"]._cron_keep_values()
        self.trace(self.ann).set_opened()
        self.run_engine()
        self.env["flow.objective"]._cron_keep_values()
        self.pass_time(days=1)
        self.trace(self.bob).set_opened()
        self.run_engine()
        counts.with_user(self.user).action_view_history()
        self.env["flow.objective"]._cron_keep_values()
        rows = counts.value_ids.sorted("day")
        self.assertEqual(rows.mapped("value"), [1, 2])
        self.assertEqual(rows.mapped("is_latest"), [False, True])
        self.assertEqual(rows.mapped("progress"), [33, 67])
        points = json.loads(counts.with_user(self.user).history_graph)[0]["values"]
        self.assertEqual([point["y"] for point in points], [1, 2])
        self.assertEqual(len(rates.value_ids), 2)

    def test_nothing_is_brought_where_nothing_can_be(self):
        rows = type(self.env["flow.attribution"])
        with patch.object(rows, "_sources", lambda _self: []):
            self.assertTrue(self.env["flow.attribution"]._refresh())

    def test_the_end_of_a_campaign_is_kept_soon(self):
        self.aim("open_rate", 20)
        self.launch()
        job = self.env.ref("marketing_campaign_flow.ir_cron_objectives")
        waiting = [("cron_id", "=", job.id)]
        before = self.env["ir.cron.trigger"].search_count(waiting)
        self.campaign.with_user(self.user).action_stop()
        self.assertGreater(self.env["ir.cron.trigger"].search_count(waiting), before)

    def test_what_is_not_measured_is_left_out_of_averages(self):
        self.aim("conversions", target=3)
        self.aim("points", target=10)
        self.aim("cost_per_conversion", target=1)
        self.launch()
        self.env["flow.objective"]._cron_keep_values()
        rows = self.env["flow.objective.value"].with_user(self.user)
        domain = [("campaign_id", "=", self.campaign.id), ("is_latest", "=", True)]
        unknown = rows.search([*domain, ("metric", "=", "cost_per_conversion")])
        self.assertEqual((unknown.state, unknown.value_in_words), ("unknown", "n/a"))
        [[count, value]] = rows._read_group(domain, [], ["value:count", "progress:avg"]) or [[0, 0]]
        self.assertEqual((count, value), (2, 0))

    # -- screens and rights ------------------------------------------------------------------------

    def test_figures_equal_what_is_behind_them(self):
        self.launch()
        self.trace(self.ann).set_opened()
        self.run_engine()
        for metric in ("participants", "sent", "conversions"):
            aim = self.aim(metric).with_user(self.user)
            view = aim.action_view_behind()
            rows = self.env[view["res_model"]].with_user(self.user).search(view["domain"])
            self.assertEqual(sum(rows.mapped("amount")), aim.value, metric)

    def test_a_marketing_user_sets_an_objective_in_the_form(self):
        form = Form(self.campaign.with_user(self.user))
        with form, form.objective_ids.new() as aim:
            aim.metric = "open_rate"
            aim.target = 25
            self.assertEqual(aim.unit_in_words, "%")
            self.assertEqual(aim.value_in_words, "n/a")
        self.assertEqual(self.campaign.objective_ids.target, 25)

    def test_a_new_campaign_gets_its_objectives_with_it(self):
        form = Form(self.env["flow.campaign"].with_user(self.user))
        form.name = "New"
        with form.objective_ids.new() as aim:
            aim.metric = "participants"
            aim.target = 25
            self.assertEqual(aim.value_in_words, "0")
        self.assertEqual(form.save().objective_ids.metric, "participants")

    def test_numbers_below_zero_are_refused(self):
        for values in ({"target": -1}, {"weight": -1}):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.cr.savepoint(),
            ):
                self.aim("sent", **values)

    def test_people_of_another_company_see_nothing(self):
        self.aim("conversions")
        self.launch()
        self.env["flow.objective"]._cron_keep_values()
        other = self.env["res.company"].create({"name": "Other"})
        outsider = new_test_user(
            self.env,
            "flow_elsewhere",
            groups="marketing_campaign_flow.group_flow_user",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        for model in ("flow.objective", "flow.objective.value"):
            self.assertFalse(self.env[model].with_user(outsider).search([]))
        with self.assertRaises(AccessError):
            self.env["flow.objective.value"].with_user(self.user).search([]).unlink()
