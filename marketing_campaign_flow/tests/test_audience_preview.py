from unittest.mock import patch

from odoo.tests import Form, tagged

from .audience_case import AudienceCase


@tagged("post_install", "-at_install")
class TestAudiencePreview(AudienceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mute = cls.contact("Mute", "")
        cls.wrong = cls.contact("Wrong", "no address")
        cls.black = cls.contact("Black")
        cls.twin = cls.contact("Anna", "Ann@Example.com")
        cls.left, cls.off = cls.contact("Left"), cls.contact("Off")
        for contact in (cls.left, cls.off):
            cls.subscribe(contact.email, cls.hot_list, opt_out=True)
        cls.env["mail.blacklist"]._add("black@example.com")
        everybody = cls.partners + cls.mute + cls.wrong + cls.black + cls.twin + cls.off
        cls.all = cls.make(
            partner_ids=everybody.ids,
            mailing_list_ids=cls.hot_list.ids,
            excluded_partner_ids=cls.bob.ids,
        )

    def test_each_counts_once_and_it_adds_up(self):
        self.assertEqual(
            self.reasons(self.all),
            {
                "by_hand": 1,
                "opted_out": 1,
                "duplicate": 1,
                "no_address": 1,
                "invalid_address": 1,
                "blacklisted": 1,
                "unsubscribed": 1,
            },
        )
        self.assertEqual(self.all.found_count, 9)
        self.assertEqual(self.all.contact_count, 6)
        self.assertEqual(self.all.reachable_count, 2)

    def test_it_is_one_statement(self):
        self.all.preview  # noqa: B018 (what is read once is known)
        self.env.flush_all()
        people = self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(300)]
        )
        self.all.partner_ids += people
        self.env.flush_all()
        self.all.invalidate_recordset(["preview"])
        # What the audience refers to, the rights, a savepoint, and the one that counts.
        with self.assertQueryCount(24):
            self.assertEqual(self.all.preview["people"], 306)

    def test_every_number_opens_its_contacts(self):
        for verdict, names in {
            "by_hand": ["Bob"],
            "opted_out": ["Left"],
            "duplicate": ["Anna"],
            "no_address": ["Mute"],
            "invalid_address": ["Wrong"],
            "blacklisted": ["Black"],
            "unsubscribed": ["Off"],
            "reachable": ["Ann", "Cleo"],
            "in": ["Ann", "Black", "Cleo", "Mute", "Off", "Wrong"],
        }.items():
            action = self.all.action_view_verdict(verdict)
            model = self.env[action["res_model"]].with_user(self.user)
            found = model.with_context(**action["context"]).search(action["domain"])
            self.assertEqual(sorted(found.mapped("name")), names, verdict)
            expected = {"in": "reachable"}.get(verdict, verdict)
            if verdict != "in":
                self.assertEqual(set(found.mapped("flow_audience_verdict")), {expected})

    def test_not_found_is_everybody_else(self):
        other = self.contact("Other")
        model = self.env["res.partner"].with_user(self.user)
        model = model.with_context(flow_audience_id=self.all.id)
        found = model.search([("flow_audience_verdict", "in", ["not_found"])])
        self.assertIn(other, found)
        self.assertFalse(found & (self.all.partner_ids + self.left))

    def test_contacts_are_searched_by_audience(self):
        model = self.env["res.partner"].with_user(self.user)
        for domain in (
            [("flow_audience_id", "=", self.all.id)],
            [("flow_audience_id", "ilike", "Testers")],
        ):
            self.assertEqual(len(model.search(domain)), 6)
        self.assertFalse(model.search([("flow_audience_id", "ilike", "No such")]))

    def test_sample(self):
        sample = {person["name"]: person["note"] for person in self.all.get_sample()}
        self.assertEqual(sorted(sample), ["Ann", "Black", "Cleo", "Mute", "Off", "Wrong"])
        self.assertFalse(sample["Ann"])
        self.assertIn("blacklist", sample["Black"])
        people = self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(100)]
        )
        self.all.partner_ids += people
        sample = [person["id"] for person in self.all.get_sample()]
        self.assertEqual(len(sample), 80)
        self.assertEqual([person["id"] for person in self.all.get_sample()], sample)

    def test_form_counts_before_it_is_saved(self):
        with Form(self.env["flow.audience"].with_user(self.user)) as form:
            form.name = "New"
            form.shown_partner_ids.add(self.ann)
            form.shown_partner_ids.add(self.bob)
            self.assertEqual(self.counted(form)["people"], 2)
            form.shown_excluded_partner_ids.add(self.bob)
            self.assertEqual(self.counted(form)["people"], 1)
        self.assertEqual(self.names(form.record), ["Ann"])
        with Form(form.record) as form:
            form.shown_partner_ids.remove(self.ann.id)
            form.shown_partner_ids.add(self.cleo)
            self.assertEqual(self.counted(form)["people"], 1)
        self.assertEqual(self.names(form.record), ["Cleo"])

    def test_text_messages_where_numbers_are_known(self):
        if "phone_sanitized" not in self.env["res.partner"]:
            self.assertFalse(self.all.has_phones)
            return
        self.ann.phone = "+39 320 123 4567"
        self.cleo.phone = "+39 320 123 4568"
        self.env["phone.blacklist"].sudo().add("+393201234568")
        self.all.invalidate_recordset()
        self.assertEqual((self.all.has_phones, self.all.sms_count), (True, 1))

    def test_nightly_count_is_one_row_a_day(self):
        [today] = self.all.count_ids
        self.assertEqual((today.people, today.reachable), (6, 2))
        self.env.cr.execute("UPDATE flow_audience_count SET date = date - 1")
        self.env.invalidate_all()
        self.all.partner_ids -= self.mute
        broken = self.make("Broken", use_criteria=True, domain="[('name', '=', 'Ann')]")
        self.env.cr.execute("UPDATE flow_audience SET domain = 'nonsense' WHERE name = 'Broken'")
        self.env.invalidate_all()
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *_a, **_k: 60):
            self.env["flow.audience"]._cron_count()
        self.assertEqual(self.all.count_ids.sorted("date").mapped("people"), [6, 5])
        self.assertEqual((self.all.last_count, self.all.last_reachable), (5, 2))
        self.assertIn('"y": 5', self.all.growth)
        self.assertEqual(len(broken.count_ids), 1)

    def test_compare_audiences(self):
        other = self.make("Other", partner_ids=(self.twin + self.cleo + self.bob).ids)
        subscribers = self.make(
            "Lists", target_model="mailing.contact", mailing_list_ids=self.hot_list.ids
        )
        self.subscribe("cleo@example.com", self.hot_list)
        compared = self.env["flow.audience.overlap"].with_user(self.user)
        overlap = compared.create(
            {"audience_id": self.all.id, "other_ids": (other + subscribers).ids}
        )
        lines = {line.other_id: line for line in overlap.line_ids}
        self.assertEqual(lines[other].shared, 2)
        self.assertEqual(lines[other].people, 3)
        self.assertAlmostEqual(lines[other].share, 2 / 6)
        self.assertEqual(lines[subscribers].shared, 1)

    def test_campaign_has_the_same_figures(self):
        self.campaign.audience_id = self.all
        campaign = self.campaign.with_user(self.user)
        self.assertEqual(campaign.get_count({}), self.all.preview)
        self.assertIn("6", campaign._addressed_in_words(campaign.get_count({})))
        action = campaign.action_view_verdict("duplicate")
        self.assertEqual(action["context"]["flow_audience_id"], self.all.id)
        self.assertEqual(campaign.get_sample(), self.all.get_sample())

    def test_criteria_that_stop_working_are_shown_and_no_count_is_made_up(self):
        self.env["ir.model.fields"].create(
            {
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "name": "x_shoe_size",
                "ttype": "integer",
            }
        )
        audience = self.make("Shoes", use_criteria=True, domain="[('x_shoe_size', '=', 0)]")
        self.assertTrue(audience.contact_count)
        self.env["ir.model.fields"]._get("res.partner", "x_shoe_size").unlink()
        audience.invalidate_recordset()
        self.assertIn("x_shoe_size", audience.problem)
        self.assertEqual(audience.contact_count, 0)
        self.campaign.audience_id = audience
        self.assertIn("x_shoe_size", "\n".join(self.campaign._problems()))
