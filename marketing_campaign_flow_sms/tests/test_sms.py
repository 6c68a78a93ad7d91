"""SMS that campaigns send through Odoo's queue, and what comes back."""

import re
from datetime import timedelta

from lxml import etree
from odoo.addons.marketing_campaign_flow.engine import database_clock
from odoo.addons.marketing_campaign_flow.tests.common import FlowCase
from odoo.addons.sms.tests.common import SMSCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .. import uninstall_hook


class SmsFlowCase(FlowCase, SMSCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number, contact in enumerate(cls.partners):
            contact.write(
                {"phone": f"+32 456 00 11 0{number}", "country_id": cls.env.ref("base.be").id}
            )
        cls.start = cls.state("Start", "start")
        cls.hot = cls.state("Hot", "goal")
        cls.transition(cls.start, cls.hot, "manual")

    @classmethod
    def sms(cls, owner, body="Hello {{ object.name }}", contacts="res.partner", **values):
        mailing = cls.env["mailing.mailing"].create(
            {
                "subject": "Reminder",
                "mailing_type": "sms",
                "body_plaintext": body,
                "mailing_model_id": cls.env["ir.model"]._get_id(contacts),
                "flow_campaign_id": cls.campaign.id,
                "campaign_id": cls.campaign.utm_campaign_id.id,
                "user_id": cls.user.id,
                **values,
            }
        )
        return cls.action(owner, "sms", mailing_id=mailing.id)

    def queue(self):
        """Return what is in Odoo's queue of this campaign: text by number."""
        queued = self.env["sms.sms"].search(
            [("mailing_id.flow_campaign_id", "=", self.campaign.id)], order="id"
        )
        return {sms.number: sms.body for sms in queued}

    def deliver(self, **answer):
        """Let Odoo hand its queue to the provider."""
        queued = self.env["sms.sms"].search([("state", "=", "outgoing")])
        with self.mockSMSGateway(**answer):
            queued.send()
        self.env.invalidate_all()

    def kinds(self, contact):
        self.run_engine()
        return self.participant(contact).event_ids.sorted("id").mapped("kind")


@tagged("post_install", "-at_install")
class TestSendSms(SmsFlowCase):
    def test_no_sms_is_queued_beyond_the_budget(self):
        self.env["res.config.settings"].create({"flow_price_sms": 0.07}).execute()
        self.sms(self.start, keep_archives=True)
        self.campaign.write({"budget_amount": 0.14, "budget_policy": "stop"})
        self.launch()
        self.assertEqual(len(self.queue()), 2)
        self.assertEqual(self.campaign._spent_on_messages()[self.campaign], 0.14)
        self.assertEqual(self.steps(self.cleo).wait_reason, "budget")
        self.campaign.budget_amount = 0.21
        self.run_engine()
        self.assertEqual(len(self.queue()), 3)

    def test_no_button_sends_the_email_of_a_campaign(self):
        """Odoo's addon for SMS says anew when the buttons of the form are there."""
        view = self.env["mailing.mailing"].get_view(
            self.env.ref("mass_mailing.view_mail_mass_mailing_form").id, "form"
        )
        [launch] = etree.fromstring(view["arch"]).xpath("//header/button[@name='action_launch']")
        self.assertIn("flow_campaign_id", launch.get("invisible"))

    def test_sms_is_queued_once_for_each_contact(self):
        self.sms(self.start, keep_archives=True)
        self.launch()
        self.run_engine()
        self.assertEqual(
            self.queue(),
            {
                "+32456001100": "Hello Ann",
                "+32456001101": "Hello Bob",
                "+32456001102": "Hello Cleo",
            },
        )
        self.assertEqual(self.steps(self.ann).status, "done")
        self.assertEqual(self.trace(self.ann).trace_status, "outgoing")
        self.assertIn("Hello Ann", "".join(self.ann.message_ids.mapped("body")))

    def test_another_visit_sends_another_one(self):
        self.sms(self.start)
        self.transition(self.hot, self.start, "manual")
        again = self.state("Again")
        self.transition(self.start, again, "manual")
        self.transition(again, self.start, "manual")
        self.workflow.transition_ids.filtered(lambda way: way.state_id == self.hot).unlink()
        self.launch()
        run = self.participant(self.ann)
        run.with_user(self.user).action_move(again.id)
        self.run_engine()
        run.with_user(self.user).action_move(self.start.id)
        self.run_engine()
        self.assertEqual(run.step_ids.mapped("status"), ["done", "done"])
        sent = self.env["sms.sms"].search_count([("partner_id", "=", self.ann.id)])
        self.assertEqual(sent, 2)

    def test_number_that_is_missing_or_wrong_is_skipped(self):
        self.ann.phone = False
        self.bob.phone = "12"
        self.sms(self.start)
        self.launch()
        self.assertEqual(list(self.queue()), ["+32456001102"])
        for contact, reason in ((self.ann, "Missing Number"), (self.bob, "Wrong Number Format")):
            step = self.steps(contact)
            self.assertEqual((step.status, step.reason), ("skipped", reason))

    def test_the_frequency_cap_counts_by_number_and_apart_from_emails(self):
        # Odoo's demo data has written to these numbers already.
        self.env["mailing.trace"].search([("sms_number", "!=", False)]).unlink()
        settings = {"flow_cap_sms": 1, "flow_cap_sms_days": 7, "flow_cap_email": 1}
        self.env["res.config.settings"].create(settings).execute()
        self.sms(self.start)
        self.sms(self.start, body="Once more").write({"timing": "delay", "delay_value": 2})
        self.email(self.start, "Hello")
        late = self.sms(self.start, body="Next week")
        late.write({"timing": "delay", "delay_value": 3, "cap_policy": "wait"})
        self.launch()
        self.assertEqual(self.steps(self.ann).mapped("status").count("done"), 2)
        self.pass_time(days=3, minutes=1)
        by_text = {step.action_id.mailing_id.body_plaintext: step for step in self.steps(self.ann)}
        self.assertEqual(by_text["Once more"].status, "skipped")
        self.assertEqual(by_text["Once more"].reason, "Has had 1 in 7 days, which is the most")
        self.assertEqual(by_text["Next week"].wait_reason, "cap")
        self.pass_time(days=4)
        self.assertEqual(by_text["Next week"].status, "done")

    def test_quiet_hours_hold_for_sms(self):
        settings = {"flow_quiet": True, "flow_quiet_from": 21, "flow_quiet_to": 8}
        self.env["res.config.settings"].create(settings).execute()
        self.partners.tz = "UTC"
        self.sms(self.start)
        now = database_clock.now(self.env)
        night = now.replace(hour=22, minute=0) + timedelta(days=1)
        database_clock.move(self.env, (night - now).total_seconds())
        self.launch()
        self.assertFalse(self.queue())
        self.assertEqual(self.steps(self.ann).wait_reason, "quiet")
        self.pass_time(hours=10, minutes=1)
        self.assertEqual(len(self.queue()), 3)

    def test_number_that_two_share_gets_it_once(self):
        self.bob.phone = self.ann.phone
        self.sms(self.start)
        self.launch()
        self.assertEqual(self.steps(self.bob).reason, "Duplicate")
        self.assertEqual(len(self.queue()), 2)

    def test_blacklisted_number_is_skipped(self):
        self.env["phone.blacklist"].add(self.ann.phone_sanitized)
        self.sms(self.start)
        self.launch()
        step = self.steps(self.ann)
        self.assertEqual((step.status, step.reason), ("skipped", "Blacklisted"))

    def test_who_left_the_lists_of_the_audience_is_skipped(self):
        values = {"subscription_ids": [(0, 0, {"list_id": self.hot_list.id})]}
        left = {"subscription_ids": [(0, 0, {"list_id": self.hot_list.id, "opt_out": True})]}
        self.env["mailing.contact"].create(
            [
                {"name": "Ann", "email": "ann@example.com", **left},
                {"name": "Bob", "mobile": self.bob.phone, "country_id": self.bob.country_id.id}
                | left,
                {"name": "Cleo", "email": "cleo@example.com", **values},
            ]
        )
        self.audience.mailing_list_ids = self.hot_list
        self.sms(self.start)
        self.launch()
        self.assertEqual(self.steps(self.ann).reason, "Opted Out")
        self.assertEqual(self.steps(self.bob).reason, "Opted Out")
        self.assertEqual(self.steps(self.cleo).status, "done")

    def test_mailing_contacts_get_it(self):
        self.env["mailing.contact"].create(
            {"name": "Dan", "mobile": "+32456001109", "list_ids": self.hot_list.ids}
        )
        self.campaign.audience_id = self.env["flow.audience"].create(
            {
                "name": "Numbers",
                "target_model": "mailing.contact",
                "mailing_list_ids": self.hot_list.ids,
            }
        )
        self.sms(self.start, contacts="mailing.contact")
        self.launch()
        self.assertEqual(self.queue(), {"+32456001109": "Hello Dan"})

    def test_it_is_sent_by_the_campaign_only(self):
        mailing = self.sms(self.start).mailing_id
        for send in (
            mailing.action_send_sms,
            mailing.action_send_mail,
            mailing.action_put_in_queue,
        ):
            with self.assertRaises(UserError):
                send()

    def test_placeholders_that_run_code_are_for_editors_of_templates(self):
        mailing = self.sms(self.start).mailing_id.with_user(self.user)
        self.user.group_ids -= self.env.ref("mail.group_mail_template_editor")
        self.env["ir.config_parameter"].set_param("mail.restrict.template.rendering", True)
        self.env.ref("base.group_user").implied_ids -= self.env.ref(
            "mail.group_mail_template_editor"
        )
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            mailing.body_plaintext = "{{ object.env.cr.dbname }}"

    def test_text_is_frozen_with_the_workflow(self):
        mailing = self.sms(self.start).mailing_id
        self.launch()
        with self.assertRaises(UserError):
            mailing.body_plaintext = "Other"

    def test_text_of_a_new_version_is_another_one(self):
        action = self.sms(self.start)
        self.launch()
        self.campaign.with_user(self.user).action_edit_workflow()
        draft = self.campaign.draft_workflow_id
        self.assertFalse(self.workflow._changes_to(draft))
        twin = draft.action_ids.filtered(lambda one: one.key == action.key)
        self.assertNotEqual(twin.mailing_id, action.mailing_id)
        twin.mailing_id.body_plaintext = "Good-bye"
        [(change, _record)] = self.workflow._changes_to(draft)
        self.assertTrue(change)
        twin.mailing_id.action_flow_publish_text()
        self.assertEqual(action.mailing_id.body_plaintext, "Good-bye")

    def test_copy_of_the_campaign_has_an_sms_of_its_own(self):
        action = self.sms(self.start)
        twin = self.campaign.copy().workflow_id.action_ids
        self.assertEqual(twin.mailing_id.body_plaintext, action.mailing_id.body_plaintext)
        self.assertNotEqual(twin.mailing_id, action.mailing_id)

    def test_empty_sms_is_not_launched(self):
        self.sms(self.start, body=" ")
        self.assertTrue(self.workflow._problems())

    def test_email_is_no_sms(self):
        mailing = self.email(self.start).mailing_id
        with self.assertRaises(ValidationError):
            self.action(self.start, "sms", mailing_id=mailing.id)

    def test_action_is_edited_in_its_form(self):
        action = self.sms(self.start)
        form = Form(action.with_user(self.user))
        self.assertEqual(form.mailing_id, action.mailing_id)
        form.save()
        self.assertEqual(action.display_name, "Send SMS: Reminder")

    def test_lists_of_sms_show_those_of_campaigns_apart(self):
        view = self.env.ref("mass_mailing_sms.mailing_mailing_action_sms")
        self.assertIn("flow_campaign_id", view.domain)
        uninstall_hook(self.env)
        self.assertNotIn("flow_campaign_id", view.domain)


@tagged("post_install", "-at_install")
class TestSmsEvents(SmsFlowCase):
    def when(self, kind, **values):
        return self.transition(self.start, self.hot, "event", event_kind=kind, **values)

    def test_sms_that_was_sent_counts_once(self):
        action = self.sms(self.start)
        self.when("sms_sent", event_action_id=action.id)
        self.launch()
        self.deliver()
        self.assertEqual(self.kinds(self.ann), ["sms_sent"])
        self.assertEqual(self.state_of(self.ann), "Hot")
        self.assertEqual(self.trace(self.ann).trace_status, "pending")
        trackers = self.trace(self.ann).sms_tracker_ids
        trackers._action_update_from_sms_state("sent")
        self.assertEqual(self.kinds(self.ann), ["sms_sent"])

    def test_sms_that_is_not_delivered_counts_with_its_reason(self):
        self.sms(self.start)
        self.when("sms_bounced", event_detail="*invalid*")
        self.launch()
        self.deliver()
        tracker = self.trace(self.ann).sms_tracker_ids
        tracker._action_update_from_provider_error("invalid_destination")
        tracker._action_update_from_provider_error("invalid_destination")
        self.assertEqual(self.kinds(self.ann), ["sms_sent", "sms_bounced"])
        self.assertEqual(self.participant(self.ann).event_ids[0].detail, "Invalid Destination")
        self.assertEqual(self.state_of(self.ann), "Hot")
        self.assertEqual(self.state_of(self.bob), "Start")

    def test_sms_that_the_provider_refuses_counts(self):
        self.sms(self.start)
        self.launch()
        self.deliver(sim_error="credit")
        self.assertEqual(self.kinds(self.ann), ["sms_bounced"])

    def test_campaign_goes_on_though_odoo_has_sent_all_there_was(self):
        mailing = self.sms(self.start).mailing_id
        self.launch()
        self.deliver(moderated=True)
        self.assertEqual(self.trace(self.ann).trace_status, "process")
        self.assertEqual(mailing.state, "draft")

    def test_link_is_short_and_tells_who_clicked(self):
        self.sms(self.start, "Look: https://shop.example/offer")
        self.when("sms_clicked", link_pattern="https://shop.example/*")
        self.launch()
        [body] = {self.queue()["+32456001100"]}
        [path] = re.findall(r"/r/\S+/s/\d+", body)
        answer = self.url_open(path, allow_redirects=False)
        self.assertIn("shop.example/offer", answer.headers["Location"])
        self.env.invalidate_all()
        self.assertEqual(self.kinds(self.ann), ["sms_clicked"], "and no email was opened")
        self.assertEqual(self.state_of(self.ann), "Hot")
        self.assertEqual(self.state_of(self.bob), "Start")
        self.assertEqual(self.trace(self.ann).trace_status, "open")
        clicks = self.env["link.tracker.click"].search(
            [("mailing_trace_id", "=", self.trace(self.ann).id)]
        )
        self.assertEqual(len(clicks), 1, "counted by Odoo once")

    def test_short_link_is_made_when_the_workflow_is_published(self):
        mailing = self.sms(self.start, "Look: https://shop.example/offer").mailing_id
        self.launch()
        links = self.env["link.tracker"].search([("mass_mailing_id", "=", mailing.id)])
        self.assertEqual(links.mapped("title"), ["https://shop.example/offer"])

    def test_who_stops_sms_gets_none_any_more(self):
        self.sms(self.start, sms_allow_unsubscribe=True)
        self.transition(self.start, self.hot, "timeout", delay_value=1)
        self.launch()
        [path] = re.findall(r"/sms/\d+/\w+", self.queue()["+32456001100"])
        self.url_open(
            path.replace("/sms/", "/sms/").rsplit("/", 1)[0]
            + "/unsubscribe/"
            + path.rsplit("/", 1)[1]
            + "?sms_number=%2B32456001100"
        )
        self.env.invalidate_all()
        self.assertTrue(self.ann.phone_sanitized_blacklisted)

    def test_emails_and_sms_are_told_apart(self):
        email = self.email(self.start)
        self.sms(self.start)
        self.launch()
        self.trace(self.ann, email).set_opened()
        self.deliver()
        self.assertEqual(sorted(self.kinds(self.ann)), ["opened", "sms_sent"])
