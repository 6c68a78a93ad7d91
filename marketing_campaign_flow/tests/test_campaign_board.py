import json
from datetime import timedelta
from unittest.mock import patch

from lxml import etree
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..engine import database_clock
from .common import FlowCase


class CampaignCase(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Invited", "start")
        cls.over = cls.state("Over", "done")
        cls.letter = cls.email(cls.start, "Invitation")
        cls.transition(cls.start, cls.over, "event", event_kind="opened")
        cls.mine = cls.campaign.with_user(cls.user)


@tagged("post_install", "-at_install")
class TestCampaignBoard(CampaignCase):
    def specification(self, view_type):
        """Return what the web client reads for the records of a view."""
        arch = self.env["flow.campaign"].with_user(self.user).get_view(view_type=view_type)["arch"]
        names = {node.get("name") for node in etree.fromstring(arch).iter("field")}
        relational = {"many2one": {"display_name": {}}, "many2many": {"display_name": {}}}
        types = {name: self.env["flow.campaign"]._fields[name].type for name in names}
        return {
            name: {"fields": relational[kind]} if kind in relational else {}
            for name, kind in types.items()
        }

    def read_board(self, limit):
        campaigns = self.env["flow.campaign"].with_user(self.user)
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        found = campaigns.with_context(read_group_expand=True).web_read_group(
            [],
            ["phase_id"],
            auto_unfold=True,
            unfold_read_specification=self.specification("kanban"),
            unfold_read_default_limit=limit,
        )
        read = sum(len(group.get("__records", ())) for group in found["groups"])
        return read, self.env.cr.sql_log_count - before

    def test_a_page_of_80_takes_as_many_statements_as_a_page_of_8(self):
        tag = self.env["utm.tag"].create({"name": "Fair"})
        campaigns = self.env["flow.campaign"].create(
            [
                {
                    "name": f"Campaign {number}",
                    "budget_amount": 1000,
                    "tag_ids": tag.ids,
                    "user_id": self.user.id,
                    "objective_ids": [
                        fields.Command.create({"metric": metric, "target": 10})
                        for metric in ("participants", "open_rate")
                    ],
                }
                for number in range(80)
            ]
        )
        campaigns.activity_schedule("mail.mail_activity_data_todo", user_id=self.user.id)
        self.env.flush_all()
        self.read_board(80)  # what is kept in memory afterwards
        few, statements_for_few = self.read_board(8)
        many, statements_for_many = self.read_board(80)
        self.assertEqual((few, many), (8, 80))
        self.assertEqual(statements_for_many, statements_for_few)
        self.assertLess(statements_for_many, 80)

    def test_figures_are_added_up_and_sorted(self):
        self.launch()
        quiet = self.env["flow.campaign"].create({"name": "Quiet"})
        both = self.campaign | quiet
        domain = [("id", "in", both.ids)]
        campaigns = self.env["flow.campaign"].with_user(self.user)
        sums = campaigns._read_group(domain, [], ["sent_count:sum", "participant_count:sum"])
        self.assertEqual(sums, [(3, 3)])
        self.assertEqual(campaigns.search(domain, order="sent_count desc")[0], self.campaign)
        measures = campaigns.fields_get(["sent_count", "opened_ratio"], ["aggregator"])
        self.assertEqual(measures["sent_count"]["aggregator"], "sum")
        self.assertFalse(measures["opened_ratio"].get("aggregator"))

    def test_a_campaign_is_found_by_its_contacts(self):
        self.launch()
        campaigns = self.env["flow.campaign"].with_user(self.user)
        self.env["flow.campaign"].create({"name": "Without Ann"})
        for words in ("ann", "ANN@example.com", "ample.com"):
            self.assertEqual(
                campaigns.search([("contact_sought", "ilike", words)]), self.campaign, words
            )
        for words in ("nobody", "%_", "' OR 1=1"):
            self.assertFalse(campaigns.search([("contact_sought", "ilike", words)]), words)
        for words in ("Ann", "ann@example.com"):
            self.assertEqual(campaigns.search([("contact_sought", "=", words)]), self.campaign)
        for words in ("%", "_nn", "%ann%", "", False, 7, "\\"):
            self.assertFalse(campaigns.search([("contact_sought", "in", [words])]), words)

    def test_open_tasks_are_those_of_the_present_phase(self):
        preparation, sending = self.phases[:2]
        self.env["flow.phase.task"].create(
            [
                {"name": name, "phase_id": phase.id, "campaign_id": self.campaign.id}
                for name, phase in (("Proofread", preparation), ("Call", sending))
            ]
        )
        self.campaign.activity_schedule("mail.mail_activity_data_todo", user_id=self.user.id)
        self.assertEqual(self.mine.open_task_count, 1)
        task = self.campaign.activity_ids.filtered(lambda one: one.summary == "Proofread")
        task.action_done()
        self.mine.invalidate_recordset(["open_task_count"])
        self.assertEqual(self.mine.open_task_count, 0)

    def test_warnings_say_what_somebody_should_look_at(self):
        self.assertFalse(self.mine.warnings)
        self.launch()
        self.campaign._report_problem("enrol", "The audience <b>is</b> broken")
        self.campaign.action_edit_workflow()
        self.env.invalidate_all()
        self.assertEqual(
            [(warning["level"], warning["text"]) for warning in self.mine.warnings],
            [
                ("danger", "The audience <b>is</b> broken"),
                ("info", "A new version of the workflow is not published"),
            ],
        )

    def test_the_bar_of_the_budget_is_green_amber_and_red(self):
        self.assertFalse(self.mine.budget_level)
        self.campaign.write({"budget_amount": 100, "budget_warn_percent": 50})
        for amount, level in ((10, "good"), (50, "near"), (60, "over")):
            self.env["flow.cost"].create(
                {
                    "name": "Flyers",
                    "campaign_id": self.campaign.id,
                    "amount": amount,
                    "status": "confirmed",
                }
            )
            self.env.invalidate_all()
            self.assertEqual(self.mine.budget_level, level, self.mine.budget_used)


@tagged("post_install", "-at_install")
class TestQuickCreate(CampaignCase):
    def quick_create(self, **values):
        view = "marketing_campaign_flow.flow_campaign_view_form_quick_create"
        campaigns = self.env["flow.campaign"].with_user(self.user)
        with Form(campaigns.with_context(default_phase_id=self.phases[0].id), view) as form:
            for name, value in values.items():
                form[name] = value
        return form.record

    def test_with_a_template(self):
        template = self.env["flow.template"].search([("company_id", "=", False)], limit=1)
        campaign = self.quick_create(
            name="From the board", template_id=template, audience_id=self.audience
        )
        self.assertEqual(campaign.name, "From the board")
        self.assertEqual(campaign.audience_id, self.audience)
        names = [state["name"] for state in template._parsed()["states"]]
        self.assertEqual(campaign.workflow_id.state_ids.mapped("name"), names)

    def test_dates_of_the_template_that_have_passed_come_again(self):
        template = self.env.ref("marketing_campaign_flow.template_welcome")
        template.document = template.document.replace("2027-03-15", "2020-03-15")
        campaign = self.quick_create(name="Late", template_id=template, audience_id=self.audience)
        [date] = campaign.workflow_id.action_ids.filtered("date_at").mapped("date_at")
        self.assertGreater(date, fields.Datetime.now())
        self.assertEqual(campaign.phase_id, self.phases[0])

    def test_without_one_it_begins_with_a_start_and_an_end(self):
        campaign = self.quick_create(name="Empty", audience_id=self.audience)
        self.assertEqual(campaign.workflow_id.state_ids.mapped("kind"), ["start", "done"])

    def test_many_at_once_come_in_their_order(self):
        template = self.env["flow.template"].search([("company_id", "=", False)], limit=1)
        made = self.env["flow.campaign"].create(
            [{"name": "A"}, {"name": "B", "template_id": template.id}, {"name": "C"}]
        )
        self.assertEqual(made.mapped("name"), ["A", "B", "C"])

    def test_a_template_of_another_company_is_refused(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        template = self.env["flow.template"].search([("company_id", "=", False)], limit=1)
        hidden = template.copy({"company_id": company.id})
        with self.assertRaises(AccessError):
            self.env["flow.campaign"].with_user(self.user).create(
                {"name": "Not mine", "template_id": hidden.id}
            )


@tagged("post_install", "-at_install")
class TestScheduledLaunch(CampaignCase):
    def plan(self, **delta):
        self.mine.launch_at = database_clock.now(self.env).replace(microsecond=0) + timedelta(
            **delta
        )

    def let_the_job_run(self):
        with patch.object(self.env.registry["ir.cron"], "_commit_progress", return_value=60.0):
            self.env["flow.campaign"]._cron_launch()
        self.env.invalidate_all()

    def test_it_is_launched_when_the_moment_has_come(self):
        self.plan(days=2)
        self.assertTrue(self.mine.is_scheduled)
        scheduled = self.env["flow.campaign"].search([("is_scheduled", "=", True)])
        self.assertIn(self.campaign, scheduled)
        self.let_the_job_run()
        self.assertEqual(self.campaign.status, "draft")
        database_clock.move(self.env, timedelta(days=2, minutes=1).total_seconds())
        self.let_the_job_run()
        self.assertEqual(self.campaign.status, "running")
        self.assertFalse(self.campaign.is_scheduled)
        self.assertEqual(self.campaign.starts_at, self.campaign.date_start)

    def test_the_responsible_is_told_when_something_is_missing(self):
        self.audience.partner_ids = False
        self.campaign.audience_id = False
        self.plan(hours=1)
        database_clock.move(self.env, 4000)
        self.let_the_job_run()
        self.assertEqual(self.campaign.status, "draft")
        self.assertFalse(self.campaign.launch_at)
        activity = self.campaign.activity_ids
        self.assertEqual(activity.user_id, self.user)
        self.assertIn("Choose an audience", activity.note)

    def test_nobody_plans_the_launch_of_what_acts_with_the_rights_of_others(self):
        colleague = new_test_user(
            self.env, "colleague", groups="marketing_campaign_flow.group_flow_user"
        )
        with self.assertRaises(AccessError):
            self.campaign.with_user(colleague).launch_at = fields.Datetime.now()

    def test_what_runs_is_not_planned_once_more(self):
        self.launch()
        with self.assertRaises(UserError):
            self.mine.launch_at = fields.Datetime.now()


@tagged("post_install", "-at_install")
class TestNews(CampaignCase):
    def told(self):
        """Return what the responsible was notified of."""
        notices = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.user.partner_id.id)]
        )
        messages = notices.mail_message_id.filtered(
            lambda message: message.model == "flow.campaign" and message.res_id == self.campaign.id
        )
        return set(messages.subtype_id.mapped("name"))

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()

    def test_the_responsible_hears_of_launch_and_end(self):
        self.flush_tracking()
        self.campaign.action_launch()
        self.flush_tracking()
        self.assertIn("Launched or resumed", self.told())
        self.campaign.action_stop()
        self.flush_tracking()
        self.assertIn("Ended", self.told())

    def test_the_responsible_hears_of_an_alert(self):
        self.launch()
        self.campaign._report_problem("enrol", "The audience is broken")
        self.assertIn("Alert", self.told())
        self.assertEqual(self.campaign.activity_ids.user_id, self.user)

    def test_a_workflow_has_messages_which_go_with_its_campaign(self):
        workflow = self.workflow.with_user(self.user)
        self.assertFalse(workflow.message_ids)
        message = workflow.message_post(body="Have a look")
        workflow.message_subscribe(self.ann.ids)
        self.assertEqual(workflow.message_follower_ids.partner_id & self.ann, self.ann)
        self.campaign.unlink()
        self.assertFalse(message.exists())
        self.assertFalse(
            self.env["mail.followers"].search(
                [("res_model", "=", "flow.workflow"), ("res_id", "=", self.workflow.id)]
            )
        )


