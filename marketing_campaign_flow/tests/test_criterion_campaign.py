"""Criteria on how people reacted, and where they are in campaigns."""

from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..engine import database_clock
from .test_criterion import CriterionCase


@tagged("post_install", "-at_install")
class TestCriterionCampaign(CriterionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.hot = cls.state("Hot", "goal")
        cls.mail = cls.email(cls.start)
        cls.transition(cls.start, cls.hot, "event", event_kind="replied")

    def setUp(self):
        super().setUp()
        self.campaign.audience_id = self.env["flow.audience"].create(
            {"name": "Two", "partner_ids": (self.ann + self.bob).ids}
        )
        self.launch()

    def reaction(self, reaction, **values):
        return {"kind": "reaction", "reaction": reaction, **values}

    def test_emails_received_opened_clicked_and_replied_to(self):
        self.trace(self.ann).set_opened()
        self.trace(self.bob).set_replied()
        self.run_engine()
        twin = self.campaign.copy()
        of_campaign = {"campaign_scope": "one", "campaign_id": self.campaign.id}
        for block, expected in (
            (self.reaction("received"), "Ann Bob"),
            (self.reaction("received", side="not"), "Cleo"),
            (self.reaction("received", times=2), ""),
            (self.reaction("opened"), "Ann"),
            (self.reaction("opened", **of_campaign), "Ann"),
            (self.reaction("opened", **{**of_campaign, "campaign_id": twin.id}), ""),
            (self.reaction("opened", side="not"), "Bob Cleo"),
            (self.reaction("replied"), "Bob"),
            (self.reaction("clicked"), ""),
            ({"all": [self.reaction("received"), self.reaction("opened", side="not")]}, "Bob"),
            ({"any": [self.reaction("opened"), self.reaction("replied")]}, "Ann Bob"),
            ({"none": [self.reaction("opened"), self.reaction("replied")]}, "Cleo"),
        ):  # fmt: skip
            self.assertEqual(self.found(block), expected, block)

    def test_reactions_grow_old(self):
        self.trace(self.ann).set_opened()
        database_clock.move(self.env, timedelta(days=31).total_seconds())
        for reaction in ("received", "opened"):
            self.assertEqual(self.found(self.reaction(reaction, days=30)), "")
            self.assertTrue(self.found(self.reaction(reaction, days=32)))

    def test_links_that_were_clicked(self):
        step = self.steps(self.ann)
        url = "https://shop.example/offer"
        self.env["flow.event"]._record_for_steps("clicked", step.ids, url=url)
        self.env["flow.event"]._record_for_steps(
            "clicked", self.steps(self.bob).ids, url=url, is_machine=True
        )
        self.run_engine()
        self.assertEqual(self.found(self.reaction("clicked", text="https://shop.*")), "Ann")
        self.assertEqual(self.found(self.reaction("clicked", text="https://other.*")), "")
        self.assertEqual(self.found(self.reaction("clicked")), "Ann")

    def test_links_in_other_mailings_count_as_well(self):
        mailing = self.env["mailing.mailing"].create(
            {"subject": "News", "mailing_model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        trace = self.env["mailing.trace"].create(
            {
                "mass_mailing_id": mailing.id,
                "model": "res.partner",
                "res_id": self.cleo.id,
                "email": "cleo@example.com",
                "trace_status": "sent",
            }
        )
        link = self.env["link.tracker"].create({"url": "https://shop.example/news", "title": "N"})
        self.env["link.tracker.click"].create({"link_id": link.id, "mailing_trace_id": trace.id})
        trace.set_clicked()
        self.assertEqual(self.found(self.reaction("received")), "Ann Bob Cleo")
        self.assertEqual(self.found(self.reaction("clicked", text="*/news")), "Cleo")

    def test_who_was_written_to_at_the_same_address_was_written_to(self):
        self.env["mailing.contact"].create(
            {"name": "Ann by list", "email": "ann@example.com", "tag_ids": self.tested.ids}
        )
        received = self.reaction("received")
        self.assertEqual(self.found(received, target_model="mailing.contact"), "Ann by list")

    def test_emails_of_other_companies_do_not_count(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.campaign.sudo().company_id = other
        self.assertEqual(self.found(self.reaction("received")), "")

    # -- campaigns ---------------------------------------------------------------------------

    def participation(self, participation, **values):
        values = {"campaign_scope": "one", "campaign_id": self.campaign.id, **values}
        return {"kind": "participation", "participation": participation, **values}

    def test_where_they_are_in_campaigns(self):
        self.trace(self.bob).set_replied()
        self.run_engine()
        in_start = {"flow_state_id": self.start.id}
        for block, expected in (
            (self.participation("in"), "Ann"),
            (self.participation("in", campaign_scope="any"), "Ann"),
            (self.participation("in", side="not"), "Bob Cleo"),
            (self.participation("was"), "Bob"),
            (self.participation("goal"), "Bob"),
            (self.participation("ever"), "Ann Bob"),
            (self.participation("ever", days=30), "Ann Bob"),
            (self.participation("ever", side="not"), "Cleo"),
            (self.participation("state", **in_start), "Ann"),
            (self.participation("state", flow_state_id=self.hot.id), ""),
        ):
            self.assertEqual(self.found(block), expected, block)
        words = self.audience_of(self.participation("state", **in_start)).criterion_ids.display_name
        self.assertEqual(words, "Is in Start of “Invitation”")

    def test_state_is_the_same_in_the_next_version(self):
        audience = self.audience_of(self.participation("state", flow_state_id=self.start.id))
        self.campaign.action_edit_workflow()
        self.campaign._publish_draft({})
        self.assertNotEqual(self.campaign.workflow_id, self.start.workflow_id)
        self.assertEqual(self.names(audience.with_user(self.user)), "Ann Bob")

    def test_campaigns_of_other_companies_are_not_looked_into(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.campaign.sudo().company_id = other
        self.assertEqual(self.found(self.participation("in", campaign_scope="any")), "")
        audience = self.audience_of(self.participation("in")).with_user(self.user)
        self.assertTrue(audience.criterion_ids.problem)
        self.assertEqual(audience.contact_count, 0)

    def test_mailing_contacts_take_part_by_their_address(self):
        self.env["mailing.contact"].create(
            {"name": "Ann by list", "email": "ann@example.com", "tag_ids": self.tested.ids}
        )
        found = self.found(self.participation("in"), target_model="mailing.contact")
        self.assertEqual(found, "Ann by list")

    def test_audience_of_blocks_is_enrolled_and_a_broken_one_is_told(self):
        follow_up = self.campaign.copy({"name": "Follow up"})
        follow_up.audience_id = self.audience_of(self.participation("in"))
        follow_up.action_launch()
        self.run_engine()
        self.assertEqual(set(follow_up.participant_ids.mapped("name")), {"Ann", "Bob"})
        follow_up.keep_in_sync = True
        self.env.cr.execute("UPDATE flow_criterion SET campaign_id = NULL")
        self.env.invalidate_all()
        with mute_logger("odoo.addons.marketing_campaign_flow.engine.tick"):
            self.pass_time(hours=2)
        self.assertEqual(
            set(
                follow_up.participant_ids.filtered(lambda run: run.status != "ended").mapped("name")
            ),
            {"Ann", "Bob"},
        )
        self.assertIn("Nobody can be found", str(follow_up.activity_ids.mapped("note")))
