"""Orders are counted for the campaigns whose messages came before them, each order once."""

import random
from datetime import timedelta
from unittest.mock import patch

from odoo.addons.marketing_campaign_flow.engine import attribution, database_clock
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .common import SaleCase

METHODS = ("first", "last", "equal", "utm")


@tagged("post_install", "-at_install")
class TestAttribution(SaleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sale.order"].search([("state", "=", "sale")]).write({"state": "cancel"})
        cls.company = cls.env.company
        cls.company.write({"flow_attribution_method": "last", "flow_attribution_days": 30})
        cls.start = cls.state("Start", "start")
        cls.later = cls.state("Later")
        cls.over = cls.state("Over", "done")
        cls.first = cls.email(cls.start, "First")
        cls.second = cls.email(cls.later, "Second")
        cls.transition(cls.start, cls.later, "timeout", delay_value=5)
        cls.transition(cls.later, cls.over, "timeout", delay_value=60)

    def refresh(self, anew=False):
        self.env.flush_all()
        self.assertTrue(self.env["flow.attribution"]._refresh(anew))

    def bought(self, contact, amount=100, **values):
        """Return an order that is confirmed at the engine's present."""
        order = self.order(contact, **values)
        order.order_line.price_unit = amount
        order.action_confirm()
        order.date_order = database_clock.now(self.env)
        return order

    def shares(self, order, method):
        """Return ``(campaign, email, share, amount)`` for an order."""
        rows = self.env["flow.attribution"].search(
            [("kind", "=", "order"), ("res_id", "=", order.id), ("method", "=", method)],
            order="place",
        )
        return [(row.campaign_id, row.action_key, round(row.share, 6), row.amount) for row in rows]

    def emails(self, order, method):
        return [key for _campaign, key, _share, _amount in self.shares(order, method)]

    def another_campaign(self, **values):
        """Return a campaign with one email to Ann and Bob, running."""
        before = self.workflow, self.campaign
        campaign = self.env["flow.campaign"].create(
            {
                "name": "Another",
                "audience_id": self.audience.id,
                "user_id": self.user.id,
                **values,
            }
        )
        type(self).campaign, type(self).workflow = campaign, campaign.workflow_id
        campaign.workflow_id.state_ids.unlink()
        start, over = self.state("Begin", "start"), self.state("End", "done")
        email = self.email(start, "Another")
        self.transition(start, over, "timeout", delay_value=90)
        campaign.action_launch()
        self.run_engine()
        type(self).workflow, type(self).campaign = before
        return campaign, email

    # -- the methods -------------------------------------------------------------------------

    def test_two_emails_share_an_order_by_hand_computed_parts(self):
        self.launch()
        self.pass_time(days=6)
        order = self.bought(self.ann, 100.01)
        self.refresh()
        mine = self.campaign
        self.assertEqual(self.shares(order, "first"), [(mine, self.first.key, 1, 100.01)])
        self.assertEqual(self.shares(order, "last"), [(mine, self.second.key, 1, 100.01)])
        self.assertEqual(
            self.shares(order, "equal"),
            [(mine, self.first.key, 0.5, 50.0), (mine, self.second.key, 0.5, 50.01)],
        )
        self.assertEqual(self.shares(order, "utm"), [])

    def test_a_click_makes_an_older_email_the_last_touch(self):
        self.launch()
        self.pass_time(days=6)
        self.pass_time(hours=1)
        step = self.trace(self.ann, self.first).flow_step_id
        self.env["flow.event"]._record_for_steps("clicked", step.ids)
        order, other = self.bought(self.ann), self.bought(self.bob)
        self.refresh()
        self.assertEqual(self.emails(order, "last"), [self.first.key])
        self.assertEqual(self.emails(order, "first"), [self.first.key])
        self.assertEqual(self.emails(other, "last"), [self.second.key])

    def test_odoos_own_campaign_counts_without_any_touch(self):
        self.launch()
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        order = self.bought(stranger, campaign_id=self.campaign.utm_campaign_id.id)
        self.refresh()
        self.assertEqual(self.shares(order, "utm"), [(self.campaign, False, 1, 100)])
        for method in ("first", "last", "equal"):
            self.assertEqual(self.shares(order, method), [])

    def test_several_campaigns_share_an_order_and_it_is_counted_once(self):
        self.launch()
        campaigns = [self.campaign] + [self.another_campaign()[0] for _more in range(2)]
        self.pass_time(days=1)
        order = self.bought(self.ann, 100)
        self.refresh()
        self.assertEqual([c for c, *_rest in self.shares(order, "equal")], campaigns)
        amounts = [amount for *_rest, amount in self.shares(order, "equal")]
        self.assertEqual(amounts, [33.33, 33.33, 33.34])
        self.assertEqual(self.shares(order, "first")[0][0], campaigns[0])
        self.assertEqual(self.shares(order, "last")[0][0], campaigns[-1])
        for method in ("first", "last", "equal"):
            shares = self.shares(order, method)
            self.assertEqual(round(sum(share for _c, _k, share, _a in shares), 6), 1)
            self.assertAlmostEqual(sum(amount for *_rest, amount in shares), 100)

    def test_parts_of_any_order_are_the_whole_order(self):
        for number in range(3):
            self.email(self.start, f"More {number}", timing="delay", delay_value=number + 1)
        self.launch()
        dice = random.Random(2008)  # noqa: S311, nothing secret
        orders = self.env["sale.order"]
        for _day in range(4):
            for contact in self.partners:
                orders |= self.bought(contact, dice.choice((0, 0.01, 0.05, dice.uniform(0, 999))))
            self.pass_time(days=1)
            self.another_campaign()
        self.refresh()
        totals = """
            SELECT o.id, a.method, sum(a.share), sum(a.amount) - o.amount_untaxed, count(*),
                   min(a.amount)
              FROM flow_attribution a JOIN sale_order o ON o.id = a.res_id
             WHERE a.kind = 'order' GROUP BY o.id, a.method
        """
        found = self.env.execute_query(SQL(totals))
        for method in ("first", "last", "equal"):
            self.assertEqual(
                sorted(row[0] for row in found if row[1] == method), sorted(orders.ids)
            )
        self.assertEqual({(float(share), float(rest)) for _i, _m, share, rest, *_r in found},
                         {(1.0, 0.0)})  # fmt: skip
        self.assertGreaterEqual(max(row[4] for row in found), 7)
        self.assertGreaterEqual(min(row[5] for row in found), 0)

    # -- what counts -------------------------------------------------------------------------

    def test_window_of_the_campaign_before_that_of_its_company(self):
        self.launch()
        self.pass_time(days=5, minutes=2)
        self.pass_time(days=15)
        order = self.bought(self.ann)
        self.refresh()
        self.assertEqual(self.emails(order, "first"), [self.first.key])
        self.campaign.attribution_days = 16
        self.refresh()
        self.assertEqual(self.emails(order, "first"), [self.second.key])
        self.company.flow_attribution_days = 7
        self.refresh()
        self.assertEqual(self.emails(order, "first"), [self.second.key])
        self.campaign.attribution_days = 0
        self.refresh()
        self.assertEqual(self.emails(order, "first"), [])

    def test_an_order_after_the_end_counts_and_one_before_the_email_does_not(self):
        early = self.bought(self.ann)
        early.date_order -= timedelta(minutes=1)
        self.launch()
        self.campaign.action_stop()
        self.pass_time(days=3)
        late = self.bought(self.ann)
        self.refresh()
        self.assertEqual(self.emails(early, "last"), [])
        self.assertEqual(self.emails(late, "last"), [self.first.key])

    def test_a_message_that_bounced_or_that_a_machine_opened_is_no_touch(self):
        self.launch()
        self.pass_time(days=6)
        self.trace(self.ann, self.second).set_bounced()
        step = self.trace(self.bob, self.first).flow_step_id
        self.env["flow.event"]._record_for_steps("clicked", step.ids, is_machine=True)
        self.run_engine()
        order, other = self.bought(self.ann), self.bought(self.bob)
        self.refresh()
        self.assertEqual(self.emails(order, "last"), [self.first.key])
        self.assertEqual(self.emails(other, "last"), [self.second.key])

    def test_a_recorded_response_is_a_touch(self):
        self.launch()
        self.pass_time(days=5, minutes=2)
        self.pass_time(days=40)
        self.env["flow.event"]._record("response", self.ann, detail="Called")
        order = self.bought(self.ann)
        self.refresh()
        self.assertEqual(self.shares(order, "last"), [(self.campaign, False, 1, 100)])

    def test_order_of_a_company_counts_for_its_people(self):
        company = self.env["res.partner"].create({"name": "Works", "is_company": True})
        self.ann.parent_id = company
        colleague = self.env["res.partner"].create({"name": "Col", "parent_id": company.id})
        self.launch()
        orders = [self.bought(company), self.bought(colleague)]
        self.refresh()
        self.assertEqual([self.emails(order, "last") for order in orders], [[self.first.key]] * 2)

    def test_order_of_somebody_else_does_not_count(self):
        stranger = self.env["res.partner"].create({"name": "Stranger", "email": "s@example.com"})
        self.launch()
        order = self.bought(stranger)
        self.refresh()
        self.assertEqual(self.emails(order, "last"), [])

    def test_order_of_another_company_does_not_count(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.launch()
        order = self.bought(self.ann)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET company_id = %s, campaign_id = %s WHERE id = %s",
            [other.id, self.campaign.utm_campaign_id.id, order.id],
        )
        self.refresh(anew=True)
        for method in METHODS:
            self.assertEqual(self.shares(order, method), [])

    def test_who_became_a_contact_by_ordering_is_known_by_the_address(self):
        self.launch()
        run = self.participant(self.cleo)
        self.env.cr.execute("UPDATE flow_participant SET partner_id = NULL WHERE id = %s", [run.id])
        newcomer = self.env["res.partner"].create({"name": "C.", "email": "CLEO@example.com"})
        order = self.bought(newcomer)
        self.refresh()
        self.assertEqual(self.emails(order, "last"), [self.first.key])

    # -- what changes ------------------------------------------------------------------------

    def test_cancelled_and_changed_orders_follow(self):
        self.launch()
        order, other = self.bought(self.ann), self.bought(self.bob)
        self.refresh()
        order._action_cancel()
        other.order_line.price_unit = 70
        self.refresh()
        self.assertEqual(self.shares(order, "last"), [])
        self.assertEqual(self.shares(other, "last"), [(self.campaign, self.first.key, 1, 70)])

    def test_what_was_given_back_is_taken_off(self):
        if not self.company.chart_template:
            self.env["account.chart.template"].try_loading(
                "generic_coa", self.company, install_demo=False
            )
        self.crane.invoice_policy = "order"
        self.launch()
        order = self.bought(self.ann, 100)
        invoice = order._create_invoices()
        invoice.action_post()
        self.refresh()
        self.assertEqual(self.shares(order, "last")[0][3], 100)
        refund = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}])
        refund.invoice_line_ids.price_unit = 30
        refund.action_post()
        self.refresh()
        self.assertEqual(self.shares(order, "last")[0][3], 70)
        again = invoice.copy({"invoice_date": invoice.invoice_date})
        again.invoice_line_ids.write(
            {"price_unit": 30, "sale_line_ids": [(6, 0, order.order_line.ids)]}
        )
        again.action_post()
        self.refresh()
        self.assertEqual(self.shares(order, "last")[0][3], 100, "a correction gives nothing back")

    def test_merged_contacts_follow(self):
        self.launch()
        twin = self.env["res.partner"].create({"name": "Ann", "email": "ann2@example.com"})
        order = self.bought(twin)
        self.refresh()
        self.assertEqual(self.emails(order, "last"), [])
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([self.ann.id, twin.id], self.ann)
        self.env.invalidate_all()
        self.refresh()
        self.assertEqual(self.emails(order, "last"), [self.first.key])
        self.assertEqual(order.partner_id, self.ann)

    def test_deleted_orders_and_campaigns_leave_their_shares(self):
        self.launch()
        other, email = self.another_campaign()
        self.pass_time(hours=1)
        order, gone = self.bought(self.ann), self.bought(self.bob)
        self.refresh()
        gone_id = gone.id
        gone._action_cancel()
        gone.unlink()
        other.action_stop()
        self.assertEqual(self.emails(order, "last"), [email.key])
        other.with_user(self.env.ref("base.user_admin")).unlink()
        self.refresh()
        self.assertFalse(self.env["flow.attribution"].search([("res_id", "=", gone_id)]))
        self.assertEqual(self.emails(order, "last"), [self.first.key])

    def test_amount_in_the_currency_of_the_campaign_at_the_rate_of_the_day(self):
        currency = self.env["res.currency"].create(
            {
                "name": "ZZZ",
                "symbol": "x",
                "rate_ids": [
                    (0, 0, {"name": "2020-01-01", "rate": 4.0}),
                    (0, 0, {"name": "2999-01-01", "rate": 7.0}),
                ],
            }
        )
        self.campaign.currency_id = currency
        self.launch()
        self.bought(self.ann, 100)
        self.refresh()
        row = self.env["flow.attribution"].search(
            [("campaign_id", "=", self.campaign.id), ("method", "=", "last")]
        )
        self.assertEqual((row.amount, row.campaign_amount), (100, 400))

    # -- the work ----------------------------------------------------------------------------

    def test_what_is_right_is_not_written_again(self):
        self.launch()
        for contact in self.partners:
            self.bought(contact)
        self.refresh()
        rows = "SELECT array_agg(ctid::text ORDER BY id) FROM flow_attribution"
        before = self.env.execute_query(SQL(rows))
        self.refresh()
        self.refresh(anew=True)
        self.assertEqual(self.env.execute_query(SQL(rows)), before)

    def test_number_of_statements_does_not_grow(self):
        self.launch()
        self.bought(self.ann)
        self.refresh()

        def statements():
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.refresh()
            return self.env.cr.sql_log_count - before

        few = statements()
        for _more in range(10):
            for contact in self.partners:
                self.bought(contact)
        self.assertEqual(statements(), few)

    def test_one_works_at_a_time_and_the_night_is_made_up_for(self):
        self.launch()
        order = self.bought(self.ann)
        self.env.flush_all()
        rows, job = self.env["flow.attribution"], "ir_cron_attribution_anew"
        with self.registry.cursor() as elsewhere:
            elsewhere.execute(attribution.LOCK)
            rows._cron_refresh_anew()
            with self.assertRaises(UserError):
                rows.with_user(self.user).action_refresh()
        waiting = [("cron_id", "=", self.env.ref(f"marketing_campaign_flow.{job}").id)]
        self.assertEqual(self.env["ir.cron.trigger"].search_count(waiting), 1)
        self.assertEqual(self.emails(order, "last"), [])
        rows._cron_refresh_anew()
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=60):
            rows._cron_refresh()
        self.assertEqual(self.emails(order, "last"), [self.first.key])

    def test_all_documents_are_looked_over_in_slices(self):
        self.launch()
        orders = [self.bought(self.ann) for _number in range(5)]
        self.refresh()
        gone = max(orders, key=lambda order: order.id)
        left = [order for order in orders if order != gone]
        self.env.cr.execute("DELETE FROM sale_order WHERE id = %s", [gone.id])
        self.env.cr.execute("UPDATE flow_attribution SET action_key = 'wrong'")
        self.env.invalidate_all()
        rows = self.env["flow.attribution"]
        rows._cron_refresh_anew()
        commits = type(self.env["ir.cron"])
        with patch.object(attribution, "SLICE", 2):
            with patch.object(commits, "_commit_progress", return_value=0) as commit:
                rows._cron_refresh()  # its time was over after the first slice
            commit.assert_called_once_with(1, remaining=1)
            self.assertIn("wrong", rows.search([]).mapped("action_key"))
            with patch.object(commits, "_commit_progress", return_value=60) as commit:
                rows._cron_refresh()
        self.assertGreater(commit.call_count, 1)
        self.assertEqual(commit.call_args.kwargs, {"remaining": 0})
        for order in left:
            self.assertEqual(self.emails(order, "last"), [self.first.key])
        self.assertFalse(rows.search([("res_id", "=", gone.id), ("kind", "=", "order")]))

    # -- who sees it -------------------------------------------------------------------------

    def test_report_says_by_email_state_and_version_and_drills_down(self):
        self.launch()
        self.pass_time(days=6)
        order = self.bought(self.ann)
        self.bought(self.bob, 50)
        self.refresh()
        self.assertEqual(self.campaign.with_user(self.user).order_revenue, 150)
        self.assertEqual(self.campaign.with_user(self.user).order_count, 2)
        action = self.campaign.with_user(self.user).action_view_orders_brought()
        report = self.env["flow.attribution.report"].with_user(self.user)
        rows = report.search([*action["domain"], ("method", "=", "last")])
        self.assertEqual(sum(rows.mapped("campaign_amount")), 150)
        self.assertEqual(rows.action_id, self.second)
        self.assertEqual(rows.state_id, self.later)
        self.assertIn(order.name, rows.mapped("document"))
        mine = rows.filtered(lambda row: row.res_id == order.id)
        self.assertEqual(mine.action_open()["res_id"], order.id)
        nobody = new_test_user(
            self.env, "flow_plain", groups="marketing_campaign_flow.group_flow_user"
        )
        self.assertNotIn(order.name, mine.with_user(nobody).document)

    def test_a_marketing_user_brings_the_figures_up_to_date(self):
        self.launch()
        order = self.bought(self.ann)
        self.env.flush_all()
        self.env["flow.attribution.report"].with_user(self.user).action_refresh()
        self.assertEqual(self.emails(order, "last"), [self.first.key])

    def test_people_of_another_company_see_nothing(self):
        self.launch()
        self.bought(self.ann)
        self.refresh()
        other = self.env["res.company"].create({"name": "Other"})
        outsider = new_test_user(
            self.env,
            "flow_elsewhere",
            groups="marketing_campaign_flow.group_flow_user",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        for model in ("flow.attribution", "flow.attribution.report"):
            self.assertFalse(self.env[model].with_user(outsider).search([]))

    def test_odoos_own_buttons_of_the_campaign_keep_working(self):
        self.launch()
        utm = self.campaign.utm_campaign_id
        self.bought(self.ann, campaign_id=utm.id)
        self.assertEqual(utm.with_user(self.user).quotation_count, 1)
        self.assertEqual(utm.with_user(self.user).invoiced_amount, 0)