@tagged("post_install", "-at_install")
class TestAgenda(CampaignCase):
    def entries(self, campaign=None):
        found = self.env["flow.agenda"].with_user(self.user)
        found = found.search([("campaign_id", "=", (campaign or self.campaign).id)])
        return {(entry.kind, entry.display_name) for entry in found}

    def test_what_is_planned(self):
        self.letter.write({"timing": "date", "date_at": "2040-01-01 09:00:00"})
        self.mine.launch_at = "2039-12-01 09:00:00"
        row = self.campaign.phase_row_ids[1]
        row.write({"opening": "date", "date_planned": "2039-12-24 09:00:00"})
        self.env.flush_all()
        self.assertEqual(
            self.entries(),
            {
                ("launch", "Invitation: Launch"),
                ("phase", "Invitation: Sending opens"),
                ("planned", "Invitation: Invitation"),
            },
        )

    def test_what_has_happened(self):
        self.launch()
        self.campaign.action_stop()
        self.env.flush_all()
        self.assertEqual(
            self.entries(),
            {
                ("launch", "Invitation: Launch"),
                ("sent", "Invitation: Invitation (3 sent)"),
                ("end", "Invitation: End"),
            },
        )
        entry = self.env["flow.agenda"].search([("campaign_id", "=", self.campaign.id)], limit=1)
        self.assertEqual(entry.action_open_campaign()["res_id"], self.campaign.id)

    def test_that_of_another_company_is_hidden(self):
        self.launch()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.user.write({"company_ids": other.ids, "company_id": other.id})
        self.assertFalse(self.entries())


