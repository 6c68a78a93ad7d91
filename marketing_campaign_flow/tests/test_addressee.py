"""What contacts lend to the texts that are written to them, and who writes."""

from odoo.tests import new_test_user, tagged

from .action_case import ActionCase


@tagged("post_install", "-at_install")
class TestAddressee(ActionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.email_ = cls.email(cls.start, "Hello")
        cls.mailing = cls.email_.mailing_id
        cls.sally = new_test_user(
            cls.env, "sally", groups="base.group_user", name="Sally Seller",
            email="sally@shop.example", signature="<p>Yours, Sally</p>",
        )  # fmt: skip
        cls.user.signature = "<p>The team</p>"
        cls.ann.user_id = cls.sally

    def mail_to(self, name):
        [mail] = [one for one in self.sent if f"{name}@" in one["email_to"][0]]
        return mail

    def test_signature_and_name_of_the_salesperson_or_the_responsible(self):
        self.mailing.with_user(self.user).write(
            {
                "subject": "From {{ object.flow_salesperson_name }}",
                "body_html": '<p>Hello</p><t t-out="object.flow_signature"/>',
            }
        )
        mailing = self.mailing.with_user(self.user)
        self.assertEqual(mailing._flow_sample(self.bob).subject, f"From {self.user.name}")
        self.assertNotIn("empty", str(mailing._flow_warnings()))
        self.launch()
        self.assertEqual(self.mail_to("ann")["subject"], "From Sally Seller")
        self.assertIn("<p>Yours, Sally</p>", self.mail_to("ann")["body"])
        self.assertEqual(self.mail_to("bob")["subject"], f"From {self.user.name}")
        self.assertIn("<p>The team</p>", self.mail_to("bob")["body"])

    def test_salesperson_who_has_left_is_replaced(self):
        self.sally.active = False
        contact = self.ann.with_context(flow_written_by=self.campaign.id)
        self.assertEqual(contact.flow_salesperson_name, self.user.name)
        self.assertFalse(self.bob.flow_salesperson_name, "nobody writes")

    def test_from_and_answers_to(self):
        self.mailing.write({"flow_from_salesperson": True, "flow_reply_to_salesperson": True})
        self.launch()
        ann, bob = self.mail_to("ann")["message"], self.mail_to("bob")["message"]
        self.assertIn("sally@shop.example", str(ann["From"]))
        self.assertIn("sally@shop.example", str(ann["Reply-To"]))
        self.assertIn("flow.user@example.com", str(bob["From"]))
        self.assertIn("flow.user@example.com", str(bob["Reply-To"]))

    def test_answers_only(self):
        self.mailing.flow_reply_to_salesperson = True
        sender = self.mailing.email_from
        self.launch()
        ann = self.mail_to("ann")["message"]
        self.assertIn("sally@shop.example", str(ann["Reply-To"]))
        self.assertNotIn("sally", str(ann["From"]))
        self.assertIn(sender.split("<")[-1], str(ann["From"]))

    def test_salesperson_without_address_changes_nothing(self):
        self.sally.partner_id.email = False
        self.mailing.flow_from_salesperson = True
        self.launch()
        self.assertNotIn("sally", str(self.mail_to("ann")["message"]["From"]))

    def test_mailing_contacts_have_the_responsible(self):
        self.campaign.workflow_id.action_ids.unlink()
        mia, _max = self.take_mailing_contacts("Mia", "Max")
        email = self.email(self.start, "From {{ object.flow_salesperson_name }}")
        email.mailing_id.flow_from_salesperson = True
        self.launch()
        mail = self.mail_to("mia")
        self.assertEqual(mail["subject"], f"From {self.user.name}")
        self.assertIn("flow.user@example.com", str(mail["message"]["From"]))
        self.assertTrue(mia)

    def test_sender_belongs_to_the_text(self):
        self.mailing.flow_from_salesperson = True
        document = self.campaign._to_document()
        copy = self.env["flow.campaign"]._from_document(document)
        self.assertTrue(copy.workflow_id.action_ids.mailing_id.flow_from_salesperson)
        self.launch()
        with self.assertRaisesRegex(Exception, "frozen"):
            self.mailing.flow_from_salesperson = False

    def test_placeholders_for_everybody(self):
        for model in ("res.partner", "mailing.contact"):
            allowed = self.env[model].with_user(self.user).mail_allowed_qweb_expressions()
            for path in ("name", "email", "country_id.name", "flow_points", "flow_signature"):
                self.assertIn(f"object.{path}", allowed)
        self.assertNotIn("object.city", self.env["mailing.contact"].mail_allowed_qweb_expressions())
        self.patch(self.env["res.partner"]._fields["function"], "groups", "base.group_system")
        partners = self.env["res.partner"]
        self.assertIn("object.function", partners.mail_allowed_qweb_expressions())
        allowed = partners.with_user(self.user).mail_allowed_qweb_expressions()
        self.assertNotIn("object.function", allowed)

    def test_points_in_a_text(self):
        self.env["flow.point"].create({"partner_id": self.ann.id, "amount": 7})
        self.mailing.with_user(self.user).body_html = (
            '<p>You have <t t-out="object.flow_points"/> points in <t t-out="object.city">'
            "your town</t>.</p>"
        )
        self.launch()
        self.assertIn("You have 7 points in your town.", self.mail_to("ann")["body"])
        self.assertIn("You have 0 points", self.mail_to("bob")["body"])

    def test_points_of_one_group_in_a_text(self):
        walking, sailing = self.env["flow.point.group"].create(
            [{"name": "Walking"}, {"name": "Sailing"}]
        )
        self.env["flow.point"].create(
            [
                {"partner_id": self.ann.id, "amount": amount, "group_id": group.id}
                for amount, group in ((7, walking), (30, sailing))
            ]
        )
        mailing = self.mailing.with_user(self.user)
        mailing.body_html = (
            '<p><t t-out="object.flow_group_points"/> of <t t-out="object.flow_points"/></p>'
        )
        self.assertIn("37 of 37", mailing._flow_sample(self.ann).body)
        mailing.write(
            {"flow_point_group_id": walking.id, "subject": "{{ object.flow_group_points }}"}
        )
        self.assertIn("7 of 37", mailing._flow_sample(self.ann).body)
        page = mailing._render_field("body_html", self.ann.ids)[self.ann.id]
        self.assertIn("7 of 37", page)
        document = self.campaign._to_document()
        copy = self.env["flow.campaign"]._from_document(document)
        self.assertEqual(copy.workflow_id.action_ids.mailing_id.flow_point_group_id, walking)
        self.launch()
        self.assertEqual(self.mail_to("ann")["subject"], "7")
        self.assertIn("0 of 0", self.mail_to("bob")["body"])
        with self.assertRaisesRegex(Exception, "frozen"):
            self.mailing.flow_point_group_id = sailing

    def test_points_of_a_group_of_another_company_are_not_told(self):
        company = self.env["res.company"].create({"name": "Abroad"})
        group = self.env["flow.point.group"].create({"name": "Abroad", "company_id": company.id})
        self.env["flow.point"].create(
            {"partner_id": self.ann.id, "amount": 7, "group_id": group.id}
        )
        ann = self.ann.with_context(flow_points_in=group.id)
        self.assertEqual(ann.with_user(self.user).flow_group_points, 0)
        self.assertEqual(ann.with_company(company).flow_group_points, 7)
        self.assertEqual(ann.with_context(flow_points_in=0).flow_group_points, 7)

    def test_the_page_in_the_browser_names_whoever_the_email_names(self):
        self.mailing.body_html = '<p><t t-out="object.flow_salesperson_name"/></p>'
        page = self.mailing._render_field("body_html", self.bob.ids)[self.bob.id]
        self.assertIn(self.user.name, page)

    def test_a_version_keeps_its_sender_in_a_document(self):
        variant = self.env["flow.email.variant"].create({"action_id": self.email_.id, "arm": "B"})
        variant.mailing_id.flow_from_salesperson = True
        copy = self.env["flow.campaign"]._from_document(self.campaign._to_document())
        action = copy.workflow_id.action_ids
        self.assertFalse(action.mailing_id.flow_from_salesperson)
        self.assertTrue(action.variant_ids.mailing_id.flow_from_salesperson)

    def test_statements_do_not_grow_with_the_batch(self):
        self.mailing.write(
            {
                "flow_from_salesperson": True,
                "flow_reply_to_salesperson": True,
                "body_html": '<p><t t-out="object.flow_signature"/>'
                '<t t-out="object.flow_points"/><t t-out="object.flow_group_points"/></p>',
                "flow_point_group_id": self.env["flow.point.group"].search([], limit=1).id,
            }
        )
        contacts = self.take_partners(60)
        contacts[:30].user_id = self.sally
        responsible = self.campaign._as_responsible().env
        mailing = self.mailing.with_env(responsible)
        counts = []
        for batch in (contacts[:5], contacts[:10], contacts[10:60]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            mailing._flow_mail_values(batch.ids)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1] + 3, counts)
