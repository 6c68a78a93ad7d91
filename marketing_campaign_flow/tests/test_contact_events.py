"""Contact events: what contacts do outside of emails moves them, and lets them into campaigns."""

from datetime import date
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.sql_db import Cursor
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import SQL, mute_logger

from ..engine import contact_events, database_clock
from ..engine.contact_events import Occurrence
from .common import FlowCase


@tagged("post_install", "-at_install")
class TestContactEvents(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.hot = cls.state("Hot", "goal")

    def when(self, kind, **values):
        return self.transition(self.start, self.hot, "event", event_kind=kind, **values)

    def record(self, kind, contacts, **details):
        count = self.env["flow.event"]._record(kind, contacts, **details)
        self.run_engine()
        return count

    def test_event_of_a_contact_moves_it(self):
        self.when("custom", event_detail="basket*")
        self.launch()
        self.assertEqual(self.record("custom", self.ann, detail="Basket filled"), 1)
        self.record("custom", self.bob, detail="other")
        self.assertEqual([self.state_of(p) for p in self.partners], ["Hot", "Start", "Start"])

    def test_number_has_to_be_reached(self):
        self.when("custom", event_least=30)
        self.launch()
        self.record("custom", self.ann, value=29.5)
        self.record("custom", self.bob, value=30)
        self.assertEqual(self.state_of(self.ann), "Start")
        self.assertEqual(self.state_of(self.bob), "Hot")

    def test_it_has_to_happen_often_enough(self):
        self.when("custom", event_times=3)
        self.launch()
        for expected in ("Start", "Start", "Hot"):
            self.record("custom", self.ann)
            self.assertEqual(self.state_of(self.ann), expected)

    def test_machines_count_only_where_they_are_asked_for(self):
        self.when("custom")
        self.launch()
        self.record("custom", self.ann, is_machine=True)
        self.assertEqual(self.state_of(self.ann), "Start")

    def test_machines_count_where_they_are_asked_for(self):
        self.when("custom", event_machines=True)
        self.launch()
        self.record("custom", self.ann, is_machine=True)
        self.assertEqual(self.state_of(self.ann), "Hot")

    def test_what_is_told_twice_happened_once(self):
        self.when("custom", event_times=2)
        self.launch()
        self.assertEqual(self.record("custom", self.ann, key="order 7"), 1)
        self.assertEqual(self.record("custom", self.ann, key="order 7"), 0)
        self.assertEqual(self.state_of(self.ann), "Start")

    def test_contact_is_found_by_its_address(self):
        self.when("custom")
        self.launch()
        occurrence = Occurrence(email="bob@example.com")
        self.env["flow.event"]._record_occurrences("custom", [occurrence])
        self.run_engine()
        self.assertEqual(self.state_of(self.bob), "Hot")

    def test_event_of_another_company_does_not_count(self):
        self.when("custom")
        self.launch()
        other = self.env["res.company"].create({"name": "Other"})
        self.record("custom", self.ann, company_id=other.id)
        self.assertEqual(self.state_of(self.ann), "Start")
        self.record("custom", self.ann, company_id=self.campaign.company_id.id)
        self.assertEqual(self.state_of(self.ann), "Hot")

    def test_records_an_event_is_about_are_filtered(self):
        wanted = self.env["res.partner.category"].create({"name": "Wanted", "color": 3})
        other = self.env["res.partner.category"].create({"name": "Other", "color": 4})
        self.when("tag_added", event_domain="[('color', '=', 3)]")
        self.launch()
        self.ann.category_id = other
        self.bob.category_id = wanted
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Start")
        self.assertEqual(self.state_of(self.bob), "Hot")

    def test_filter_on_records_that_does_not_work_is_refused(self):
        with self.assertRaises(ValidationError):
            self.when("tag_added", event_domain="[('nothing', '=', 3)]")

    @mute_logger("odoo.addons.marketing_campaign_flow.engine.tick")
    def test_filter_on_records_that_breaks_holds_its_people_only(self):
        way = self.when("tag_added", event_domain="[('color', '=', 3)]")
        self.launch()
        self.env.cr.execute(
            "UPDATE flow_transition SET event_domain = %s WHERE id = %s",
            ["[('gone', '=', 1)]", way.id],
        )
        self.env.registry.clear_cache()
        self.env.invalidate_all()
        self.ann.category_id = self.env["res.partner.category"].create({"name": "T"})
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Start")
        self.assertTrue(self.campaign.activity_ids)

    def test_subscribing_and_leaving_a_list_are_events(self):
        over = self.state("Over", "exit")
        self.when("list_subscribed", event_detail="Hot")
        self.transition(None, over, "event", event_kind="list_unsubscribed", event_detail="Hot")
        self.launch()
        contact = self.env["mailing.contact"].create(
            {"name": "Ann", "email": "ann@example.com", "list_ids": self.hot_list.ids}
        )
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Hot")
        bob = contact.create({"name": "Bob", "email": "bob@example.com"})
        subscription = self.env["mailing.subscription"].create(
            {"contact_id": bob.id, "list_id": self.env["mailing.list"].create({"name": "X"}).id}
        )
        self.run_engine()
        self.assertEqual(self.state_of(self.bob), "Start")
        subscription.list_id = self.hot_list
        subscription.opt_out = True
        self.run_engine()
        self.assertEqual(self.state_of(self.bob), "Over")

    def test_being_blacklisted_is_an_event(self):
        self.when("blacklisted")
        self.launch()
        self.env["mail.blacklist"]._add("ann@example.com")
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Hot")
        self.env["mail.blacklist"]._add("ann@example.com")
        self.env["mail.blacklist"].create({"email": "Ann <ANN@example.com>"})
        self.assertEqual(len(self.participant(self.ann).event_ids), 1)

    def test_activity_done_is_an_event(self):
        call = self.env.ref("mail.mail_activity_data_call")
        self.when("activity_done", event_detail=call.name)
        self.launch()
        self.ann.activity_schedule("mail.mail_activity_data_todo").action_done()
        self.bob.activity_schedule("mail.mail_activity_data_call").action_done()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Start")
        self.assertEqual(self.state_of(self.bob), "Hot")

    def test_delivered_email_is_an_event(self):
        email = self.email(self.start)
        self.when("delivered", event_action_id=email.id)
        self.launch()
        self.assertEqual(self.state_of(self.ann), "Hot")

    def test_event_that_grows_holds_its_participant_as_a_new_one_does(self):
        """Else a time-out that fires at this moment would not see it."""
        self.when("stayed", event_least=30)
        self.launch()
        self.record("stayed", self.ann, value=10, key="view", url="https://shop.example/")
        statements = []
        execute = Cursor.execute

        def watch(cursor, query, *args, **kwargs):
            statements.append((query.code, query.params) if isinstance(query, SQL) else (query, ()))
            return execute(cursor, query, *args, **kwargs)

        with patch.object(Cursor, "execute", watch):
            self.record("stayed", self.ann, value=40, key="view", url="https://shop.example/")
        self.assertIn((contact_events.HOLD, [[self.participant(self.ann).id]]), statements)
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Hot")

    def test_timeline_says_what_it_was(self):
        self.when("custom", event_times=2)
        self.launch()
        self.record("custom", self.ann, detail="Basket filled", url="https://shop.example/b")
        said = [(line["text"], line["reason"]) for line in self.participant(self.ann).timeline]
        self.assertIn(("Event of another program", "https://shop.example/b, Basket filled"), said)

    def test_rule_is_told_in_words(self):
        way = self.when("custom", event_detail="Basket*", event_least=30, event_times=2)
        self.assertEqual(
            way.display_name,
            "Event of another program: Basket*, Value at least 30, 2 times → Hot",
        )


@tagged("post_install", "-at_install")
class TestEntry(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.over = cls.state("Over", "done")
        cls.transition(cls.start, cls.over, "manual")
        cls.campaign.audience_id = False

    def way_in(self, **values):
        return self.env["flow.entry"].create({"campaign_id": self.campaign.id, **values})

    def inside(self):
        return sorted(self.campaign.participant_ids.mapped("name"))

    def record(self, kind, contacts, **details):
        self.env["flow.event"]._record(kind, contacts, **details)
        self.run_engine()

    def test_nobody_can_come_in_is_said_before_launch(self):
        self.assertIn("Choose an audience, or say how people come in.", self.campaign._problems())
        self.way_in(event_kind="custom")
        self.assertEqual(self.campaign._problems(), [])

    def test_event_lets_in_at_once(self):
        self.way_in(event_kind="custom", event_detail="quiz")
        self.launch()
        self.assertEqual(self.inside(), [])
        self.record("custom", self.bob, detail="newsletter")
        self.assertEqual(self.inside(), [])
        self.env["flow.event"]._record("custom", self.ann, detail="Quiz")
        self.assertEqual(self.inside(), ["Ann"], "before the engine looks")
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Start")
        self.assertEqual(self.participant(self.ann).event_ids.kind, "custom")

    def test_event_that_let_somebody_in_does_not_count_inside(self):
        self.way_in(event_kind="custom")
        self.transition(self.start, self.over, "event", event_kind="custom")
        self.launch()
        self.record("custom", self.ann)
        self.assertEqual(self.state_of(self.ann), "Start")
        self.pass_time(minutes=1)
        self.env["flow.event"]._record("custom", self.ann)
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Over")

    def test_guard_keeps_others_out(self):
        self.way_in(event_kind="custom", guard="[('name', '=', 'Bob')]")
        self.launch()
        self.record("custom", self.partners)
        self.assertEqual(self.inside(), ["Bob"])

    def test_whoever_the_responsible_may_not_see_stays_outside(self):
        self.way_in(event_kind="custom")
        self.env["ir.rule"].create(
            {
                "name": "No Ann",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.ann.id})]",
            }
        )
        self.launch()
        self.record("custom", self.ann | self.bob)
        self.assertEqual(self.inside(), ["Bob"])

    def test_paused_campaign_lets_nobody_in(self):
        self.way_in(event_kind="custom")
        self.launch()
        self.campaign.action_pause()
        self.record("custom", self.ann)
        self.assertEqual(self.inside(), [])

    def test_new_contacts_come_in(self):
        self.way_in(event_kind="contact_created", guard="[('email', '!=', False)]")
        self.launch()
        self.env["res.partner"].create(
            [{"name": "Dora", "email": "dora@example.com"}, {"name": "E"}]
        )
        self.assertEqual(self.inside(), ["Dora"])

    def test_who_is_known_by_address_comes_in(self):
        self.way_in(event_kind="list_subscribed", event_detail="Hot")
        self.launch()
        self.env["mailing.contact"].create(
            {"name": "A.", "email": "Ann@Example.com", "list_ids": self.hot_list.ids}
        )
        self.assertEqual(self.inside(), ["Ann"])

    def test_again_only_as_the_campaign_says(self):
        self.way_in(event_kind="custom")
        self.launch()
        self.record("custom", self.ann)
        self.participant(self.ann).action_move(self.over.id)
        self.record("custom", self.ann)
        self.assertEqual(len(self.campaign.participant_ids), 1)
        self.campaign.reentry = "ended"
        self.record("custom", self.ann)
        self.assertEqual(self.participant(self.ann).mapped("run_number"), [2, 1])

    def test_copy_has_the_ways_in(self):
        self.way_in(event_kind="custom")
        self.assertEqual(self.campaign.copy().entry_ids.event_kind, "custom")

    def test_birthday_lets_in_year_after_year(self):
        field = self.env["ir.model.fields"]._get("res.partner", "birthdate")
        self.way_in(trigger="date", date_field_id=field.id, date_yearly=True, date_days=1)
        here = self.env["res.partner"].with_user(self.user)
        today = fields.Datetime.context_timestamp(here, database_clock.now(self.env)).date()
        for contact, day in zip(self.partners, (1, 2, 3), strict=True):
            contact.birthdate = date(1980, 1, 1) + (today - date(today.year, 1, 1))
            contact.birthdate = self._day_in(1980, today, day)
        self.campaign.reentry = "ended"
        self.launch()
        self.assertEqual(self.inside(), ["Ann"])
        self.pass_time(days=1)
        self.assertEqual(self.inside(), ["Ann", "Bob"])
        self.pass_time(minutes=10)
        self.assertEqual(self.inside(), ["Ann", "Bob"], "once a day")
        self.pass_time(days=3)
        self.assertEqual(self.inside(), ["Ann", "Bob", "Cleo"], "days that were missed")

    def _day_in(self, year, today, days):
        from datetime import timedelta

        day = today + timedelta(days=days)
        return day.replace(year=year)

    def test_date_is_told_in_words(self):
        born = self.env["ir.model.fields"]._get("res.partner", "birthdate")
        way = self.way_in(trigger="date", date_field_id=born.id, date_days=1, date_yearly=True)
        self.assertEqual(way.display_name, "1 day before “Date of birth”, every year")
        way.write({"date_days": 2, "date_side": "after"})
        self.assertEqual(way.display_name, "2 days after “Date of birth”, every year")

    def test_date_needs_a_field(self):
        with self.assertRaises(ValidationError):
            self.way_in(trigger="date")

    def test_other_companies_do_not_see_it(self):
        way = self.way_in(event_kind="custom")
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="marketing_campaign_flow.group_flow_user",
            company_id=other.id,
            company_ids=other.ids,
        )
        self.assertFalse(way.with_user(stranger).search([("id", "=", way.id)]))


