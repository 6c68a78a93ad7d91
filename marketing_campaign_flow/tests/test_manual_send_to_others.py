"""Manual sending to audiences and contacts, whether they take part or not."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .test_manual_send import ManualCase


@tagged("post_install", "-at_install")
class TestManualSendToOthers(ManualCase):
    def test_contacts_who_take_no_part_get_it_and_do_not_come_in(self):
        self.launch()
        self.send_to(self.strangers | self.ann)
        self.run_engine()
        self.assertEqual(len(self.sent), 3)
        run = self.participant(self.dora)
        self.assertEqual((run.status, run.end_kind, run.run_number), ("ended", "guest", 0))
        self.assertEqual(self.campaign.participant_count, 3)
        self.assertEqual(self.campaign.sent_count, 3)
        self.assertNotIn(run, run.search(self.campaign.action_view_participants()["domain"]))
        self.trace(self.dora).set_opened()
        self.run_engine()
        self.assertEqual(self.campaign.opened_count, 1)
        kinds = [entry.kind for entry in run._timeline()]
        self.assertEqual(kinds.count("done"), 1)
        self.assertIn("event", kinds)

    def test_they_may_come_in_later_as_anybody(self):
        self.launch()
        self.send_to(self.strangers)
        self.audience.partner_ids |= self.dora
        self.pass_time(minutes=6)
        runs = self.participant(self.dora).sorted("run_number")
        self.assertEqual(runs.mapped("run_number"), [0, 1])
        self.assertEqual(runs.mapped("status"), ["ended", "active"])
        self.send_to(self.dora)
        self.assertEqual(runs[1].step_ids.mapped("status"), ["scheduled"])

    def test_two_contacts_with_one_address_get_one(self):
        self.launch()
        twin = self.dora.copy({"name": "Dora's twin", "email": "ann@example.com"})
        self.send_to(self.dora | twin | self.ann)
        self.run_engine()
        self.assertEqual(len(self.sent), 2)

    def test_merging_those_who_were_only_written_to_keeps_nobody_out(self):
        self.launch()
        self.send_to(self.strangers)
        self.run_engine()
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge(self.strangers.ids, self.dora)
        self.audience.partner_ids |= self.dora
        self.pass_time(minutes=6)
        self.assertEqual(
            self.participant(self.dora).filtered(lambda run: run.status != "ended").run_number, 1
        )

    def test_an_audience_is_written_to_in_the_campaign_that_the_user_chooses(self):
        self.launch()
        other = self.env["flow.audience"].create(
            {"name": "Others", "partner_ids": (self.strangers | self.bob).ids}
        )
        action = self.mine(other).action_send_by_hand()
        wizard = Form(self.mine(self.env["flow.manual.send"]).with_context(**action["context"]))
        self.assertFalse(wizard.campaign_id)
        wizard.campaign_id = self.campaign
        composer = self.by_hand(wizard.save().action_write())
        self.assertEqual(composer.flow_recipients, "3 people of the audience “Others”")
        self.run_engine()
        self.assertEqual(
            sorted(message["email_to"][0] for message in self.sent),
            ["bob@example.com", "dora@example.com", "emil@example.com"],
        )

    def test_the_campaign_of_an_audience_is_proposed(self):
        self.launch()
        context = self.audience.action_send_by_hand()["context"]
        self.assertEqual(context["default_campaign_id"], self.campaign.id)

    def test_only_whom_both_the_user_and_the_responsible_see(self):
        abroad = self.env["res.company"].create({"name": "Abroad"})
        self.launch()
        self.dora.company_id = abroad
        self.send_to(self.strangers)
        self.run_engine()
        self.assertEqual([message["email_to"] for message in self.sent], [["emil@example.com"]])
        everywhere = new_test_user(
            self.env,
            "everywhere",
            groups="marketing_campaign_flow.group_flow_user,base.group_partner_manager",
            company_ids=[(6, 0, (abroad | self.env.company).ids)],
        )
        choice = {"contacts": [("id", "in", self.dora.ids)]}
        with self.assertRaisesRegex(UserError, "nobody"):
            self.campaign.with_user(everywhere)._compose_by_hand(choice)

    def test_a_user_of_another_company_cannot_send(self):
        self.launch()
        abroad = self.env["res.company"].create({"name": "Abroad"})
        foreigner = new_test_user(
            self.env,
            "foreigner",
            groups="marketing_campaign_flow.group_flow_user",
            company_id=abroad.id,
            company_ids=[(6, 0, abroad.ids)],
        )
        choice = {"contacts": [("id", "in", self.strangers.ids)]}
        with self.assertRaises(AccessError):
            self.campaign.with_user(foreigner)._compose_by_hand(choice)
        composer = (
            self.env["mail.compose.message"]
            .with_user(foreigner)
            .create(
                {
                    "composition_mode": "mass_mail",
                    "model": "res.partner",
                    "flow_campaign_id": self.campaign.id,
                    "flow_choice": "{}",
                    "subject": "x",
                    "body": "x",
                }
            )
        )
        with self.assertRaises(AccessError):
            composer.action_send_mail()

    def test_a_campaign_about_other_contacts_is_refused(self):
        self.launch()
        wizard = self.mine(self.env["flow.manual.send"]).create(
            {
                "campaign_id": self.campaign.id,
                "target_model": "mailing.contact",
                "choice": '{"contacts": []}',
            }
        )
        with self.assertRaisesRegex(UserError, "another kind"):
            wizard.action_write()

    def test_a_domain_on_a_field_that_is_gone_is_refused(self):
        self.launch()
        with self.assertRaisesRegex(ValueError, "no_such_field"):
            self.mine(self.campaign)._compose_by_hand({"contacts": [("no_such_field", "=", 1)]})

    def test_the_number_of_statements_does_not_grow_with_the_people(self):
        self.launch()
        counts = []
        for number in (2, 40):
            contacts = self.env["res.partner"].create(
                [{"name": f"{number} {n}", "email": f"{number}-{n}@example.com"}
                 for n in range(number)]
            )  # fmt: skip
            category = self.env["res.partner.category"].create({"name": f"Tag {number}"})
            contacts.category_id = category
            choice = {"contacts": [("category_id", "=", category.id)]}
            action = self.mine(self.campaign)._compose_by_hand(choice)
            composer = self.mine(self.env["mail.compose.message"]).browse(action["res_id"])
            composer.body = "<p>Hello</p>"
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            composer.action_send_mail()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
