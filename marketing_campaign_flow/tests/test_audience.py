from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import FlowCase


@tagged("post_install", "-at_install")
class TestAudience(FlowCase):
    def contacts(self, audience):
        return self.env[audience.target_model].search(audience._contact_domain())

    def test_sources_add_up_and_exclusions_win(self):
        listed = self.env["res.partner"].create({"name": "Listed", "email": "listed@example.com"})
        self.env["mailing.contact"].create(
            {
                "email": "Listed@Example.com",
                "subscription_ids": [(0, 0, {"list_id": self.hot_list.id})],
            }
        )
        matching = self.env["res.partner"].create({"name": "Zoe", "function": "flow tester"})
        audience = self.env["flow.audience"].create(
            {
                "name": "All kinds",
                "use_criteria": True,
                "domain": "[('function', '=', 'flow tester')]",
                "mailing_list_ids": self.hot_list.ids,
                "partner_ids": self.partners.ids,
                "excluded_partner_ids": self.bob.ids,
            }
        )
        self.assertEqual(self.contacts(audience), self.ann + self.cleo + listed + matching)
        self.assertEqual(audience.contact_count, 4)
        self.assertEqual(audience.reachable_count, 3)

    def test_those_who_left_the_list_are_not_in(self):
        self.env["mailing.contact"].create(
            {
                "email": "ann@example.com",
                "subscription_ids": [(0, 0, {"list_id": self.hot_list.id, "opt_out": True})],
            }
        )
        for target_model in ("res.partner", "mailing.contact"):
            audience = self.env["flow.audience"].create(
                {
                    "name": "List",
                    "target_model": target_model,
                    "mailing_list_ids": self.hot_list.ids,
                }
            )
            self.assertFalse(self.contacts(audience))

    def test_empty_audience_addresses_nobody(self):
        audience = self.env["flow.audience"].create({"name": "Empty"})
        self.assertEqual(audience.contact_count, 0)

    def test_criteria_that_do_not_work_are_refused(self):
        for domain in ("[('no_such_field', '=', 1)]", "nonsense"):
            with self.assertRaises(ValidationError):
                self.env["flow.audience"].create(
                    {"name": "Broken", "use_criteria": True, "domain": domain}
                )

    def test_campaign_for_mailing_contacts(self):
        contact = self.env["mailing.contact"].create(
            {
                "name": "Dora",
                "email": "dora@example.com",
                "subscription_ids": [(0, 0, {"list_id": self.hot_list.id})],
            }
        )
        self.campaign.audience_id = self.env["flow.audience"].create(
            {
                "name": "List",
                "target_model": "mailing.contact",
                "mailing_list_ids": self.hot_list.ids,
            }
        )
        start, over = self.state("Start", "start"), self.state("Over", "done")
        self.email(start)
        self.transition(start, over, "event", event_kind="opened")
        self.launch()
        self.assertEqual([mail["email_to"] for mail in self.sent], [["dora@example.com"]])
        self.trace(contact).set_opened()
        self.run_engine()
        self.assertEqual(self.state_of(contact), "Over")
