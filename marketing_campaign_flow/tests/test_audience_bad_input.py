"""What does not work is refused with the reason, or shown; an audience is never wider for it."""

from collections import defaultdict

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .audience_case import AudienceCase


@tagged("post_install", "-at_install")
class TestAudienceBadInput(AudienceCase):
    def filter_of(self, domain, name="Saved"):
        return self.env["mailing.filter"].create(
            {
                "name": name,
                "mailing_domain": domain,
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )

    def of(self, audience):
        return f"[('flow_audience_id', '=', {audience.id})]"

    def load(self, *rows, fields=("audience_id", "decision", "email")):
        choices = self.env["flow.audience.choice"].with_user(self.user)
        with mute_logger("odoo.sql_db"):
            return choices.load(list(fields), [list(row) for row in rows])

    # -- circles -------------------------------------------------------------------------

    def test_circle_through_three_audiences_is_refused_however_they_ask(self):
        for number, closing in enumerate(
            (
                lambda audience: {"source_audience_ids": audience.ids},
                lambda audience: {"excluded_audience_ids": audience.ids},
                lambda audience: {"use_criteria": True, "domain": self.of(audience)},
                lambda audience: {"use_exclude_domain": True, "exclude_domain": self.of(audience)},
            )
        ):
            one = self.make(f"One {number}", partner_ids=self.ann.ids)
            two = self.make(
                f"Two {number}",
                use_criteria=True,
                domain=self.of(one),
            )
            three = self.make(f"Three {number}", source_audience_ids=two.ids)
            self.assertEqual(self.names(three), ["Ann"])
            with (
                self.subTest(number),
                self.assertRaisesRegex(ValidationError, "itself"),
                self.env.cr.savepoint(),
            ):
                one.write(closing(three))
            self.env.invalidate_all()
            self.assertEqual(self.names(three), ["Ann"])

    def test_circle_through_a_saved_filter_is_shown_and_stops_the_campaign(self):
        saved = self.filter_of("[('function', '=', 'tester')]")
        one = self.make("One", filter_ids=saved.ids, partner_ids=self.ann.ids)
        two = self.make("Two", source_audience_ids=one.ids)
        start, over = self.state("Start", "start"), self.state("Over", "done")
        self.transition(start, over, "manual")
        self.campaign.audience_id = two
        self.launch()
        self.assertEqual(self.campaign.participant_ids.mapped("name"), ["Ann"])
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            saved.mailing_domain = self.of(two)
        self.env.cr.execute(  # as two people can who save at the same moment
            "UPDATE mailing_filter SET mailing_domain = %s WHERE id = %s", [self.of(two), saved.id]
        )
        self.env.invalidate_all()
        for audience in (one, two):
            audience.invalidate_recordset()
            self.assertIn("itself", audience.problem)
            self.assertEqual(audience.contact_count, 0)
        with self.assertLogs("odoo.addons.marketing_campaign_flow.engine.tick", "WARNING"):
            self.pass_time(minutes=6)
        self.assertIn("itself", self.campaign.problem)
        self.assertEqual(self.campaign.participant_ids.status, "active")

    def test_saved_filter_that_does_not_work_is_shown(self):
        saved = self.filter_of("[('function', '=', 'tester')]")
        audience = self.make(filter_ids=saved.ids, partner_ids=self.ann.ids)
        for domain in ("[('gone', '=', 1)]", "[('signup_type', '=', 'x')]", "nonsense"):
            self.env.cr.execute(
                "UPDATE mailing_filter SET mailing_domain = %s WHERE id = %s", [domain, saved.id]
            )
            self.env.invalidate_all()
            self.assertTrue(audience.problem, domain)
            self.assertEqual(audience.contact_count, 0)
            with self.assertRaises(UserError):
                audience._contact_query()

    # -- imports ---------------------------------------------------------------------------

    def test_import_says_which_rows_are_wrong_and_takes_none(self):
        audience = self.make("Fair")
        loaded = self.load(
            ("Fair", "Take in", "good@example.com"),
            ("Fair", "Take in", "no address"),
            ("Fair", "Take in", ""),
            ("Fair", "Throw out", "good@example.com"),
            ("No such audience", "Take in", "good@example.com"),
        )
        self.assertFalse(loaded["ids"])
        said = defaultdict(str)
        for message in loaded["messages"]:
            said[message["rows"]["from"]] += message["message"]
        self.assertFalse(0 in said)
        self.assertIn("no address", said[1])
        self.assertIn("Say who it is", said[2])
        self.assertIn("Throw out", said[3])
        self.assertIn("No such audience", said[4])
        self.assertFalse(self.names(audience))
        self.assertFalse(self.env["res.partner"].search([("email", "=", "good@example.com")]))

    def test_import_of_nobody_and_of_the_same_twice(self):
        audience = self.make("Fair")
        loaded = self.load(
            ("Fair", "Take out", "nobody@example.com"),
            ("Fair", "Take in", "twice@example.com"),
            ("Fair", "Take in", "TWICE@Example.com"),
        )
        self.assertFalse(loaded["messages"])
        results = self.env["flow.audience.choice"].browse(loaded["ids"]).mapped("result")
        self.assertEqual(results, ["unknown", "done", "done"])
        self.assertEqual(audience.contact_count, 1)
        self.assertEqual(
            len(self.env["res.partner"].search([("email", "=", "twice@example.com")])), 1
        )

    def test_import_of_addresses_that_only_archived_contacts_have(self):
        self.bob.active = False
        audience = self.make("Fair")
        self.load(("Fair", "Take out", "bob@example.com"))
        self.bob.active = True
        self.assertFalse(self.names(audience))

    def test_import_of_people_by_a_number_that_there_is_not(self):
        audience = self.make("Fair")
        loaded = self.load(
            (str(audience.id), "Take in", str(self.ann.id)),
            (str(audience.id), "Take in", "999999999"),
            fields=("audience_id/.id", "decision", "partner_id/.id"),
        )
        self.assertFalse(loaded["ids"])
        said = " ".join(message["message"] for message in loaded["messages"])
        self.assertIn("999999999", said)
        self.assertFalse(self.names(audience))

    # -- what goes away ----------------------------------------------------------------------

    def test_people_who_are_not_there_cannot_be_picked(self):
        audience = self.make("Fair", partner_ids=self.ann.ids)
        gone = self.contact("Gone")
        number = gone.id
        gone.unlink()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            audience.write({"partner_ids": [Command.set([number])]})
        self.env.invalidate_all()
        self.assertEqual(self.names(audience), ["Ann"])

    def test_fixed_list_does_not_grow_when_people_are_deleted(self):
        audience = self.make("Fair", kind="static", partner_ids=self.partners.ids)
        audience.action_freeze()
        audience.partner_ids = False
        self.cleo.unlink()
        self.assertEqual(self.names(audience), ["Ann", "Bob"])

    def test_wrong_words_in_a_rule_are_refused(self):
        for domain in (
            "[('color', '>', 'many')]",
            "[('name', 'resembles', 'Ann')]",
            "[('|')]",
            "['|', ('name', '=', 'Ann')]",
            "{}",
            "__import__('os').system('true')",
        ):
            for values in (
                {"use_criteria": True, "domain": domain},
                {"use_exclude_domain": True, "exclude_domain": domain},
            ):
                with (
                    self.subTest(domain),
                    mute_logger("odoo.sql_db"),
                    self.assertRaises(ValidationError),
                    self.env.cr.savepoint(),
                ):
                    self.make("Wrong", partner_ids=self.ann.ids, **values)
