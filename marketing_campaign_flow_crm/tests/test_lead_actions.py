"""Leads that campaigns create, change and close, with the rights of their responsible."""

from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged

from .common import LeadCase


@tagged("post_install", "-at_install")
class TestLeadActions(LeadCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.over = cls.state("Over", "done")
        cls.transition(cls.start, cls.over, "done")
        cls.seller = new_test_user(
            cls.env, "seller", groups="sales_team.group_sale_salesman_all_leads"
        )
        cls.utm = cls.campaign.utm_campaign_id

    def test_lead_is_created_with_everything(self):
        tag = self.env["crm.tag"].create({"name": "Fair"})
        medium = self.env["utm.medium"].create({"name": "Stand"})
        source = self.env["utm.source"].create({"name": "Fair 2026"})
        self.action(
            self.start,
            "lead_create",
            lead_type="lead",
            lead_name="{contact} at the fair",
            lead_team_id=self.team.id,
            lead_salesperson="fixed",
            lead_user_id=self.seller.id,
            lead_stage_id=self.qualified.id,
            lead_priority="2",
            lead_tag_ids=tag.ids,
            lead_medium_id=medium.id,
            lead_source_id=source.id,
            lead_description="Came by\nthe stand",
        )
        self.launch()
        lead = self.leads_of(self.ann)
        self.assertEqual((lead.name, lead.type, lead.priority), ("Ann at the fair", "lead", "2"))
        self.assertEqual((lead.user_id, lead.stage_id), (self.seller, self.qualified))
        self.assertEqual((lead.tag_ids, lead.medium_id, lead.source_id), (tag, medium, source))
        self.assertEqual((lead.campaign_id, lead.company_id), (self.utm, self.campaign.company_id))
        self.assertEqual(lead.email_from, "ann@example.com")
        self.assertEqual(lead.create_uid, self.user)
        self.assertIn("Came by<br", lead.description)
        self.assertEqual(self.steps(self.ann).status, "done")
        self.assertEqual(self.state_of(self.ann), "Over")

    def test_title_is_the_campaign_and_the_contact(self):
        self.action(self.start, "lead_create")
        self.launch()
        self.assertEqual(self.leads_of(self.bob).name, "Invitation: Bob")
        self.assertFalse(self.leads_of(self.bob).user_id)

    def test_salesperson_is_the_contacts_own(self):
        self.ann.user_id = self.seller
        self.action(self.start, "lead_create", lead_salesperson="contact")
        self.launch()
        self.assertEqual(self.leads_of(self.ann).user_id, self.seller)
        self.assertFalse(self.leads_of(self.bob).user_id)

    def test_salesperson_is_whom_the_team_assigns(self):
        self.team.user_id = self.seller
        self.env["ir.config_parameter"].set_param("crm.lead.auto.assignment", False)
        self.action(self.start, "lead_create", lead_salesperson="team", lead_team_id=self.team.id)
        self.launch()
        self.assertEqual(self.leads_of(self.ann).user_id, self.seller)
        self.assertEqual(self.leads_of(self.ann).team_id, self.team)

    def test_salesperson_has_to_be_said(self):
        for salesperson in ("fixed", "team"):
            with self.assertRaises(ValidationError):
                self.action(self.start, "lead_create", lead_salesperson=salesperson)

    def test_responsible_without_rights_is_told(self):
        create = self.action(self.start, "lead_create")
        update = self.action(self.start, "lead_update", lead_priority="1")
        self.campaign.action_launch()
        self.user.group_ids -= self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.user.group_ids -= self.env.ref("sales_team.group_sale_salesman")
        self.assertIn("has no right to create", "".join(create._problems()))
        self.assertIn("has no right to change", "".join(update._problems()))
        self.run_engine()
        self.assertFalse(self.leads_of(self.ann))
        for step in self.steps(self.ann):
            self.assertEqual(step.status, "scheduled", "it is tried again")
            self.assertIn("no right to create or change leads", step.reason)
        self.assertIn(update, self.steps(self.ann).action_id)

    def test_newest_lead_of_the_campaign_is_changed(self):
        ours = [self.lead(self.ann, campaign_id=self.utm.id) for _ in range(2)]
        newer = self.lead(self.ann)
        self.move_to_qualified()
        self.assertEqual(ours[1].stage_id, self.qualified)
        self.assertEqual((ours[0] | newer).stage_id, self.fresh)

    def test_newest_lead_of_the_contact_is_changed_where_the_campaign_has_none(self):
        old, newer = self.lead(self.ann), self.lead(self.ann)
        closed = self.lead(self.ann)
        closed.action_set_lost()
        self.move_to_qualified()
        self.assertEqual(newer.stage_id, self.qualified)
        self.assertEqual((old | closed).stage_id, self.fresh)

    def test_closed_lead_of_the_campaign_is_not_meant(self):
        self.lead(self.ann, campaign_id=self.utm.id).action_set_won()
        still_open = self.lead(self.ann)
        self.move_to_qualified()
        self.assertEqual(still_open.stage_id, self.qualified)

    def test_lead_is_found_by_its_address(self):
        lead = self.lead(email_from="ann@example.com")
        self.move_to_qualified()
        self.assertEqual(lead.stage_id, self.qualified)

    def move_to_qualified(self, **values):
        self.action(self.start, "lead_update", lead_stage_id=self.qualified.id, **values)
        self.launch()

    def test_where_there_is_no_lead_the_step_is_skipped(self):
        self.move_to_qualified()
        step = self.steps(self.ann)
        self.assertEqual((step.status, step.reason), ("skipped", "No open lead"))
        self.assertFalse(self.leads_of(self.ann))
        self.assertEqual(self.state_of(self.ann), "Over")

    def test_where_there_is_no_lead_it_is_created(self):
        mine = self.lead(self.ann)
        self.move_to_qualified(lead_missing="create", lead_name="New: {contact}")
        self.assertEqual(self.leads_of(self.ann), mine)
        lead = self.leads_of(self.bob)
        self.assertEqual((lead.name, lead.stage_id), ("New: Bob", self.qualified))
        self.assertEqual(self.steps(self.bob).status, "done")

    def test_tags_are_added_and_what_is_not_said_stays(self):
        kept, added = self.env["crm.tag"].create([{"name": "Kept"}, {"name": "Added"}])
        lead = self.lead(self.ann, tag_ids=kept.ids, priority="1", user_id=self.seller.id)
        self.action(self.start, "lead_update", lead_tag_ids=added.ids)
        self.launch()
        self.assertEqual(lead.tag_ids, kept | added)
        self.assertEqual((lead.priority, lead.user_id), ("1", self.seller))

    def test_update_that_changes_nothing_is_not_launched(self):
        self.action(self.start, "lead_update")
        self.assertTrue(self.workflow._problems())

    def test_lead_is_won(self):
        lead = self.lead(self.ann)
        self.action(self.start, "lead_close", lead_outcome="won")
        self.launch()
        self.assertEqual((lead.won_status, lead.stage_id.is_won), ("won", True))
        self.assertEqual(self.steps(self.bob).status, "skipped")

    def test_lead_is_lost_for_a_reason(self):
        lead = self.lead(self.ann)
        self.action(
            self.start, "lead_close", lead_outcome="lost", lead_lost_reason_id=self.reason.id
        )
        self.launch()
        self.assertEqual((lead.won_status, lead.lost_reason_id), ("lost", self.reason))

    def test_actions_are_told_in_words(self):
        close = self.action(
            self.start, "lead_close", lead_outcome="lost", lead_lost_reason_id=self.reason.id
        )
        update = self.action(
            self.start, "lead_update", lead_stage_id=self.qualified.id, lead_team_id=self.team.id
        )
        self.assertEqual(close.display_name, "Mark lead won or lost: Lost, Too dear")
        self.assertEqual(update.display_name, "Update lead: Well qualified, Europe")
        self.assertEqual(close.icon, "fa-trophy")
