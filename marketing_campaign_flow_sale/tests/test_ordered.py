"""Contacts are found by what they have ordered lately."""

from datetime import timedelta

from odoo.addons.marketing_campaign_flow.engine import database_clock
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import SaleCase


@tagged("post_install", "-at_install")
class TestOrdered(SaleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        now = database_clock.now(cls.env)
        for contact, days, quantity in ((cls.ann, 10, 1), (cls.ann, 40, 2), (cls.bob, 100, 3)):
            order = cls.order(contact, cls.rope, quantity)
            order.action_confirm()
            order.date_order = now - timedelta(days=days)
        cls.order(cls.cleo)  # a quotation is no order

    def found(self, *condition):
        contacts = self.env["res.partner"].with_user(self.user)
        found = contacts.search([condition, ("id", "in", self.partners.ids)], order="name")
        return " ".join(found.mapped("name"))

    def test_amounts_are_added_up(self):
        for days, amounts in ((30, [10, 0, 0]), (90, [30, 0, 0]), (365, [30, 30, 0])):
            seen = self.partners.with_user(self.user).mapped(f"flow_ordered_{days}")
            self.assertEqual(seen, amounts, days)

    def test_contacts_are_found(self):
        for condition, expected in (
            (("flow_ordered_30", ">", 0), "Ann"),
            (("flow_ordered_30", "=", 0), "Bob Cleo"),
            (("flow_ordered_30", "!=", 0), "Ann"),
            (("flow_ordered_90", ">=", 30), "Ann"),
            (("flow_ordered_90", "<", 30), "Bob Cleo"),
            (("flow_ordered_365", ">=", 30), "Ann Bob"),
            (("flow_ordered_365", "<=", 30), "Ann Bob Cleo"),
            (("flow_ordered_365", "in", [30, 31]), "Ann Bob"),
            (("flow_ordered_365", "not in", [30]), "Cleo"),
            (("flow_ordered_365", "<", 0), ""),
        ):
            self.assertEqual(self.found(*condition), expected, condition)

    def test_orders_of_another_company_do_not_count(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env["sale.order"].search([]).write({"company_id": other.id})
        self.assertEqual(self.found("flow_ordered_365", ">", 0), "")

    def test_conditions_are_moved_by_orders(self):
        start, hot = self.state("Start", "start"), self.state("Hot", "goal")
        self.transition(start, hot, "condition", condition="[('flow_ordered_90', '>', 25)]")
        self.launch()
        self.assertEqual(
            [self.state_of(contact) for contact in self.partners], ["Hot", "Start", "Start"]
        )

    def test_amounts_are_for_people_in_sales(self):
        marketing = new_test_user(
            self.env, "marketing", groups="marketing_campaign_flow.group_flow_user"
        )
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(marketing).search([("flow_ordered_30", ">", 0)])
