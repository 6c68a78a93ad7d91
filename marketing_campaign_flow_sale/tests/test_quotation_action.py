"""Quotations that campaigns create, with the rights of their responsible."""

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common import SaleCase


@tagged("post_install", "-at_install")
class TestQuotationAction(SaleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.over = cls.state("Over", "done")
        cls.transition(cls.start, cls.over, "done")
        cls.template = cls.env["sale.order.template"].create(
            {
                "name": "Starter",
                "number_of_days": 5,
                "sale_order_template_line_ids": [
                    (0, 0, {"product_id": cls.crane.id, "product_uom_qty": 2})
                ],
            }
        )
        cls.seller = new_test_user(cls.env, "seller", groups="sales_team.group_sale_salesman")

    def quotation(self, **values):
        values = {"quotation_template_id": self.template.id, **values}
        return self.action(self.start, "quotation", **values)

    def orders_of(self, contact):
        return self.env["sale.order"].search([("partner_id", "=", contact.id)])

    def test_quotation_is_created_from_its_template(self):
        self.ann.user_id = self.seller
        self.quotation()
        self.launch()
        order = self.orders_of(self.ann)
        self.assertEqual(order.order_line.product_id, self.crane)
        self.assertEqual((order.amount_untaxed, order.state), (2000, "draft"))
        self.assertEqual((order.user_id, order.create_uid), (self.seller, self.user))
        self.assertEqual(order.campaign_id, self.campaign.utm_campaign_id)
        self.assertEqual((order.validity_date - fields.Date.today()).days, 5)
        self.assertFalse(self.orders_of(self.bob).user_id)
        self.assertEqual(self.steps(self.ann).status, "done")
        self.assertEqual(self.state_of(self.ann), "Over")

    def test_seller_and_validity_are_those_of_the_action(self):
        self.quotation(
            quotation_salesperson="fixed", quotation_user_id=self.seller.id, quotation_days=30
        )
        self.launch()
        order = self.orders_of(self.ann)
        self.assertEqual(order.user_id, self.seller)
        self.assertEqual((order.validity_date - fields.Date.today()).days, 30)

    def test_address_without_a_contact_is_skipped(self):
        self.env["mailing.contact"].create(
            {"name": "Dan", "email": "dan@example.com", "list_ids": self.hot_list.ids}
        )
        self.campaign.audience_id = self.env["flow.audience"].create(
            {
                "name": "Addresses",
                "target_model": "mailing.contact",
                "mailing_list_ids": self.hot_list.ids,
            }
        )
        self.quotation()
        self.launch()
        step = self.campaign.participant_ids.step_ids
        self.assertEqual(
            (step.status, step.reason), ("skipped", "No contact to make a quotation for")
        )

    def test_responsible_without_rights_is_told(self):
        action = self.quotation()
        self.campaign.action_launch()
        self.user.group_ids -= self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.user.group_ids -= self.env.ref("sales_team.group_sale_salesman")
        self.assertIn("has no right to create", "".join(action._problems()))
        self.run_engine()
        self.assertFalse(self.orders_of(self.ann))
        self.assertEqual(self.steps(self.ann).status, "scheduled", "it is tried again")
        self.assertIn("no right to create quotations", self.steps(self.ann).reason)
        self.assertTrue(action.with_user(self.user)._compared_values())

    def test_seller_has_to_be_said(self):
        with self.assertRaises(ValidationError):
            self.quotation(quotation_salesperson="fixed")

    def test_quotation_without_a_template_is_not_launched(self):
        action = self.quotation(quotation_template_id=False)
        self.assertTrue(self.workflow._problems())
        form = Form(action.with_user(self.user))
        form.quotation_template_id = self.template
        form.save()
        self.assertEqual(action.display_name, "Create quotation: Starter")
        self.assertFalse(action._content_missing())
