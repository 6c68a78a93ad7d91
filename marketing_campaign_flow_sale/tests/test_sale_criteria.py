"""Criteria in plain words on what people bought."""

from datetime import timedelta

from odoo.addons.marketing_campaign_flow.engine import database_clock
from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import SaleCase


@tagged("post_install", "-at_install")
class TestSaleCriteria(SaleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = database_clock.now(cls.env).replace(microsecond=0)
        cls.heavy = cls.env["product.category"].create({"name": "Heavy"})
        cranes = cls.env["product.category"].create({"name": "Cranes", "parent_id": cls.heavy.id})
        cls.crane.categ_id = cranes
        for contact, product, days in (
            (cls.ann, cls.crane, 10),
            (cls.ann, cls.rope, 40),
            (cls.ann, cls.rope, 50),
            (cls.bob, cls.rope, 100),
        ):
            order = cls.order(contact, product)
            order.action_confirm()
            order.date_order = cls.now - timedelta(days=days)
        cls.quotation = cls.order(cls.cleo, date_order=cls.now - timedelta(days=8))
        cls.env["flow.rfm"]._refresh()

    def audience_of(self, *blocks, user=None):
        audience = self.env["flow.audience"].create(
            {
                "name": "Buyers",
                "use_criteria": True,
                "domain": str([("id", "in", self.partners.ids)]),
                "criterion_ids": [(0, 0, block) for block in blocks],
            }
        )
        return audience.with_user(user or self.user)

    def found(self, *blocks, user=None):
        audience = self.audience_of(*blocks, user=user)
        found = audience.env["res.partner"].search(audience._contact_domain(), order="name")
        self.assertEqual(audience.contact_count, len(found))
        return " ".join(found.mapped("name"))

    def test_what_they_bought(self):
        rope = {"kind": "bought", "product_ids": self.rope.ids}
        heavy = {"kind": "bought", "product_category_ids": self.heavy.ids}
        for block, expected in (
            (rope, "Ann Bob"),
            (heavy, "Ann"),
            ({**heavy, "product_ids": self.rope.ids}, "Ann Bob"),
            ({**rope, "days": 60}, "Ann"),
            ({**rope, "days": 60, "side": "not"}, "Bob Cleo"),
            ({**rope, "times": 2}, "Ann"),
            ({**heavy, "side": "not"}, "Bob Cleo"),
        ):
            self.assertEqual(self.found(block), expected, block)

    def test_archived_products_were_bought_as_well(self):
        self.rope.active = False
        self.assertEqual(self.found({"kind": "bought", "product_ids": self.rope.ids}), "Ann Bob")

    def test_how_much_and_how_often(self):
        count, total = {"kind": "order_count"}, {"kind": "order_total"}
        for block, expected in (
            ({**count, "number_from": 1}, "Ann Bob"),
            ({**count, "number_from": 2}, "Ann"),
            ({**count, "number_from": 2, "number_operator": "<="}, "Bob Cleo"),
            ({**count, "number_operator": "="}, "Cleo"),
            ({**count, "number_from": 1, "days": 60, "side": "not"}, "Bob Cleo"),
            ({**count, "number_operator": "between", "number_to": 1, "days": 60}, "Bob Cleo"),
            ({**total, "number_from": 1000}, "Ann"),
            ({**total, "number_from": 10, "number_operator": "="}, "Bob"),
            ({**total, "number_from": 10, "number_to": 1020, "number_operator": "between"},
             "Ann Bob"),
        ):  # fmt: skip
            self.assertEqual(self.found(block), expected, block)

    def test_first_and_last_order(self):
        order = {"kind": "order_date"}
        day = (self.now - timedelta(days=100)).date()
        around = {"order_from": day - timedelta(days=1), "order_until": day + timedelta(days=1)}
        for block, expected in (
            ({**order, "days": 30}, "Ann"),
            ({**order, "days": 30, "side": "not"}, "Bob Cleo"),
            ({**order, "days": 30, "order_when": "ago"}, "Bob"),
            ({**order, "days": 30, "order_which": "first"}, ""),
            ({**order, "days": 45, "order_when": "ago", "order_which": "first"}, "Ann Bob"),
            ({**order, "order_when": "between", **around}, "Bob"),
        ):
            self.assertEqual(self.found(block), expected, block)

    def test_last_day_of_a_period_counts_in_the_time_zone_of_who_asks(self):
        self.user.tz = "Europe/Rome"
        order = self.env["sale.order"].search([("partner_id", "=", self.bob.id)])
        order.date_order = "2025-03-31 21:59:59"  # one second to midnight in Rome
        march = {
            "kind": "order_date",
            "order_when": "between",
            "order_from": "2025-03-31",
            "order_until": "2025-03-31",
        }
        self.assertEqual(self.found(march), "Bob")
        order.date_order = "2025-03-31 22:00:00"
        self.assertEqual(self.found(march), "")

    def test_quotations_that_nobody_confirms(self):
        self.assertEqual(self.found({"kind": "quotation", "days": 7}), "Cleo")
        self.assertEqual(self.found({"kind": "quotation", "days": 9}), "")
        self.quotation.action_confirm()
        self.assertEqual(self.found({"kind": "quotation", "days": 7}), "")

    def test_segments_and_scores(self):
        ann = self.ann.flow_rfm_segment_id
        segment = {"kind": "rfm_segment", "rfm_segment_ids": ann.ids}
        score = {"kind": "rfm_score", "number_from": 1}
        others = "Bob Cleo" if self.bob.flow_rfm_segment_id != ann else "Cleo"
        for block, expected in (
            ({**segment, "side": "not"}, others),
            (score, "Ann Bob"),
            ({**score, "number_operator": "=", "number_from": 0}, "Cleo"),
            ({**score, "number_operator": "between", "number_from": 0, "number_to": 5},
             "Ann Bob Cleo"),
        ):  # fmt: skip
            self.assertEqual(self.found(block), expected, block)

    def test_blocks_say_what_they_mean(self):
        for block, sentence in (
            (
                {
                    "kind": "bought",
                    "product_ids": self.rope.ids,
                    "product_category_ids": self.heavy.ids,
                    "days": 90,
                },
                "Bought Rope or Heavy in the last 90 days",
            ),
            ({"kind": "order_count", "number_from": 2}, "Orders: at least 2"),
            (
                {"kind": "order_date", "days": 30, "side": "not"},
                "Not: Last order in the last 30 days",
            ),
            ({"kind": "quotation", "days": 3}, "Has a quotation that nobody confirmed for 3 days"),
            ({"kind": "rfm_score", "number_from": 4}, "Recency score is at least 4"),
        ):
            self.assertEqual(self.audience_of(block).criterion_ids.display_name, sentence)

    def test_each_kind_has_words_a_domain_and_an_icon(self):
        criteria = self.env["flow.criterion"]
        for kind in dict(criteria._fields["kind"]._description_selection(self.env)):
            for name in ("_words_", "_domain_"):
                self.assertTrue(hasattr(criteria, name + kind), kind)
            self.assertIn(kind, criteria._icons())

    # -- bad input, and rights ---------------------------------------------------------------

    def test_blocks_that_say_nothing_are_refused(self):
        for block in (
            {"kind": "bought"},
            {"kind": "order_date", "order_when": "between"},
            {"kind": "order_date", "order_when": "between", "order_from": "2025-02-01",
             "order_until": "2025-01-01"},
            {"kind": "rfm_segment"},
        ):  # fmt: skip
            with self.assertRaises(ValidationError, msg=block):
                self.audience_of(block)

    def test_orders_are_for_people_in_sales(self):
        marketing = new_test_user(
            self.env, "marketing", groups="marketing_campaign_flow.group_flow_user"
        )
        audience = self.audience_of({"kind": "order_count", "number_from": 1}, user=marketing)
        self.assertIn("salesperson", audience.criterion_ids.problem)
        self.assertEqual(audience.contact_count, 0)
        with self.assertRaises(UserError):
            audience._contact_query()

    def test_orders_that_the_user_may_not_see_do_not_count(self):
        seller = new_test_user(
            self.env,
            "seller",
            groups="sales_team.group_sale_salesman,marketing_campaign_flow.group_flow_user",
        )
        self.env["sale.order"].search([("partner_id", "=", self.ann.id)]).user_id = self.user
        self.env["sale.order"].search([("partner_id", "=", self.bob.id)]).user_id = seller
        block = {"kind": "order_count", "number_from": 1}
        self.assertEqual(self.found(block, user=seller), "Bob")

    def test_orders_of_another_company_do_not_count(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env["sale.order"].search([]).write({"company_id": other.id})
        self.assertEqual(self.found({"kind": "order_count", "number_from": 1}), "")
