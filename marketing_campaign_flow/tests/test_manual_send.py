"""Manual sending: through Odoo's composer into the ledger, from wherever people are chosen."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from ..engine import database_clock
from .common import FlowCase


class ManualCase(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start, over = cls.state("Start", "start"), cls.state("Over", "goal")
        cls.transition(cls.start, over, "event", event_kind="opened")
        cls.strangers = cls.env["res.partner"].create(
            [{"name": name, "email": f"{name.lower()}@example.com"} for name in ("Dora", "Emil")]
        )
        cls.dora, cls.emil = cls.strangers

    def mine(self, records):
        return records.with_user(self.user)

    def send(self, records, **values):
        return self.by_hand(self.mine(records).action_send_by_hand(), **values)

    def send_to(self, contacts, **values):
        """Choose contacts in a list, the campaign, and write."""
        wizard = Form(
            self.mine(self.env["flow.manual.send"]).with_context(
                active_model=contacts._name, active_ids=contacts.ids
            )
        )
        wizard.campaign_id = self.campaign
        return self.by_hand(wizard.save().action_write(), **values)


@tagged("post_install", "-at_install")
class TestManualSend(ManualCase):
    def test_message_by_hand_counts_in_the_campaign(self):
        self.launch()
        self.send(self.participant(self.ann) + self.participant(self.bob), subject="A word")
        self.run_engine()
        self.assertEqual(len(self.sent), 2)
        self.assertEqual(self.sent[0]["subject"], "A word")
        self.assertEqual(self.campaign.sent_count, 2)
        step = self.steps(self.ann)
        self.assertTrue(step.action_id.is_manual)
        self.assertEqual(step.action_id.mailing_id.campaign_id, self.campaign.utm_campaign_id)
        self.trace(self.ann).set_opened()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Over")
        self.assertEqual(self.campaign.opened_count, 1)

    def test_timeline_tells_who_has_sent_it(self):
        self.launch()
        self.send(self.participant(self.ann), subject="A word")
        self.run_engine()
        texts = [entry.text for entry in self.participant(self.ann)._timeline()]
        self.assertIn(f"By hand, by {self.user.name}: Send email: A word: Done", texts)

    def test_from_the_campaign_it_goes_to_everybody_under_way_and_to_nobody_else(self):
        self.launch()
        self.participant(self.cleo).action_take_out()
        composer = self.send(self.campaign)
        self.assertEqual(composer.flow_recipients, "2 participants of “Invitation”")
        self.assertNotIn("active_ids", composer.env.context)
        self.run_engine()
        self.assertEqual(len(self.sent), 2)

    def test_placeholders_and_templates_are_those_of_the_contacts(self):
        template = self.env["mail.template"].create(
            {
                "name": "Greeting",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "subject": "For {{ object.name }}",
                "body_html": '<p>Dear <t t-out="object.name"/></p>',
            }
        )
        self.launch()
        action = self.mine(self.campaign).action_send_by_hand()
        self.assertEqual(action["context"]["default_model"], "res.partner")
        composer = self.mine(self.env["mail.compose.message"]).browse(action["res_id"])
        with Form(composer) as form:
            form.template_id = template
        composer.action_send_mail()
        self.run_engine()
        subjects = {message["subject"] for message in self.sent}
        self.assertEqual(subjects, {"For Ann", "For Bob", "For Cleo"})
        self.assertIn("Dear Ann", next(m["body"] for m in self.sent if "Ann" in m["subject"]))

    def test_one_person_gets_placeholders_as_many_do(self):
        self.launch()
        action = self.mine(self.participant(self.ann)).action_send_by_hand()
        composer = self.mine(self.env["mail.compose.message"]).browse(action["res_id"])
        self.assertTrue(composer.composition_batch, "or the editor offers none")
        self.assertEqual(composer.flow_recipients, "Ann")
        body = '<p>Dear <t t-out="object.name"/></p>'
        composer.write({"subject": "For {{ object.name }}", "body": body})
        composer.action_send_mail()
        self.run_engine()
        [sent] = self.sent
        self.assertEqual(sent["subject"], "For Ann")
        self.assertIn("Dear Ann", sent["body"])

    def test_what_cannot_be_written_is_refused_while_the_message_is_open(self):
        self.launch()
        action = self.campaign.action_send_by_hand()
        composer = self.env["mail.compose.message"].browse(action["res_id"])
        for values, words in (
            ({"body": "<p><br></p>"}, "is empty"),
            ({"body": "<p>Hello</p>", "subject": "{{ object.nmae }}"}, "object.nmae"),
            ({"body": '<p t-foreach="object.ids">x</p>'}, "cannot be understood"),
        ):
            with self.subTest(values), self.env.cr.savepoint() as savepoint:
                composer.write(values)
                with self.assertRaisesRegex(UserError, words):
                    composer.action_send_mail()
                savepoint.rollback()
        self.assertFalse(self.steps(self.ann))

    def test_attachments_go_along_also_of_a_colleague(self):
        self.launch()
        colleague = new_test_user(
            self.env, "colleague", groups="marketing_campaign_flow.group_flow_user"
        )
        file = (
            self.env["ir.attachment"]
            .with_user(colleague)
            .create(
                {"name": "offer.txt", "raw": b"Ten percent", "res_model": "mail.compose.message"}
            )
        )
        action = self.participant(self.ann).with_user(colleague).action_send_by_hand()
        composer = self.env["mail.compose.message"].with_user(colleague).browse(action["res_id"])
        composer.write({"body": "<p>Hello</p>", "attachment_ids": [(4, file.id)]})
        composer.action_send_mail()
        self.run_engine()
        [part] = self.sent[0]["message"].iter_attachments()
        self.assertEqual(part.get_filename(), "offer.txt")

    def test_it_may_be_sent_later(self):
        self.launch()
        later = database_clock.now(self.env).replace(microsecond=0) + timedelta(hours=3)
        self.send(self.participant(self.ann), flow_send_at=later)
        self.run_engine()
        self.assertFalse(self.sent)
        self.assertEqual(self.steps(self.ann).due_at, later)
        self.pass_time(hours=3, minutes=1)
        self.assertEqual(len(self.sent), 1)

    def test_what_was_planned_is_sent_to_who_has_gone_on_meanwhile_and_not_to_who_was_taken_out(
        self,
    ):
        self.launch()
        later = database_clock.now(self.env) + timedelta(hours=3)
        self.send(self.campaign, flow_send_at=later)
        self.participant(self.ann).action_move(self.workflow.state_ids[-1].id)
        self.participant(self.bob).action_take_out()
        self.pass_time(hours=4)
        self.assertEqual(
            sorted(message["email_to"][0] for message in self.sent),
            ["ann@example.com", "cleo@example.com"],
        )

    def test_what_was_planned_is_not_sent_to_who_is_archived_meanwhile(self):
        self.launch()
        later = database_clock.now(self.env) + timedelta(hours=3)
        self.send_to(self.strangers, flow_send_at=later)
        self.dora.action_archive()
        self.pass_time(hours=4)
        self.assertEqual([message["email_to"] for message in self.sent], [["emil@example.com"]])
        self.assertEqual(self.steps(self.dora).status, "cancelled")

    def test_those_who_must_not_be_written_to_are_skipped_with_reason(self):
        self.launch()
        self.env["mail.blacklist"]._add("ann@example.com")
        settings = {"flow_cap_email": 5, "flow_cap_email_days": 7}
        self.env["res.config.settings"].create(settings).execute()
        self.send(self.participant(self.ann) + self.participant(self.bob), flow_ignore_cap=True)
        self.run_engine()
        self.assertEqual(len(self.sent), 1)
        self.assertEqual(self.steps(self.ann).status, "skipped")
        self.assertEqual(self.steps(self.ann).reason, "Blacklisted Address")

    def test_a_person_may_override_the_frequency_cap(self):
        settings = {"flow_cap_email": 1, "flow_cap_email_days": 7}
        self.env["res.config.settings"].create(settings).execute()
        self.launch()
        for ignore, status in ((False, "done"), (False, "skipped"), (True, "done")):
            self.send(self.participant(self.ann), flow_ignore_cap=ignore)
            self.run_engine()
            self.assertEqual(self.steps(self.ann)[-1].status, status)

    def test_two_messages_by_hand_in_one_state_are_two_steps(self):
        self.launch()
        for _message in range(2):
            self.send(self.participant(self.ann))
        self.run_engine()
        self.assertEqual(len(self.steps(self.ann)), 2)
        self.assertEqual(len(self.sent), 2)

    def test_nothing_is_sent_before_the_launch_and_after_the_end(self):
        with self.assertRaisesRegex(UserError, "launch it first"):
            self.campaign.action_send_by_hand()
        self.launch()
        self.campaign.action_stop()
        with self.assertRaisesRegex(UserError, "has ended"):
            self.mine(self.participant(self.ann)).action_send_by_hand()

    def test_a_campaign_that_was_stopped_while_the_message_was_written(self):
        self.launch()
        action = self.mine(self.participant(self.ann)).action_send_by_hand()
        self.campaign.action_stop()
        with self.assertRaisesRegex(UserError, "stopped meanwhile"):
            self.by_hand(action)
        self.assertFalse(self.steps(self.ann))

    def test_participants_of_two_campaigns_are_refused(self):
        self.launch()
        other = self.participant(self.ann).copy(
            {"campaign_id": self.campaign.copy().id, "run_number": 1}
        )
        with self.assertRaises(UserError):
            (self.participant(self.ann) | other).action_send_by_hand()

    def test_all_that_a_long_list_shows_are_meant(self):
        self.launch()
        self.env["ir.config_parameter"].set_param("web.active_ids_limit", "2")
        shown = self.participant(self.ann) | self.participant(self.bob)
        listed = shown.with_context(active_domain=[["campaign_id", "=", self.campaign.id]])
        self.send(listed)
        self.run_engine()
        self.assertEqual(len(self.sent), 3)
