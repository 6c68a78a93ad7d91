from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .audience_case import AudienceCase


@tagged("post_install", "-at_install")
class TestAudienceSources(AudienceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.saved = cls.env["mailing.filter"].create(
            {
                "name": "Testers",
                "mailing_domain": "[('function', '=', 'flow tester')]",
                "mailing_model_id": cls.env["ir.model"]._get_id("res.partner"),
            }
        )
        cls.zoe = cls.contact("Zoe", function="flow tester")

    def test_saved_filter_is_a_live_source(self):
        audience = self.make(filter_ids=self.saved.ids)
        self.assertEqual(self.names(audience), ["Zoe"])
        self.saved.mailing_domain = f"[('id', '=', {self.ann.id})]"
        self.assertEqual(self.names(audience), ["Ann"])

    def test_saved_filter_fills_in_the_rules(self):
        with Form(self.env["flow.audience"].with_user(self.user)) as form:
            form.name = "Copied"
            form.use_criteria = True
            form.filter_id = self.saved
            self.assertEqual(self.counted(form)["people"], 1)
        self.assertEqual(form.record.domain, self.saved.mailing_domain)
        self.assertFalse(form.record.filter_ids)

    def test_filter_in_use_cannot_be_deleted_or_be_about_something_else(self):
        audience = self.make(filter_ids=self.saved.ids)
        with self.assertRaisesRegex(UserError, "Testers"):
            self.saved.unlink()
        model = self.env["ir.model"]._get("mailing.contact")
        self.saved.write({"mailing_model_id": model.id, "mailing_domain": "[]"})
        audience.invalidate_recordset()
        self.assertIn("about other records", audience.problem)
        with self.assertRaises(UserError):
            audience._contact_query()

    def test_who_was_put_on_a_list_by_the_field_of_the_contact(self):
        self.env["mailing.contact"].create(
            {"name": "Dan", "email": "dan@example.com", "list_ids": self.hot_list.ids}
        )
        values = {"target_model": "mailing.contact", "mailing_list_ids": self.hot_list.ids}
        audience = self.env["flow.audience"].create({"name": "Addresses", **values})
        self.assertEqual(self.names(audience), ["Dan"])

    def test_audience_in_an_audience(self):
        inner = self.make("Inner", partner_ids=(self.ann + self.bob).ids)
        outer = self.make("Outer", source_audience_ids=inner.ids, excluded_partner_ids=self.bob.ids)
        self.assertEqual(self.names(outer), ["Ann"])
        inner.active = False
        outer.invalidate_recordset()
        self.assertEqual(self.names(outer), ["Ann"])
        inner.partner_ids += self.cleo
        self.assertEqual(self.names(outer), ["Ann", "Cleo"])

    def test_audience_of_another_kind_counts_by_address(self):
        self.subscribe("ann@example.com", self.hot_list)
        subscribers = self.make(
            "Subscribers", target_model="mailing.contact", mailing_list_ids=self.hot_list.ids
        )
        audience = self.make("Contacts", source_audience_ids=subscribers.ids)
        self.assertEqual(self.names(audience), ["Ann"])
        others = self.make(
            "Others",
            partner_ids=self.partners.ids,
            excluded_audience_ids=subscribers.ids,
        )
        self.assertEqual(self.names(others), ["Bob", "Cleo"])

    def test_audience_that_includes_itself_is_refused(self):
        one = self.make("One", partner_ids=self.ann.ids)
        two = self.make("Two", source_audience_ids=one.ids)
        three = self.make("Three", excluded_audience_ids=two.ids)
        for audience, values in (
            (one, {"source_audience_ids": one.ids}),
            (one, {"source_audience_ids": two.ids}),
            (one, {"excluded_audience_ids": three.ids}),
        ):
            with self.assertRaisesRegex(ValidationError, "itself"), self.env.cr.savepoint():
                audience.write(values)

    def test_circle_made_at_the_same_moment_is_no_endless_loop(self):
        one = self.make("One", partner_ids=self.ann.ids)
        two = self.make("Two", source_audience_ids=one.ids)
        self.env.cr.execute(
            "INSERT INTO flow_audience_source_rel (audience_id, source_id) VALUES (%s, %s)",
            [one.id, two.id],
        )
        self.env.invalidate_all()
        self.assertIn("includes or leaves out itself", one.problem)
        with self.assertRaises(UserError):
            two._contact_query()
        self.assertEqual(one._mailing_lists(), self.env["mailing.list"])

    def test_criteria_about_the_audience_itself_are_refused(self):
        one = self.make("One", partner_ids=self.ann.ids)
        with self.assertRaisesRegex(ValidationError, "itself"):
            one.write({"use_criteria": True, "domain": f"[('flow_audience_id', '=', {one.id})]"})

    def test_lists_in_use_stay(self):
        self.make("In", mailing_list_ids=self.hot_list.ids)
        cold = self.env["mailing.list"].create({"name": "Cold"})
        self.make("Out", partner_ids=self.ann.ids, excluded_mailing_list_ids=cold.ids)
        for mailing_list in (self.hot_list, cold):
            with self.assertRaisesRegex(UserError, mailing_list.name), self.env.cr.savepoint():
                mailing_list.unlink()

    def test_audiences_in_use_stay(self):
        inner = self.make("Inner", partner_ids=self.ann.ids)
        for field in ("source_audience_ids", "excluded_audience_ids"):
            outer = self.make(field, partner_ids=self.bob.ids, **{field: inner.ids})
            with self.assertRaisesRegex(UserError, field), self.env.cr.savepoint():
                inner.sudo().unlink()
            outer.sudo().unlink()
        with self.assertRaisesRegex(UserError, "Invitation"), self.env.cr.savepoint():
            self.audience.unlink()
        inner.sudo().unlink()

    def test_archived_list_goes_on_being_left_out(self):
        self.subscribe("bob@example.com", self.hot_list)
        audience = self.make(
            partner_ids=self.partners.ids, excluded_mailing_list_ids=self.hot_list.ids
        )
        self.hot_list.active = False
        self.env.invalidate_all()
        self.assertEqual(self.names(audience), ["Ann", "Cleo"])

    def test_import_of_addresses(self):
        audience = self.make("Fair")
        choices = self.env["flow.audience.choice"].with_user(self.user)
        loaded = choices.load(
            ["audience_id", "decision", "email", "name"],
            [
                ["Fair", "Take in", "Bob <BOB@example.com>", ""],
                ["Fair", "Take in", "eve@example.com", "Eve"],
                ["Fair", "Take in", "cleo@example.com", ""],
                ["Fair", "Take out", "cleo@example.com", ""],
                ["Fair", "Take out", "nobody@example.com", ""],
            ],
        )
        self.assertFalse(loaded["messages"])
        self.assertEqual(self.names(audience), ["Bob", "Eve"])
        results = choices.browse(loaded["ids"]).mapped("result")
        self.assertEqual(results, ["done"] * 4 + ["unknown"])
        self.assertFalse(self.env["res.partner"].search([("email", "=", "nobody@example.com")]))
        with self.assertRaises(ValidationError):
            choices.create({"audience_id": audience.id, "email": "no address"})

    def test_import_into_an_audience_of_mailing_contacts(self):
        audience = self.make("Fair", target_model="mailing.contact")
        self.env["flow.audience.choice"].with_user(self.user).create(
            [
                {"audience_id": audience.id, "email": "eve@example.com", "name": "Eve"},
                {"audience_id": audience.id, "email": "fay@example.com", "name": "Fay"},
            ]
        )
        self.assertEqual(self.names(audience), ["Eve", "Fay"])

    def test_kind_of_people_stays_below_a_launched_campaign(self):
        start, over = self.state("Start", "start"), self.state("Over", "done")
        self.transition(start, over, "manual")
        self.campaign.action_launch()
        with self.assertRaisesRegex(UserError, "Invitation"):
            self.audience.target_model = "mailing.contact"

    def test_kind_of_people_fits_the_emails_of_drafts(self):
        self.email(self.state("Start", "start"))
        with self.assertRaises(ValidationError):
            self.audience.target_model = "mailing.contact"
