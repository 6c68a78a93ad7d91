"""The check before a launch: each finding knows what it is about and where it is mended."""

from datetime import timedelta

from odoo.tests import tagged

from ..engine import database_clock
from ..models.finding import Finding, about
from .common import FlowCase


@tagged("post_install", "-at_install")
class TestLaunchCheck(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start, cls.over = cls.state("Start", "start"), cls.state("Over", "done")
        cls.hello = cls.email(cls.start, "Hello")
        cls.hello.mailing_id.body_html = '<p>Hi</p><a href="/unsubscribe_from_list">Leave</a>'
        cls.done = cls.transition(cls.start, cls.over, "done")
        cls.env["ir.mail_server"].create({"name": "Ours", "smtp_host": "mail.example.com"})

    def check(self, user=None):
        return self.campaign.with_user(user or self.user).get_check()

    def found(self, words, user=None):
        """Return the one finding of the check that has these words."""
        check = self.check(user)
        [one] = [one for one in (*check["problems"], *check["warnings"]) if words in one["text"]]
        return one

    def warned(self, words):
        return any(words in one["text"] for one in self.check()["warnings"])

    def test_nothing_is_missing(self):
        check = self.check()
        self.assertEqual((check["problems"], check["warnings"]), ([], []))
        self.assertIn("People in the audience: 3", check["facts"][0])
        self.assertEqual((check["type"], check["title"]), ("success", "Ready to launch"))

    def test_a_campaign_without_people_is_led_to_its_audience(self):
        self.campaign.audience_id = False
        found = self.found("Choose an audience")
        self.assertEqual(found["severity"], "problem")
        self.assertEqual(found["fix"]["field"], "audience_id")

    def test_an_empty_audience_is_opened(self):
        self.audience.partner_ids = False
        action = self.found("Nobody is in the audience")["fix"]["action"]
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("flow.audience", self.audience.id)
        )

    def test_a_state_that_nobody_reaches_is_named_and_opened(self):
        lonely = self.state("Lonely")
        self.transition(lonely, self.over, "done")
        found = self.found("No way out leads")
        self.assertEqual((found["part"], found["key"]), ("state", lonely.key))
        self.assertEqual(found["state_key"], lonely.key)
        action = found["fix"]["action"]
        self.assertEqual(
            (action["res_model"], action["res_id"], action["target"]),
            ("flow.state", lonely.id, "new"),
        )

    def test_an_action_that_is_not_complete_is_opened(self):
        action = self.action(self.over, "note")
        found = self.found("is not complete")
        self.assertEqual((found["part"], found["key"]), ("action", action.key))
        self.assertEqual(found["state_key"], self.over.key)
        self.assertEqual(found["fix"]["action"]["res_id"], action.id)

    def test_a_missing_unsubscription_leads_to_the_email(self):
        self.hello.mailing_id.body_html = "<p>Hi</p>"
        found = self.found("no link to unsubscribe")
        self.assertEqual((found["severity"], found["part"]), ("warning", "action"))
        self.assertEqual(found["key"], self.hello.key)
        self.assertEqual(found["fix"]["action"]["res_model"], "mailing.mailing")

    def test_an_empty_placeholder_leads_to_the_email(self):
        self.hello.mailing_id.body_html = '<p>Hi <t t-out="object.city"/></p>'
        found = self.found("is empty for 3 contacts")
        self.assertEqual(found["fix"]["action"]["res_id"], self.hello.mailing_id.id)

    def test_a_filter_that_breaks_names_its_transition(self):
        self.done.guard = "[('city', '=', 'Rome')]"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE flow_transition SET guard = %s WHERE id = %s",
            ["[('no_such_field', '=', 1)]", self.done.id],
        )
        self.env.invalidate_all()
        found = self.found("no_such_field")
        self.assertEqual((found["part"], found["key"]), ("transition", self.done.key))
        self.assertEqual(found["state_key"], self.start.key)

    def test_plain_text_of_an_extension_is_about_what_was_asked(self):
        closer = about(self.hello.mailing_id, ["Too loud."])
        [finding] = about(self.hello, closer)
        self.assertEqual(finding, "Too loud.")
        self.assertEqual((finding.part, finding.record), (self.hello, self.hello.mailing_id))
        self.assertEqual(Finding(finding, page="budget").part, self.hello)

    def test_a_missing_mail_server_is_for_administrators_to_mend(self):
        self.env["ir.mail_server"].search([]).active = False
        self.assertIsNone(self.found("mail server")["fix"])
        admin = self.env.ref("base.user_admin")
        admin.group_ids |= self.env.ref("marketing_campaign_flow.group_flow_manager")
        self.assertIn("action", self.found("mail server", admin)["fix"])

    def test_a_workflow_without_emails_needs_no_mail_server(self):
        self.env["ir.mail_server"].search([]).active = False
        self.hello.unlink()
        self.assertFalse(self.warned("mail server"))

    def test_dates_that_have_passed_are_told(self):
        now = database_clock.now(self.env)
        self.hello.write({"timing": "date", "date_at": now + timedelta(days=1)})
        self.done.write({"trigger": "date", "date_at": now + timedelta(days=1)})
        self.assertFalse(self.warned("has passed"))
        self.hello.date_at = now - timedelta(days=1)
        self.assertEqual(self.found("runs at once")["key"], self.hello.key)
        self.hello.skip_past = True
        self.assertEqual(self.found("is skipped")["key"], self.hello.key)
        self.done.date_at = now - timedelta(days=1)
        self.assertEqual(self.found("is taken at once")["key"], self.done.key)

    def test_phases_and_objectives_of_the_past_are_told(self):
        past = database_clock.now(self.env) - timedelta(days=2)
        row = self.campaign.phase_row_ids.filtered(lambda row: row.phase_id == self.phases[1])
        row.write({"opening": "date", "date_planned": past})
        self.assertEqual(self.found("opens at once")["fix"]["page"], "phases")
        self.env["flow.objective"].create(
            {
                "campaign_id": self.campaign.id,
                "metric": "open_rate",
                "target": 10,
                "deadline": past.date(),
            }
        )
        self.assertEqual(self.found("The deadline of")["fix"]["page"], "objectives")

    def test_a_rate_that_takes_days_is_told(self):
        self.campaign.sending_rate = 1
        self.assertFalse(self.warned("sending rate"))  # three hours
        self.audience.partner_ids += self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(33)]
        )
        found = self.found("(36) take about 1.5 days at the sending rate of 1 per hour")
        self.assertEqual(found["fix"]["field"], "sending_rate")

    def test_a_phase_without_approval_is_told_where_people_would_wait(self):
        row = self.campaign.phase_row_ids.filtered(lambda row: row.phase_id == self.phases[1])
        row.needs_approval = True
        self.assertFalse(self.warned("approval"))
        self.over.phase_id = self.phases[1]
        self.assertEqual(self.found("approval")["fix"]["page"], "phases")

    def test_a_missing_approval_is_asked_for_and_given(self):
        self.campaign.company_id.flow_approval_amount = 100
        self.env["flow.budget.line"].create(
            {"campaign_id": self.campaign.id, "name": "All of it", "amount": 500}
        )
        found = self.found("needs the approval")
        self.assertEqual(found["fix"]["method"], "action_ask_for_approval")
        self.campaign.with_user(self.user).action_ask_for_approval()
        manager = self.env.ref("base.user_admin")
        manager.group_ids |= self.env.ref("marketing_campaign_flow.group_flow_manager")
        self.assertEqual(
            self.found("needs the approval", manager)["fix"]["method"], "action_approve_budget"
        )

    def test_findings_of_a_version_are_told_by_their_keys(self):
        lonely = self.state("Lonely")
        self.transition(lonely, self.over, "done")
        [found] = self.workflow.with_user(self.user).get_findings()
        self.assertEqual(
            (found["severity"], found["part"], found["key"]), ("problem", "state", lonely.key)
        )

    def test_names_are_text(self):
        self.state("<b>Bold</b> 🎉" + "x" * 280)
        self.assertIn("<b>Bold</b> 🎉", self.found("No way out leads")["text"])
