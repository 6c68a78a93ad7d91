from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import errors

from .audience_case import AudienceCase


@tagged("post_install", "-at_install")
class TestAudienceExclusions(AudienceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.everybody = {"partner_ids": cls.partners.ids}
        cls.start, cls.over = cls.state("Start", "start"), cls.state("Over", "done")

    def run_campaign(self):
        self.transition(self.start, self.over, "manual")
        self.launch()

    def test_criteria_leave_out(self):
        self.bob.function = "Rival"
        audience = self.make(
            **self.everybody, use_exclude_domain=True, exclude_domain="[('function','=','Rival')]"
        )
        self.assertEqual(self.names(audience), ["Ann", "Cleo"])
        self.assertEqual(self.reasons(audience), {"criteria": 1})

    def test_criteria_that_leave_out_everybody_or_do_not_work_are_refused(self):
        for domain in ("[]", "[('no_such_field', '=', 1)]", "nonsense"):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.make(**self.everybody, use_exclude_domain=True, exclude_domain=domain)

    def test_list_leaves_out_by_address(self):
        self.subscribe("BOB@example.com", self.hot_list)
        self.subscribe("cleo@example.com", self.hot_list, opt_out=True)
        audience = self.make(**self.everybody, excluded_mailing_list_ids=self.hot_list.ids)
        self.assertEqual(self.names(audience), ["Ann"])
        self.assertEqual(self.reasons(audience), {"list": 2})

    def test_by_hand_holds_for_whoever_shares_the_address(self):
        twin = self.contact("Bobby", "Bob@example.com")
        audience = self.make(
            partner_ids=(self.partners + twin).ids, excluded_partner_ids=self.bob.ids
        )
        self.assertEqual(self.names(audience), ["Ann", "Cleo"])
        self.assertEqual(self.reasons(audience), {"by_hand": 2})

    def test_who_has_no_address_is_left_out_as_a_contact(self):
        mute, other = self.contact("Mute", ""), self.contact("Other", "")
        inner = self.make("Inner", partner_ids=mute.ids)
        audience = self.make(partner_ids=(mute + other).ids, excluded_audience_ids=inner.ids)
        self.assertEqual(self.names(audience), ["Other"])
        self.assertEqual(self.reasons(audience), {"audience": 1, "no_address": 1})

    def test_who_is_in_another_campaign_stays_out(self):
        self.audience.partner_ids = self.ann
        self.run_campaign()
        twin = self.contact("Anna", "ann@example.com")
        everybody = (self.partners + twin).ids
        free = self.make("Free", partner_ids=everybody, exclude_campaigns="all")
        chosen = self.make(
            "Chosen",
            partner_ids=everybody,
            exclude_campaigns="chosen",
            excluded_campaign_ids=self.campaign.ids,
        )
        for audience in (free, chosen):
            self.assertEqual(self.names(audience), ["Bob", "Cleo"])
            self.assertEqual(self.reasons(audience), {"campaign": 2})
        self.campaign.action_stop()
        self.run_engine()
        self.assertEqual(self.reasons(free), {"duplicate": 1})

    def test_campaigns_have_to_be_chosen(self):
        with self.assertRaises(ValidationError):
            self.make(**self.everybody, exclude_campaigns="chosen")

    def test_own_people_of_a_campaign_are_not_in_another_one(self):
        self.audience.exclude_campaigns = "all"
        self.campaign.on_leaving = "exit"
        self.run_campaign()
        self.pass_time(minutes=6)
        self.assertEqual(self.campaign.participant_ids.mapped("status"), ["active"] * 3)

    def test_who_comes_into_another_campaign_later_stays(self):
        self.audience.exclude_campaigns = "all"
        self.campaign.on_leaving = "exit"
        self.run_campaign()
        other = self.campaign.copy({"name": "Other"})
        other.audience_id = self.make("All", **self.everybody)
        other.action_launch()
        self.run_engine()
        self.pass_time(minutes=6)
        self.assertEqual(self.campaign.participant_ids.mapped("status"), ["active"] * 3)

    def test_who_was_written_to_lately_is_left_alone(self):
        self.audience.partner_ids = self.ann
        self.email(self.start)
        self.run_campaign()
        self.assertEqual(len(self.sent), 1)
        mailing = self.env["mailing.mailing"].create({"subject": "News"})
        self.env["mailing.trace"].create(
            [
                {
                    "mass_mailing_id": mailing.id,
                    "model": "mailing.contact",
                    "res_id": 1,
                    "email": "bob@example.com",
                    "sent_datetime": fields.Datetime.now() - timedelta(days=2),
                    "trace_status": "sent",
                },
                {
                    "mass_mailing_id": mailing.id,
                    "model": "res.partner",
                    "res_id": self.cleo.id,
                    "email": "cleo@example.com",
                    "sent_datetime": fields.Datetime.now() - timedelta(days=9),
                    "trace_status": "sent",
                },
            ]
        )
        audience = self.make(**self.everybody, exclude_contacted_days=7)
        self.assertEqual(self.names(audience), ["Cleo"])
        self.assertEqual(self.reasons(audience), {"contacted": 2})
        audience.exclude_contacted_days = 10
        self.assertEqual(self.reasons(audience), {"contacted": 3})
        audience.exclude_contacted_days = 1
        self.assertEqual(self.reasons(audience), {"contacted": 1})

    def test_nested_audience_that_leaves_alone_makes_nobody_leave(self):
        self.campaign.audience_id = self.make("Outer", source_audience_ids=self.audience.ids)
        self.audience.write({"exclude_contacted_days": 7, "exclude_campaigns": "all"})
        self.campaign.on_leaving = "exit"
        self.email(self.start)
        self.run_campaign()
        self.assertEqual(len(self.sent), 3)
        self.pass_time(minutes=6)
        self.assertEqual(self.campaign.participant_ids.mapped("status"), ["active"] * 3)

    def test_emails_of_the_campaign_itself_make_nobody_leave(self):
        self.audience.exclude_contacted_days = 7
        self.campaign.on_leaving = "exit"
        self.email(self.start)
        self.run_campaign()
        self.assertEqual(len(self.sent), 3)
        self.pass_time(minutes=6)
        self.assertEqual(self.campaign.participant_ids.mapped("status"), ["active"] * 3)

    def test_first_reason_counts(self):
        self.subscribe("bob@example.com", self.hot_list)
        audience = self.make(
            **self.everybody,
            excluded_partner_ids=self.bob.ids,
            excluded_mailing_list_ids=self.hot_list.ids,
        )
        self.assertEqual(self.reasons(audience), {"by_hand": 1})


@tagged("post_install", "-at_install")
class TestAudienceLimit(AudienceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.many = cls.env["res.partner"].create(
            [{"name": f"P{n:03}", "email": f"p{n}@example.com"} for n in range(200)]
        )

    def test_larger_number_only_adds(self):
        audience = self.make(use_criteria=True, domain=self.everybody())
        seen = set()
        for number in (10, 30, 60, 150):
            audience.write({"limit_kind": "number", "limit_number": number})
            chosen = set(self.names(audience))
            self.assertEqual(len(chosen), number)
            self.assertLessEqual(seen, chosen)
            self.assertEqual(self.reasons(audience), {"beyond_limit": 200 - number})
            seen = chosen

    def test_larger_share_only_adds_and_newcomers_displace_nobody(self):
        audience = self.make(use_criteria=True, domain=self.everybody())
        audience.write({"limit_kind": "share", "limit_share": 20})
        few = set(self.names(audience))
        self.assertTrue(20 <= len(few) <= 60, len(few))
        self.env["res.partner"].create(
            [{"name": f"Q{n:03}", "email": f"q{n}@example.com", "ref": "limit"} for n in range(50)]
        )
        self.many.ref = "limit"
        audience.domain = "[('ref', '=', 'limit')]"
        self.assertEqual({name for name in self.names(audience) if name[0] == "P"}, few)
        audience.limit_share = 50
        self.assertLess(few, set(self.names(audience)))
        audience.limit_share = 100
        self.assertEqual(len(self.names(audience)), 250)

    def test_audiences_draw_apart(self):
        draws = []
        for name in ("One", "Two"):
            audience = self.make(name, use_criteria=True, domain=self.everybody())
            audience.write({"limit_kind": "number", "limit_number": 50})
            draws.append(set(self.names(audience)))
        self.assertNotEqual(*draws)

    def test_who_was_picked_by_hand_comes_first(self):
        audience = self.make(
            use_criteria=True,
            domain=self.everybody(),
            partner_ids=self.partners.ids,
            limit_kind="number",
            limit_number=5,
        )
        self.assertLess({"Ann", "Bob", "Cleo"}, set(self.names(audience)))
        audience.write({"limit_kind": "share", "limit_share": 1})
        self.assertLessEqual({"Ann", "Bob", "Cleo"}, set(self.names(audience)))

    def test_limit_counts_people_not_contacts(self):
        twins = self.env["res.partner"].create(
            [{"name": f"T{n}", "email": f"twin{n // 2}@example.com"} for n in range(8)]
        )
        audience = self.make(partner_ids=twins.ids, limit_kind="number", limit_number=4)
        self.assertEqual(self.names(audience), ["T0", "T2", "T4", "T6"])
        self.assertEqual(self.reasons(audience), {"duplicate": 4})

    def test_campaign_keeps_whom_it_took_in_when_others_come(self):
        start, over = self.state("Start", "start"), self.state("Over", "done")
        self.transition(start, over, "manual")
        self.campaign.on_leaving = "exit"
        self.audience.write(
            {
                "partner_ids": [(5,)],
                "use_criteria": True,
                "domain": self.everybody(),
                "limit_kind": "number",
                "limit_number": 20,
            }
        )
        self.launch()
        first = set(self.campaign.participant_ids.mapped("res_id"))
        self.assertEqual(len(first), 20)
        self.audience.domain = "[('email', '=like', '%@example.com')]"
        self.pass_time(minutes=6)
        self.assertEqual(set(self.campaign.participant_ids.mapped("res_id")), first)
        self.audience.limit_number = 25
        self.pass_time(minutes=6)
        self.assertLess(first, set(self.campaign.participant_ids.mapped("res_id")))
        self.assertEqual(len(self.campaign.participant_ids), 25)
        self.audience.limit_number = 5
        self.pass_time(minutes=6)
        self.assertEqual(set(self.campaign.participant_ids.mapped("status")), {"active"})

    def test_senseless_numbers_are_refused(self):
        for values in (
            {"limit_kind": "number", "limit_number": 0},
            {"limit_kind": "share", "limit_share": 0},
            {"limit_kind": "share", "limit_share": 101},
            {"exclude_contacted_days": -1},
        ):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(errors.CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.make(**values)

    def everybody(self):
        return f"[('id', 'in', {self.many.ids})]"
