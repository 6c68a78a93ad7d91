"""Recency, frequency and monetary value of customers."""

import random
from collections import defaultdict
from datetime import timedelta

from odoo.addons.marketing_campaign_flow.engine import database_clock
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..models.flow_rfm import PERIOD
from ..models.flow_rfm_segment import GRID
from .common import SaleCase


class RfmCase(SaleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.cr.execute("UPDATE sale_order SET state = 'cancel'")  # those of the demo data
        cls.env.invalidate_all()
        cls.now = database_clock.now(cls.env).replace(microsecond=0)

    @classmethod
    def confirmed(cls, contact, days, amount, **values):
        order = cls.order(contact, cls.rope, amount / 10, **values)
        order.action_confirm()
        order.date_order = cls.now - timedelta(days=days)
        return order

    def customers(self, count):
        return self.env["res.partner"].create([{"name": f"Customer {n}"} for n in range(count)])

    def scores(self, contacts):
        rows = self.env["flow.rfm"].search([("partner_id", "in", contacts.ids)])
        by_contact = {
            row.partner_id: (row.recency_score, row.frequency_score, row.monetary_score)
            for row in rows
        }
        return [by_contact.get(contact) for contact in contacts]

    def refresh(self):
        self.env["flow.rfm"]._refresh()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestRfm(RfmCase):
    def test_scores_are_fifths_of_the_customers_who_are_worse(self):
        contacts = self.customers(6)
        for number, contact in enumerate(contacts):
            self.confirmed(contact, 10 * (6 - number), 10 * (number + 1))
        self.refresh()
        # One order each: nobody is worse than anybody.
        self.assertEqual(self.scores(contacts), [(n, 1, n) for n in (1, 2, 3, 4, 5, 5)])

    def test_scores_are_as_reckoned_one_by_one(self):
        dice = random.Random(7)  # noqa: S311, nothing secret
        contacts = self.customers(23)
        orders = defaultdict(list)
        for contact in contacts:
            for _order in range(dice.choice((1, 1, 2, 3))):
                days, amount = dice.randrange(1, 12), dice.choice((10, 20, 50))
                orders[contact].append((days, amount))
                self.confirmed(contact, days, amount)
        self.refresh()

        def scores(values):
            worse = [sum(other < value for other in values) for value in values]
            return [min(5, 1 + 5 * count // (len(values) - 1)) for count in worse]

        told = [orders[contact] for contact in contacts]
        expected = list(
            zip(
                scores([-min(days for days, _amount in some) for some in told]),
                scores([len(some) for some in told]),
                scores([sum(amount for _days, amount in some) for some in told]),
                strict=True,
            )
        )
        self.assertEqual(self.scores(contacts), expected)
        for contact, (recency, frequency, monetary) in zip(contacts, expected, strict=True):
            segment = contact.with_user(self.user).flow_rfm_segment_id
            self.assertEqual(segment.key, GRID[recency - 1][(frequency + monetary + 1) // 2 - 1])

    def test_only_confirmed_orders_of_the_period_count(self):
        self.confirmed(self.ann, 10, 100)
        self.confirmed(self.ann, 400, 1000)
        self.confirmed(self.bob, 400, 1000)
        self.order(self.cleo)
        self.refresh()
        row = self.env["flow.rfm"].search([("partner_id", "in", self.partners.ids)])
        self.assertEqual((row.partner_id, row.frequency, row.monetary), (self.ann, 1, 100))
        self.assertEqual(row.recency_days, 10)
        self.env["ir.config_parameter"].set_param(PERIOD.parameter, "0")
        self.refresh()
        self.assertEqual(row.monetary, 1100)
        self.assertEqual(self.scores(self.partners)[2], None)

    def test_what_is_gone_goes_and_what_is_the_same_is_not_written(self):
        order = self.confirmed(self.ann, 10, 100)
        self.confirmed(self.bob, 20, 100)
        self.assertEqual(self.env["flow.rfm"]._refresh(), 2)
        self.assertEqual(self.env["flow.rfm"]._refresh(), 0)
        order._action_cancel()
        self.refresh()
        self.assertEqual([bool(one) for one in self.scores(self.partners)], [False, True, False])

    def test_scores_go_with_their_customer(self):
        """No foreign key takes them along."""
        for contact in self.partners:
            self.confirmed(contact, 10, 100)
        self.refresh()
        order = self.env["sale.order"].search([("partner_id", "=", self.cleo.id)])
        order.action_cancel()
        order.unlink()
        self.cleo.unlink()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.ann + self.bob).ids, self.ann)
        self.env.cr.execute("SELECT partner_id FROM flow_rfm")
        self.assertEqual([row[0] for row in self.env.cr.fetchall()], self.ann.ids)
        self.refresh()
        row = self.env["flow.rfm"].search([("partner_id", "=", self.ann.id)])
        self.assertEqual((row.frequency, row.monetary), (2, 200))

    def test_segments_stay(self):
        with self.assertRaises(UserError):
            self.env["flow.rfm.segment"].search([]).unlink()

    def test_it_is_one_statement_for_everybody(self):
        for contact in self.customers(20):
            self.confirmed(contact, 10, 100)
        self.env.flush_all()
        with self.assertQueryCount(12):
            self.env["flow.rfm"]._refresh()

    def test_amounts_are_in_the_currency_of_the_company(self):
        order = self.confirmed(self.ann, 10, 100)
        order.flush_recordset()
        self.env.cr.execute("UPDATE sale_order SET currency_rate = 4 WHERE id = %s", [order.id])
        self.refresh()
        row = self.env["flow.rfm"].search([("partner_id", "=", self.ann.id)])
        self.assertEqual(row.monetary, 25)

    def test_companies_are_apart(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.confirmed(self.ann, 10, 100)
        order = self.confirmed(self.bob, 10, 100)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET company_id = %s WHERE id = %s", [other.id, order.id]
        )
        self.env.invalidate_all()
        self.refresh()
        rows = self.env["flow.rfm"].with_user(self.user).search([])
        self.assertEqual(rows.partner_id & self.partners, self.ann)
        self.assertFalse(self.bob.with_user(self.user).flow_rfm_segment_id)

    def test_contacts_are_found_by_segment_and_scores(self):
        for contact, days in ((self.ann, 1), (self.bob, 100)):
            self.confirmed(contact, days, 100)
        self.refresh()
        contacts = self.env["res.partner"].with_user(self.user)
        segment = self.ann.flow_rfm_segment_id
        self.assertEqual((segment.key, self.bob.flow_rfm_segment_id.key), ("new", "lost"))
        for condition, expected in (
            (("flow_rfm_segment_id", "=", segment.id), "Ann"),
            (("flow_rfm_segment_id", "!=", segment.id), "Bob Cleo"),
            (("flow_rfm_segment_id.key", "in", ("new", "lost")), "Ann Bob"),
            (("flow_rfm_segment_id", "=", False), "Cleo"),
            (("flow_rfm_segment_id", "!=", False), "Ann Bob"),
            (("flow_rfm_recency", ">=", 5), "Ann"),
            (("flow_rfm_recency", "<", 5), "Bob Cleo"),
            (("flow_rfm_recency", "=", 0), "Cleo"),
            (("flow_rfm_frequency", ">", 0), "Ann Bob"),
            (("flow_rfm_monetary", "!=", 1), "Cleo"),
        ):
            found = contacts.search([condition, ("id", "in", self.partners.ids)], order="name")
            self.assertEqual(" ".join(found.mapped("name")), expected, condition)

    def test_managers_work_it_out_on_demand(self):
        self.confirmed(self.ann, 10, 100)
        with self.assertRaises(AccessError):
            self.env["flow.rfm"].with_user(self.user).action_refresh()
        for group in (
            "sales_team.group_sale_manager",
            "marketing_campaign_flow.group_flow_manager",
        ):
            manager = new_test_user(self.env, group, groups=group)
            self.assertTrue(self.env["flow.rfm"].with_user(manager).action_refresh())
        self.assertTrue(self.scores(self.ann)[0])

    def test_job_works_it_out(self):
        self.confirmed(self.ann, 10, 100)
        self.env.ref("marketing_campaign_flow_sale.ir_cron_rfm").ir_actions_server_id.run()
        self.assertTrue(self.scores(self.ann)[0])

    def test_amounts_are_for_people_in_sales(self):
        marketing = new_test_user(
            self.env, "marketing", groups="marketing_campaign_flow.group_flow_user"
        )
        self.confirmed(self.ann, 10, 100)
        self.refresh()
        row = self.env["flow.rfm"].with_user(marketing).search([("partner_id", "=", self.ann.id)])
        self.assertEqual(row.segment_id, self.ann.flow_rfm_segment_id)
        with self.assertRaises(AccessError):
            row.read(["monetary"])

    def test_period_is_set_in_settings(self):
        for days in (0, 90):
            self.env["res.config.settings"].create({"flow_rfm_days": days}).execute()
            self.assertEqual(PERIOD.value(self.env).days, days)
            self.assertEqual(self.env["res.config.settings"].get_values()["flow_rfm_days"], days)
        with self.assertRaises(ValidationError):
            self.env["res.config.settings"].create({"flow_rfm_days": -1})


@tagged("post_install", "-at_install")
class TestRfmOfContacts(RfmCase):
    """What contacts say of their value, when many are looked at together."""

    def setUp(self):
        super().setUp()
        for contact, days in ((self.ann, 1), (self.bob, 100)):
            self.confirmed(contact, days, 100)
        self.refresh()
        self.contacts = self.env["res.partner"].with_user(self.user)
        self.these = [("id", "in", self.partners.ids)]

    def test_contacts_are_grouped_by_segment(self):
        groups = self.contacts._read_group(
            self.these, ["flow_rfm_segment_id"], ["__count", "flow_rfm_recency:avg"]
        )
        found = {segment.key: values for segment, *values in groups}
        self.assertEqual(found, {"new": [1, 5.0], "lost": [1, 1.0], False: [1, 0.0]})
        for segment, count, _recency in groups:
            opened = [*self.these, ("flow_rfm_segment_id", "=", segment.id)]
            self.assertEqual(self.contacts.search_count(opened), count)

    def test_screens_may_group_and_sort_by_it(self):
        described = self.contacts.fields_get(["flow_rfm_segment_id", "flow_rfm_recency"])
        for field in described.values():
            self.assertTrue(field["groupable"] and field["sortable"], field["string"])
        groups = self.contacts.web_read_group(
            self.these, ["flow_rfm_segment_id", "flow_rfm_monetary"], ["__count"]
        )
        self.assertEqual(groups["length"], 3)
        in_order = self.contacts.search(self.these, order="flow_rfm_recency desc")
        self.assertEqual(in_order.mapped("name"), ["Ann", "Bob", "Cleo"])
        by_segment = self.contacts.search(self.these, order="flow_rfm_segment_id")
        self.assertEqual(len(by_segment), 3)

    def test_grouping_is_one_statement(self):
        self.contacts._read_group(self.these, ["flow_rfm_segment_id"], ["__count"])
        with self.assertQueryCount(1):
            self.contacts._read_group(self.these, ["flow_rfm_segment_id"], ["__count"])

    def test_contacts_are_grouped_in_the_current_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE flow_rfm SET company_id = %s WHERE partner_id = %s", [other.id, self.bob.id]
        )
        groups = self.contacts._read_group(self.these, ["flow_rfm_segment_id"], ["__count"])
        self.assertEqual({one.key: count for one, count in groups}, {"new": 1, False: 2})

    def test_grouping_is_for_those_who_may_read_scores(self):
        outsider = new_test_user(self.env, "outsider", groups="base.group_user")
        contacts = self.env["res.partner"].with_user(outsider)
        with mute_logger("odoo.models"), self.assertRaises(AccessError):
            contacts._read_group(self.these, ["flow_rfm_segment_id"], ["__count"])
        with mute_logger("odoo.models"), self.assertRaises(AccessError):
            contacts.search(self.these, order="flow_rfm_recency")

    def test_customers_whom_a_rule_hides_are_not_in_the_pivot(self):
        self.env["ir.rule"].create(
            {
                "name": "Secret contacts",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.bob.id})]",
            }
        )
        rows = self.env["flow.rfm"]
        of_them = [("partner_id", "in", self.partners.ids)]
        hidden = rows.search([("partner_id", "=", self.bob.id)])
        self.env.invalidate_all()
        seen = rows.with_user(self.user)
        self.assertEqual(seen.search(of_them).partner_id, self.ann)
        self.assertEqual(seen.search_count(of_them), 1)
        [(count,)] = seen._read_group(of_them, [], ["__count"])
        self.assertEqual(count, 1)
        with self.assertRaises(AccessError):
            hidden.with_user(self.user).read(["segment_id"])
        groups = self.contacts._read_group(self.these, ["flow_rfm_segment_id"], ["__count"])
        self.assertEqual({one.key: number for one, number in groups}, {"new": 1, False: 1})
