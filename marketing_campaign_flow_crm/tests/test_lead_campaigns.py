"""Campaigns about leads: the lead itself takes part."""

from odoo import Command
from odoo.tests import Form, new_test_user, tagged

from .common import LeadCase


@tagged("post_install", "-at_install")
class TestLeadCampaigns(LeadCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann.tz = "Asia/Tokyo"
        cls.anns = cls.lead(cls.ann, name="Crane")
        cls.dans = cls.lead(
            name="Truck",
            contact_name="Dan",
            email_from="Dan <dan@example.com>",
            phone="+3212345678",
        )
        cls.leads = cls.anns | cls.dans
        cls.campaign.audience_id = cls.env["flow.audience"].create(
            {
                "name": "Leads",
                "target_model": "crm.lead",
                "use_criteria": True,
                "domain": str([("id", "in", cls.leads.ids)]),
            }
        )
        cls.start = cls.state("Start", "start")
        cls.second = cls.state("Second")
        cls.over = cls.state("Over", "done")
        cls.transition(cls.start, cls.second, "manual")
        cls.transition(cls.second, cls.over, "manual")

    def events(self, lead):
        self.run_engine()
        return self.participant(lead).event_ids.sorted("id").mapped("kind")

    def test_leads_take_part_with_their_contacts(self):
        self.assertEqual(self.campaign.audience_id.reachable_count, 2)
        self.launch()
        people = self.participant(self.anns) | self.participant(self.dans)
        self.assertEqual(people.mapped("name"), ["Ann", "Dan"])
        self.assertEqual(people.mapped("email_key"), ["ann@example.com", "dan@example.com"])
        self.assertEqual(people.partner_id, self.ann)

    def test_leads_get_emails(self):
        self.email(self.start, "News of your project")
        self.launch()
        self.assertEqual(
            sorted(mail["email_to"][0] for mail in self.sent),
            ["ann@example.com", "dan@example.com"],
        )
        self.assertIn(
            "Dear Truck", next(m["body"] for m in self.sent if "dan@" in m["email_to"][0])
        )

    def test_salesperson_of_the_lead_writes(self):
        email = self.email(self.start, "From {{ object.flow_salesperson_name }}")
        email.mailing_id.flow_from_salesperson = True
        seller = new_test_user(self.env, "lead_seller", name="Sam", email="sam@shop.example")
        self.anns.user_id = seller
        self.dans.user_id = False
        preview = email.mailing_id.with_user(self.user)._flow_sample(self.anns)
        self.assertEqual(preview.subject, "From Sam")
        self.launch()
        sent = {mail["email_to"][0]: mail for mail in self.sent}
        self.assertIn("sam@shop.example", str(sent["ann@example.com"]["message"]["From"]))
        self.assertEqual(sent["dan@example.com"]["subject"], f"From {self.user.name}")

    def test_leads_get_emails_in_their_own_language(self):
        german = self.env["res.lang"]._activate_lang("de_DE")
        email = self.email(self.start, "News of your project")
        email.variant_ids = [Command.create({"lang_id": german.id})]
        email.variant_ids.mailing_id.subject = "Neues von Ihrem Projekt"
        self.anns.lang_id, self.ann.lang = german, "en_US"
        self.launch()
        subjects = {mail["email_to"][0]: mail["subject"] for mail in self.sent}
        self.assertEqual(subjects["ann@example.com"], "Neues von Ihrem Projekt")
        self.assertEqual(subjects["dan@example.com"], "News of your project")

    def test_hours_are_those_of_the_contact(self):
        self.action(
            self.start,
            "field",
            field_id=self.env["ir.model.fields"]._get("crm.lead", "function").id,
            field_value="Buyer",
            use_window=True,
            saturday=True,
            sunday=True,
            hour_from=0,
            hour_to=0,
        )
        self.launch()
        columns = self.campaign._target_columns()
        self.env.cr.execute("SELECT tz FROM res_partner WHERE id = %s", [self.ann.id])
        self.assertEqual(self.env.cr.fetchone(), ("Asia/Tokyo",))
        self.assertIn("res_partner", columns["zone"].code)
        self.assertEqual(self.leads.mapped("function"), ["Buyer", "Buyer"])

    def test_only_the_lead_itself_has_done_it(self):
        other = self.lead(self.ann, name="Another")
        self.launch()
        other.action_set_won()
        self.assertEqual(self.events(self.anns), [])
        self.anns.stage_id = self.qualified
        self.assertEqual(self.events(self.anns), ["lead_stage"])

    def test_what_the_contact_does_counts_for_its_lead(self):
        self.launch()
        self.env["flow.event"]._record("custom", self.ann)
        self.assertEqual(self.events(self.anns), ["custom"])

    def test_lost_lead_goes_on_where_the_workflow_says(self):
        self.transition(
            self.start,
            self.second,
            "event",
            event_kind="lead_lost",
            guard="[('name', '=', 'Crane')]",
        )
        self.action(
            self.second,
            "field",
            field_id=self.env["ir.model.fields"]._get("crm.lead", "function").id,
            field_value="Asked why",
        )
        self.launch()
        self.anns.action_set_lost(lost_reason_id=self.reason.id)
        self.run_engine()
        self.assertEqual(self.state_of(self.anns), "Second")
        self.assertEqual(self.anns.function, "Asked why")

    def test_archived_lead_leaves(self):
        self.launch()
        self.anns.action_archive()
        self.assertEqual(self.participant(self.anns).end_kind, "archived")

    def test_deleted_lead_leaves(self):
        self.launch()
        run = self.participant(self.dans)
        self.dans.unlink()
        self.assertEqual((run.status, run.end_kind), ("ended", "deleted"))

    def test_merged_leads_go_on_as_one_run(self):
        self.launch()
        dans, anns = self.participant(self.dans), self.participant(self.anns)
        dans.with_user(self.user).action_move(self.second.id)
        kept = self.leads.merge_opportunity()
        self.assertEqual((dans.res_id, dans.status), (kept.id, "active"))
        self.assertEqual(anns.end_kind, "merged")
        self.assertEqual(dans.partner_id, kept.partner_id)

    def test_contacts_behind_merged_contacts_follow(self):
        self.launch()
        run = self.participant(self.anns)
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((self.ann | self.bob).ids, self.bob)
        self.env.invalidate_all()
        self.assertEqual((run.partner_id, run.status), (self.bob, "active"))

    def test_lead_that_becomes_a_customers_is_the_customers(self):
        self.launch()
        self.dans._handle_partner_assignment(create_missing=True)
        self.assertTrue(self.dans.partner_id)
        self.assertEqual(self.participant(self.dans).partner_id, self.dans.partner_id)

    def test_actions_are_about_the_lead_itself(self):
        self.lead(self.ann, campaign_id=self.campaign.utm_campaign_id.id)
        self.action(self.start, "lead_update", lead_stage_id=self.qualified.id)
        self.action(self.start, "lead_close", lead_outcome="lost", timing="delay")
        self.launch()
        self.assertEqual(self.leads.stage_id, self.qualified)
        self.pass_time(days=1, hours=1)
        self.assertEqual(self.leads.mapped("won_status"), ["lost", "lost"])

    def test_lead_can_lead_to_another(self):
        self.action(self.start, "lead_create", lead_name="Follow-up of {contact}")
        self.launch()
        new = self.env["crm.lead"].search([("name", "like", "Follow-up")], order="name")
        self.assertEqual(new.mapped("email_normalized"), ["ann@example.com", "dan@example.com"])
        self.assertEqual(new[1].contact_name, "Dan")

    def test_lost_lead_comes_in_by_being_lost(self):
        self.env["flow.entry"].create({"campaign_id": self.campaign.id, "event_kind": "lead_lost"})
        self.campaign.audience_id.domain = str([("id", "=", self.dans.id)])
        self.launch()
        self.anns.action_set_lost()
        self.run_engine()
        self.assertEqual(self.state_of(self.anns), "Start")

    def test_taken_out_lead_is_put_back_with_what_is_known_now(self):
        self.launch()
        run = self.participant(self.dans).with_user(self.user)
        run.action_take_out()
        self.dans.write({"partner_id": self.bob.id, "contact_name": "Daniel"})
        run.action_put_back()
        again = self.participant(self.dans) - run
        self.assertEqual((again.name, again.partner_id), ("Daniel", self.bob))

    def test_answers_reach_the_lead(self):
        self.email(self.start)
        self.launch()
        step = self.steps(self.dans)
        self.assertEqual(self.trace(self.dans).model, "crm.lead")
        self.assertEqual(self.trace(self.dans).res_id, self.dans.id)
        self.assertEqual(step.status, "done")

    def test_points_go_to_the_contact_behind_the_lead(self):
        self.action(self.start, "points", points_amount=7)
        self.launch()
        self.assertEqual(self.ann.flow_points, 7)
        self.assertEqual(self.steps(self.dans).status, "skipped")

    def test_people_who_are_let_in_by_address_become_leads(self):
        self.launch()
        self.env["flow.enrolment"].with_user(self.user).create(
            {"campaign_id": self.campaign.id, "email": "eve@example.com", "name": "Eve"}
        )
        lead = self.env["crm.lead"].search([("email_normalized", "=", "eve@example.com")])
        self.assertEqual(self.participant(lead).email_key, "eve@example.com")

    def test_form_says_which_lead_is_meant(self):
        action = self.action(self.start, "lead_update", lead_priority="1")
        form = Form(action.with_user(self.user))
        form.lead_stage_id = self.qualified
        form.save()
        self.assertEqual(action.target_model, "crm.lead")

    def test_form_for_people_without_rights_on_leads(self):
        self.user.group_ids -= self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.user.group_ids -= self.env.ref("sales_team.group_sale_salesman")
        tag = self.env["crm.tag"].create({"name": "Fair"})
        action = self.action(self.start, "lead_create", lead_tag_ids=tag.ids)
        Form(action.with_user(self.user)).save()
        self.assertTrue(action.with_user(self.user)._compared_values())
