"""Enrolments: people whom somebody puts into a campaign."""

from odoo.exceptions import ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common import FlowCase


@tagged("post_install", "-at_install")
class TestEnrolment(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.over = cls.state("Over", "done")
        cls.transition(cls.start, cls.over, "manual")
        cls.audience.partner_ids = cls.ann
        cls.enrolments = cls.env["flow.enrolment"].with_user(cls.user)

    def enrol(self, *rows):
        return self.enrolments.create(
            [{"campaign_id": self.campaign.id, **values} for values in rows]
        )

    def inside(self):
        return sorted(self.campaign.participant_ids.mapped("name"))

    def test_contact_comes_in_by_hand(self):
        self.launch()
        enrolments = self.enrol({"partner_id": self.bob.id}, {"partner_id": self.ann.id})
        self.assertEqual(enrolments.mapped("result"), ["entered", "inside"])
        self.run_engine()
        self.assertEqual(self.state_of(self.bob), "Start")

    def test_form_asks_for_a_contact_or_an_address_and_nothing_else(self):
        self.launch()
        with Form(self.enrolments) as form:
            form.campaign_id = self.campaign
            form.email = "eve@example.com"
            form.name = "Eve"
            self.assertTrue(form._get_modifier("partner_id", "invisible"))
        self.assertEqual(form.record.result, "entered")
        asked = self.enrolments.get_view(view_type="form")["models"]["flow.enrolment"]
        self.assertFalse({"res_id", "target_model"} & set(asked))

    def test_address_finds_its_contact_or_makes_one(self):
        self.launch()
        self.enrol(
            {"email": "BOB@example.com"},
            {"email": "Dora <dora@example.com>", "name": "Dora"},
            {"email": "dora@example.com"},
        )
        self.assertEqual(self.inside(), ["Ann", "Bob", "Dora"])
        dora = self.env["res.partner"].search([("email_normalized", "=", "dora@example.com")])
        self.assertEqual(len(dora), 1)
        self.assertEqual(self.participant(dora).email_key, "dora@example.com")

    def test_import_of_a_list(self):
        self.launch()
        loaded = self.enrolments.load(
            ["campaign_id", "email", "name"],
            [["Invitation", "bob@example.com", ""], ["Invitation", "eve@example.com", "Eve"]],
        )
        self.assertFalse(loaded["messages"])
        self.assertEqual(self.inside(), ["Ann", "Bob", "Eve"])

    def test_statements_do_not_grow_with_the_number_of_people(self):
        self.launch()
        people = self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(220)]
        )
        self.enrol({"partner_id": people[0].id})
        self.env.flush_all()
        counts = []
        for group in (people[1:11], people[11:211]):
            before = self.env.cr.sql_log_count
            self.enrol(*({"partner_id": one.id} for one in group))
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 5)

    def test_who_is_to_come_in_has_to_be_said(self):
        self.launch()
        with self.assertRaises(ValidationError):
            self.enrol({"name": "Nobody"})
        with self.assertRaises(ValidationError):
            self.enrol({"email": "nobody"})

    def test_campaign_has_to_run(self):
        with self.assertRaises(ValidationError):
            self.enrol({"partner_id": self.bob.id})

    def test_what_has_happened_is_not_rewritten(self):
        self.launch()
        enrolment = self.enrol({"partner_id": self.bob.id})
        with self.assertRaises(ValidationError):
            enrolment.write({"result": "inside"})

    def test_contacts_that_the_responsible_may_not_see_stay_outside(self):
        self.launch()
        self.env["ir.rule"].create(
            {
                "name": "No Bob",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.bob.id})]",
                "groups": self.env.ref("marketing_campaign_flow.group_flow_user").ids,
            }
        )
        enrolment = self.env["flow.enrolment"].create(
            {"campaign_id": self.campaign.id, "partner_id": self.bob.id}
        )
        self.assertEqual(enrolment.result, "unknown")
        self.assertEqual(self.inside(), ["Ann"])

    def test_contacts_that_whoever_asks_may_not_see_stay_outside(self):
        self.launch()
        colleague = new_test_user(
            self.env, "flow_helper", groups="marketing_campaign_flow.group_flow_user"
        )
        self.env["ir.rule"].create(
            {
                "name": "No Bob for the helper",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', user.id == {colleague.id} and {self.bob.id})]",
            }
        )
        enrolment = self.enrolments.with_user(colleague).create(
            {"campaign_id": self.campaign.id, "res_id": self.bob.id}
        )
        self.assertEqual(enrolment.result, "unknown")
        self.assertEqual(self.inside(), ["Ann"])

    def test_chosen_contacts_are_added(self):
        self.launch()
        chosen = {"active_model": "res.partner", "active_ids": self.partners.ids}
        wizard = self.env["flow.enrolment.wizard"].with_user(self.user).with_context(**chosen)
        answer = wizard.create({"campaign_id": self.campaign.id}).action_add()
        self.assertIn("2 of 3", answer["params"]["message"])
        self.assertEqual(self.inside(), ["Ann", "Bob", "Cleo"])