@tagged("post_install", "-at_install")
class TestContactCampaigns(CampaignCase):
    def test_a_contact_shows_its_campaigns_reactions_and_points(self):
        self.launch()
        self.trace(self.ann).set_opened()
        self.run_engine()
        ann = self.ann.with_user(self.user)
        self.assertEqual(ann.flow_participant_ids.campaign_id, self.campaign)
        self.assertEqual(ann.flow_event_ids.mapped("kind"), ["opened"])
        found = self.env["flow.participant"].search(ann.action_view_flow_participants()["domain"])
        self.assertEqual(found, self.participant(self.ann))
        self.assertEqual(ann.action_view_flow_events()["domain"][0][2], found.ids)
        arch = self.env["res.partner"].with_user(self.user).get_view(view_type="form")["arch"]
        self.assertIn("flow_campaigns", arch)
        stranger = new_test_user(self.env, "stranger", groups="base.group_user")
        arch = self.env["res.partner"].with_user(stranger).get_view(view_type="form")["arch"]
        self.assertNotIn("flow_campaigns", arch)

    def test_mailing_contacts_and_emails_lead_to_the_campaign(self):
        reader = self.env["mailing.contact"].create({"name": "Ria", "email": "ria@example.com"})
        self.assertFalse(
            self.env["flow.participant"].search(reader.action_view_flow_participants()["domain"])
        )
        mailing = self.letter.mailing_id.with_user(self.user)
        self.assertEqual(mailing.action_open_flow_campaign()["res_id"], self.campaign.id)
        utm = self.campaign.utm_campaign_id.with_user(self.user)
        self.assertEqual(utm.action_open_flow_campaign()["res_id"], self.campaign.id)

    def test_names_of_any_kind_are_shown_as_text(self):
        name = "<script>alert(1)</script> 🎉 " + "x" * 270
        self.campaign.name = name
        self.launch()
        self.assertEqual(self.mine.name, name)
        found = self.env["flow.agenda"].search([("campaign_id", "=", self.campaign.id)])
        self.assertTrue(all(entry.display_name.startswith(name) for entry in found))
        self.assertTrue(json.dumps(self.participant(self.ann).timeline))
