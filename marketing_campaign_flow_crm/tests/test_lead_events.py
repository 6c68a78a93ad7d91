"""What becomes of leads moves their contacts, and lets them into campaigns."""

from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from .common import LeadCase


@tagged("post_install", "-at_install")
class TestLeadEvents(LeadCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.hot = cls.state("Hot", "goal")
        cls.transition(cls.start, cls.hot, "manual")

    def when(self, kind, **values):
        return self.transition(self.start, self.hot, "event", event_kind=kind, **values)

    def events(self, contact):
        self.run_engine()
        return self.participant(contact).event_ids.sorted("id")

    def test_new_lead_moves_its_contact(self):
        self.when("lead_created", event_least=1000, event_domain="[('name', 'ilike', 'crane')]")
        self.launch()
        self.lead(self.ann, name="Crane", expected_revenue=1000)
        self.lead(self.bob, name="Crane", expected_revenue=999)
        self.lead(self.cleo, name="Truck", expected_revenue=5000)
        self.run_engine()
        self.assertEqual([self.state_of(p) for p in self.partners], ["Hot", "Start", "Start"])

    def test_lead_without_a_contact_is_found_by_its_address(self):
        self.when("lead_created")
        self.launch()
        self.lead(email_from="Bob <BOB@example.com>")
        self.run_engine()
        self.assertEqual(self.state_of(self.bob), "Hot")

    def test_stage_that_is_reached_moves_the_contact(self):
        self.when("lead_stage", event_detail="well*")
        leads = self.lead(self.ann) | self.lead(self.bob, stage_id=self.qualified.id)
        self.launch()
        leads.write({"stage_id": self.qualified.id})
        self.assertEqual(self.events(self.ann).mapped("detail"), ["Well qualified"])
        self.assertFalse(self.events(self.bob), "it was there already")
        self.assertEqual(self.state_of(self.ann), "Hot")

    def test_stage_that_comes_with_another_team_counts(self):
        other = self.env["crm.team"].create({"name": "Asia", "company_id": False})
        self.fresh.team_ids = self.team
        stage = self.env["crm.stage"].create(
            {"name": "Hello Asia", "sequence": 0, "team_ids": other.ids}
        )
        lead = self.lead(self.ann)
        self.when("lead_stage", event_detail=stage.name)
        self.launch()
        lead.team_id = other
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Hot")

    def test_won_counts_once_with_its_value(self):
        lead = self.lead(self.ann, expected_revenue=70)
        self.launch_with("lead_won")
        lead.action_set_won()
        lead.action_set_won()
        won = self.events(self.ann).filtered(lambda event: event.kind == "lead_won")
        self.assertEqual(won.mapped("value"), [70])
        self.assertEqual(won.record_id, lead.id)
        self.assertEqual(self.state_of(self.ann), "Hot")

    def test_lost_counts_once_with_its_reason(self):
        certain, hopeless = self.lead(self.ann, probability=50), self.lead(self.bob, probability=0)
        self.launch_with("lead_lost", event_detail="too dear")
        (certain | hopeless).action_set_lost(lost_reason_id=self.reason.id)
        for contact in (self.ann, self.bob):
            self.assertEqual(self.events(contact).mapped("detail"), ["Too dear"])
            self.assertEqual(self.state_of(contact), "Hot")

    def test_lost_leads_are_found_by_a_filter_though_they_are_archived(self):
        self.launch_with("lead_lost", event_domain="[('expected_revenue', '>', 10)]")
        self.lead(self.ann, expected_revenue=20).action_set_lost()
        self.lead(self.bob, expected_revenue=5).action_set_lost()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Hot")
        self.assertEqual(self.state_of(self.bob), "Start")

    def test_lead_that_is_created_as_won_is_told_after_it_was_created(self):
        self.launch()
        self.lead(self.ann, stage_id=self.won.id, probability=100)
        self.assertEqual(self.events(self.ann).mapped("kind"), ["lead_created", "lead_won"])

    def test_archived_is_not_lost(self):
        lead = self.lead(self.ann, probability=50)
        self.launch()
        lead.action_archive()
        self.assertFalse(self.events(self.ann))

    def test_lead_of_another_company_does_not_count(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.launch_with("lead_created")
        self.lead(self.ann, company_id=other.id, team_id=False)
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Start")
        self.lead(self.ann, company_id=self.campaign.company_id.id, team_id=False)
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Hot")

    def test_many_leads_are_one_call(self):
        leads = self.lead(self.ann) | self.lead(self.bob) | self.lead(self.cleo)
        self.launch()
        calls = []
        record = type(self.env["flow.event"])._record_occurrences

        def counted(events, kind, occurrences):
            if occurrences:
                calls.append((kind, len(occurrences)))
            return record(events, kind, occurrences)

        self.patch(type(self.env["flow.event"]), "_record_occurrences", counted)
        leads.write({"stage_id": self.qualified.id})
        self.assertEqual(calls, [("lead_stage", 3)])

    def test_activity_on_a_lead_is_the_contacts(self):
        lead = self.lead(self.ann)
        self.launch_with("activity_done")
        lead.activity_schedule("mail.mail_activity_data_call").action_done()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Hot")

    def test_events_of_leads_let_contacts_in(self):
        self.campaign.audience_id = False
        self.env["flow.entry"].create(
            {"campaign_id": self.campaign.id, "event_kind": "lead_lost", "event_detail": "too*"}
        )
        self.launch()
        self.lead(self.ann).action_set_lost(lost_reason_id=self.reason.id)
        self.lead(self.bob).action_set_lost()
        self.lead(email_from="cleo@example.com").action_set_lost(lost_reason_id=self.reason.id)
        self.assertEqual(sorted(self.campaign.participant_ids.mapped("name")), ["Ann", "Cleo"])

    def launch_with(self, kind, **values):
        self.when(kind, **values)
        self.launch()

    def colleague_without_leads(self):
        colleague = new_test_user(
            self.env, "no_leads", groups="marketing_campaign_flow.group_flow_user"
        )
        self.assertFalse(self.env["crm.lead"].with_user(colleague).has_access("read"))
        return colleague

    def test_form_hides_the_filter_from_who_may_see_no_leads(self):
        rule = self.when("lead_won").with_user(self.colleague_without_leads())
        with Form(rule) as form:
            self.assertEqual(form.event_detail_words, "Stage")
            self.assertTrue(form._get_modifier("event_domain", "invisible"))

    def test_launch_says_that_the_responsible_may_see_no_leads(self):
        self.when("lead_won", event_domain="[('name', 'ilike', 'crane')]")
        self.campaign.user_id = self.colleague_without_leads()
        with self.assertRaisesRegex(UserError, "no right to see what “Lead won, filtered → Hot”"):
            self.campaign.action_launch()

    def test_launch_says_so_of_ways_in_too(self):
        self.env["flow.entry"].create(
            {
                "campaign_id": self.campaign.id,
                "trigger": "event",
                "event_kind": "lead_created",
                "event_domain": "[('name', 'ilike', 'crane')]",
            }
        )
        self.campaign.user_id = self.colleague_without_leads()
        with self.assertRaisesRegex(UserError, "no right to see what “Lead created, filtered”"):
            self.campaign.action_launch()
