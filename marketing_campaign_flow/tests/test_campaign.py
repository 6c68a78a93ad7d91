from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import FlowCase


@tagged("post_install", "-at_install")
class TestCampaign(FlowCase):
    def build(self):
        start = self.state("Start", "start")
        over = self.state("Over", "done")
        email = self.email(start)
        opened = self.transition(
            start, over, "event", event_kind="opened", event_action_id=email.id
        )
        self.action(opened, "subscription", mailing_list_id=self.hot_list.id)
        return start, over, email, opened

    def test_new_campaign_has_a_workflow_that_runs_as_it_is(self):
        form = Form(self.env["flow.campaign"].with_user(self.user))
        form.name = "Fresh"
        campaign = form.save()
        self.assertEqual(campaign.state_ids.mapped("kind"), ["start", "done"])
        self.assertFalse(campaign.workflow_id._problems())

    def test_utm_campaign_is_kept_in_step(self):
        self.assertEqual(self.campaign.utm_campaign_id.title, "Invitation")
        self.campaign.write({"name": "Better name", "user_id": self.env.user.id})
        self.assertEqual(self.campaign.utm_campaign_id.title, "Better name")
        self.assertEqual(self.campaign.utm_campaign_id.user_id, self.env.user)
        with self.assertRaises(UserError):
            self.campaign.utm_campaign_id.unlink()

    def test_launch_names_everything_that_is_missing(self):
        self.campaign.audience_id = False
        self.state("Start", "start")
        self.state("Island")
        with self.assertRaises(UserError) as caught:
            self.campaign.action_launch()
        message = str(caught.exception)
        self.assertIn("Choose an audience", message)
        self.assertIn("No way out leads to the state “Island”", message)
        self.assertIn("“Start” has no way out", message)
        self.assertEqual(self.campaign.status, "draft")

    def test_email_without_content_is_noticed_before_launch(self):
        _start, _over, email, _opened = self.build()
        email.mailing_id.body_html = False
        with self.assertRaises(UserError):
            self.campaign.action_launch()

    def test_structure_is_frozen_once_launched(self):
        start, over, email, opened = self.build()
        self.campaign.action_launch()
        for change in (
            lambda: self.state("Late"),
            lambda: start.write({"kind": "normal"}),
            lambda: opened.write({"target_id": False}),
            lambda: email.write({"timing": "delay"}),
            lambda: over.unlink(),
        ):
            with self.assertRaises(UserError):
                change()
        start.write({"name": "Renamed", "color": 3})

    def test_nothing_runs_past_the_launch_button(self):
        self.build()
        with self.assertRaises(ValidationError):
            self.campaign.status = "running"
        self.campaign.action_launch()
        with self.assertRaises(UserError):
            self.workflow.status = "draft"

    def test_copy_takes_workflow_and_emails_along(self):
        self.build()
        self.campaign.objective_ids = [(0, 0, {"metric": "open_rate", "target": 20})]
        duplicate = self.campaign.copy()
        self.assertEqual(duplicate.name, "Invitation (copy)")
        self.assertNotEqual(duplicate.utm_campaign_id, self.campaign.utm_campaign_id)
        workflow = duplicate.workflow_id
        self.assertEqual(workflow.state_ids.mapped("key"), self.workflow.state_ids.mapped("key"))
        [email] = workflow.action_ids.filtered("mailing_id")
        self.assertNotEqual(email.mailing_id, self.workflow.action_ids.mailing_id)
        self.assertEqual(email.mailing_id.subject, "Hello")
        self.assertEqual(email.mailing_id.flow_campaign_id, duplicate)
        [transition] = workflow.transition_ids
        self.assertEqual(transition.event_action_id, email)
        self.assertEqual(transition.target_id.workflow_id, workflow)
        self.assertEqual(len(transition.action_ids), 1)
        self.assertEqual(duplicate.objective_ids.mapped("metric"), ["open_rate"])
        duplicate.action_launch()

    def test_running_campaign_cannot_be_deleted_or_launched_again(self):
        self.build()
        self.campaign.action_launch()
        with self.assertRaises(UserError):
            self.campaign.unlink()
        with self.assertRaises(UserError):
            self.campaign.action_launch()

    def test_check_tells_how_many_people_will_be_addressed(self):
        email = self.build()[2]
        email.mailing_id.body_html = '<p>Hello, <a href="/unsubscribe_from_list">leave</a></p>'
        self.audience.partner_ids += self.env["res.partner"].create({"name": "No address"})
        self.env["ir.mail_server"].create({"name": "Ours", "smtp_host": "mail.example.com"})
        answer = self.campaign.action_check()["params"]
        self.assertEqual(answer["type"], "success")
        self.assertIn("People in the audience: 4, reachable by email: 3", answer["message"])

    def test_check_points_at_what_is_hardly_meant(self):
        start, over = self.state("Start", "start"), self.state("Over", "exit")
        self.transition(start, self.state("Called"), "manual")
        self.transition(None, over, "event", event_kind="unsubscribed")
        answer = self.campaign.action_check()["params"]
        self.assertEqual((answer["type"], answer["title"]), ("warning", "Ready to launch"))
        self.assertIn("Nobody leaves “Called”", answer["message"])
        self.assertNotIn("“Start”", answer["message"])
        self.assertIn("does nothing yet", answer["message"])

    def test_campaign_needs_a_name(self):
        with self.assertRaises(ValidationError):
            self.env["flow.campaign"].create({"name": " "})

    def test_words_of_the_workflow_can_be_read(self):
        start, over, email, opened = self.build()
        self.assertEqual(email.display_name, "Send email: Hello")
        self.assertEqual(opened.display_name, "Email opened → Over")
        late = self.transition(start, over, "timeout")
        self.assertEqual(late.display_name, "After 3 days → Over")