@tagged("post_install", "-at_install")
class TestBirthdate(FlowCase):
    @freeze_time("2026-03-01 10:00:00")
    def test_age_is_computed_and_found(self):
        born = {"Ann": "2000-03-01", "Bob": "2000-03-02", "Cleo": False}
        for contact in self.partners:
            contact.birthdate = born[contact.name]
        self.assertEqual(self.partners.mapped("age"), [26, 25, 0])
        for operator, value, expected in (
            ("=", 26, "Ann"), ("<", 26, "Bob"), ("<=", 25, "Bob"), (">", 25, "Ann"),
            (">=", 25, "Ann Bob"), ("in", [25, 26], "Ann Bob"), ("=", 30, ""),
        ):  # fmt: skip
            found = self.env["res.partner"].search(
                [("age", operator, value), ("id", "in", self.partners.ids)], order="name"
            )
            self.assertEqual(" ".join(found.mapped("name")), expected, (operator, value))

    def test_29_february_comes_on_the_28th(self):
        from ..engine.clock import anniversaries

        self.assertEqual(anniversaries(date(2027, 2, 28)), [(2, 28), (2, 29)])
        self.assertEqual(anniversaries(date(2028, 2, 28)), [(2, 28)])
        self.assertEqual(anniversaries(date(2028, 2, 29)), [(2, 29)])
