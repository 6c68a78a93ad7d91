"""When the first messages go out, said before the launch and after it, and what nobody has made."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.tests import tagged

from ..engine import database_clock
from .common import FlowCase

SATURDAY_EVENING = datetime(2027, 5, 15, 18, 0)  # 20:00 in Rome
OFFICE = {"use_window": True, "hour_from": 9.0, "hour_to": 17.0}


@tagged("post_install", "-at_install")
class TestLaunchMoment(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start, cls.over = cls.state("Start", "start"), cls.state("Over", "done")
        cls.hello = cls.email(cls.start, "Hello")
        cls.done = cls.transition(cls.start, cls.over, "done")

    def when(self, now=SATURDAY_EVENING):
        """Return what the check says of the first messages at a moment, with plain spaces."""
        with patch.object(database_clock, "now", lambda _env: now):
            return self.campaign.with_user(self.user).get_check()["when"].replace("\u202f", " ")

    # -- before the launch -------------------------------------------------------------------

    def test_without_hours_they_go_out_at_once(self):
        self.assertEqual(self.when(), "The first messages go out at once.")

    def test_office_hours_begin_on_the_next_working_day(self):
        self.hello.write(OFFICE)
        self.assertEqual(self.when(), "The first messages go out: Monday, 9:00 AM.")
        sunday = SATURDAY_EVENING + timedelta(days=1)
        self.assertEqual(self.when(sunday), "The first messages go out: tomorrow, 9:00 AM.")
        early = SATURDAY_EVENING + timedelta(days=1, hours=8)
        self.assertEqual(self.when(early), "The first messages go out: today, 9:00 AM.")
        noon = SATURDAY_EVENING + timedelta(days=1, hours=16)
        self.assertEqual(self.when(noon), "The first messages go out at once.")

    def test_a_working_calendar_and_quiet_hours_count(self):
        set_param = self.env["ir.config_parameter"].set_param
        set_param("marketing_campaign_flow.quiet_hours", "1")
        set_param("marketing_campaign_flow.quiet_from", "19.0")
        set_param("marketing_campaign_flow.quiet_to", "7.5")
        self.assertEqual(self.when(), "The first messages go out: tomorrow, 7:30 AM.")
        calendar = self.env["resource.calendar"].create({"name": "Shop", "tz": "Europe/Rome"})
        self.hello.write({"use_window": True, "calendar_id": calendar.id})
        self.assertEqual(self.when(), "The first messages go out: Monday, 8:00 AM.")

    def test_pauses_and_delays_count_and_the_first_message_is_told(self):
        self.hello.write(
            {"timing": "delay", "delay_value": 2, "delay_unit": "hours", "sequence": 9}
        )
        self.action(
            self.start, "wait", timing="delay", delay_value=1, delay_unit="hours", sequence=1
        )
        self.assertEqual(self.when(), "The first messages go out: today, 11:00 PM.")
        self.email(self.start, "Later", timing="delay", delay_value=30, sequence=10)
        self.assertEqual(self.when(), "The first messages go out: today, 11:00 PM.")

    def test_it_is_reckoned_from_the_planned_launch(self):
        self.campaign.launch_at = SATURDAY_EVENING + timedelta(days=10)
        self.assertRegex(self.when(), "with the launch: 5/25/27, 8:00.PM")
        self.hello.write(OFFICE)
        self.assertRegex(self.when(), "go out: 5/26/27, 9:00.AM")

    def test_nothing_is_said_where_nothing_can_be_said(self):
        birthday = self.env["ir.model.fields"]._get("res.partner", "create_date")
        self.hello.write({"timing": "field", "date_field_id": birthday.id})
        self.assertEqual(self.when(), "")
        self.hello.unlink()
        self.assertEqual(self.when(), "")
        self.start.unlink()
        self.assertEqual(self.when(), "")

    def test_a_phase_that_is_not_open_holds_everybody(self):
        self.start.phase_id = self.phases[1]
        self.assertEqual(
            self.when(), f"Everybody waits until the phase “{self.phases[1].name}” opens."
        )

    # -- after it ----------------------------------------------------------------------------

    def test_the_form_and_the_monitor_say_what_is_sent_next(self):
        self.hello.write({"timing": "delay", "delay_value": 2, "delay_unit": "weeks"})
        self.assertFalse(self.campaign.next_message)
        self.launch()
        said = self.campaign.with_user(self.user).next_message
        self.assertRegex(said, r"\d+/\d+/\d+, .*: Hello")
        monitor = self.env["flow.monitor"].with_user(self.user)
        self.assertEqual(monitor.get_figures(self.campaign.ids)["next"], said)
        self.assertEqual(monitor.get_figures()["next"], "")
        self.campaign.action_pause()
        self.assertFalse(self.campaign.next_message)

    def test_nothing_is_next_when_everything_is_sent(self):
        self.launch()
        self.assertFalse(self.campaign.next_message)

    def test_it_is_asked_for_many_campaigns_at_once(self):
        others = self.campaign | self.campaign.copy() | self.campaign.copy()
        others.action_launch()
        self.env.flush_all()
        self.env.invalidate_all()
        others.mapped("status")
        with self.assertQueryCount(3):  # the clock, its offset, and the steps
            others.mapped("next_message")

    # -- what nobody has made ----------------------------------------------------------------

    def entry(self, **values):
        return self.env["flow.entry"].create(
            {"campaign_id": self.campaign.id, "event_kind": "list_subscribed", **values}
        )

    def named(self, user=None):
        check = self.campaign.with_user(user or self.user).get_check()
        return [one for one in check["warnings"] if "There is no" in one["text"]]

    def test_a_mailing_list_that_does_not_exist_is_made_by_a_click(self):
        self.entry(event_detail="Friends of <b>ours</b>")
        [found] = self.named(self.env.ref("base.user_admin"))
        self.assertIn("There is no mailing list “Friends of <b>ours</b>”", found["text"])
        self.assertEqual(found["fix"]["label"], "Create it")
        self.env[found["fix"]["model"]].browse(found["fix"]["id"]).action_make_named()
        self.assertEqual(self.named(), [])
        made = self.env["mailing.list"].search([("name", "=", "Friends of <b>ours</b>")])
        self.assertEqual(len(made), 1)
        self.entry(event_detail="Friends of <b>ours</b>").action_make_named()
        self.assertEqual(made, self.env["mailing.list"].search([("name", "ilike", "Friends of")]))

    def test_names_are_told_as_the_engine_reads_them(self):
        self.entry(event_detail="hOT")  # whatever its case
        self.entry(event_detail="H*")
        self.entry(event_detail=False)
        self.assertEqual(self.named(), [])
        self.entry(event_detail="H_t")  # a plain letter here
        self.entry(event_detail="Z*")
        labels = [one["fix"]["label"] for one in self.named(self.env.ref("base.user_admin"))]
        self.assertEqual(labels, ["Create it", "Fix"])

    def test_ways_out_are_looked_at_and_tags_too(self):
        self.transition(
            self.start, self.over, "event", event_kind="tag_added", event_detail="Gold member"
        )
        [found] = self.named()
        self.assertIn("There is no tag “Gold member”", found["text"])
        self.assertEqual(found["part"], "transition")
        self.env["res.partner.category"].create({"name": "Gold member"})
        self.assertEqual(self.named(), [])

    def test_who_may_not_make_it_is_led_to_the_way_in(self):
        self.entry(event_detail="Friends")
        models = type(self.env["mailing.list"])
        with patch.object(models, "has_access", lambda _records, mode: mode != "create"):
            [found] = self.named()
        self.assertEqual(found["fix"]["action"]["res_model"], "flow.entry")
