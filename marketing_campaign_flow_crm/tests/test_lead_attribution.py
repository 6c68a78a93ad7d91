"""Leads that campaigns brought, and helped to win, and objectives about them."""

from datetime import timedelta

from odoo.addons.marketing_campaign_flow.engine import database_clock
from odoo.tests import tagged

from .common import LeadCase


@tagged("post_install", "-at_install")
class TestLeadAttribution(LeadCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start, cls.over = cls.state("Start", "start"), cls.state("Over", "goal")
        cls.mail = cls.email(cls.start)
        cls.transition(cls.start, cls.over, "timeout", delay_value=60)

    def came_in(self, contact=None, **values):
        """Return a lead that was created at the engine's present."""
        lead = self.lead(contact, **values)
        self.env.flush_all()
        now = database_clock.now(self.env)
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = %s, date_conversion = NULL WHERE id = %s",
            [now, lead.id],
        )
        self.env.invalidate_all()
        return lead

    def win(self, lead):
        lead.action_set_won()
        lead.date_closed = database_clock.now(self.env)

    def refresh(self):
        self.env.flush_all()
        self.env["flow.attribution"]._refresh()
        self.env.invalidate_all()

    def kinds(self, lead, method="last"):
        rows = self.env["flow.attribution"].search(
            [("res_model", "=", "crm.lead"), ("res_id", "=", lead.id), ("method", "=", method)]
        )
        return sorted(rows.mapped("kind"))

    def value(self, metric, **values):
        aim = self.env["flow.objective"].create(
            {"campaign_id": self.campaign.id, "metric": metric, "target": 1, **values}
        )
        return aim.with_user(self.user).value if aim.is_measured else None

    def test_leads_opportunities_and_won(self):
        self.launch()
        opportunity = self.came_in(self.ann, expected_revenue=500)
        lead = self.came_in(self.bob, type="lead")
        stranger = self.came_in(email_from="nobody@example.com")
        won = self.came_in(self.cleo)
        self.win(won)
        self.env["flow.cost"].create(
            {"campaign_id": self.campaign.id, "name": "Design", "amount": 60}
        ).action_confirm()
        self.refresh()
        self.assertEqual(self.kinds(opportunity), ["lead", "opportunity"])
        self.assertEqual(self.kinds(lead), ["lead"])
        self.assertEqual(self.kinds(stranger), [])
        self.assertEqual(self.kinds(won), ["lead", "opportunity", "won"])
        values = {
            "leads": 3,
            "opportunities": 2,
            "won": 1,
            "cost_per_lead": 20,
            "cost_per_acquisition": 60,
        }
        self.assertEqual({metric: self.value(metric) for metric in values}, values)

    def test_a_lead_from_before_the_email_can_still_be_won_by_it(self):
        lead = self.came_in(self.ann)
        self.pass_time(hours=1)
        self.launch()
        self.win(lead)
        self.refresh()
        self.assertEqual(self.kinds(lead), ["won"])
        self.assertIsNone(self.value("cost_per_lead"))

    def test_a_lead_without_a_contact_is_known_by_its_address(self):
        self.launch()
        lead = self.came_in(email_from="Ann <ANN@example.com>")
        self.assertFalse(lead.partner_id)
        self.refresh()
        self.assertEqual(self.kinds(lead), ["lead", "opportunity"])

    def test_odoos_campaign_of_a_lead_counts(self):
        lead = self.came_in(campaign_id=self.campaign.utm_campaign_id.id)
        self.refresh()
        self.assertEqual(self.kinds(lead, "utm"), ["lead", "opportunity"])
        self.assertEqual(self.value("leads", method="utm"), 1)
        self.assertEqual(self.campaign.utm_campaign_id.crm_lead_count, 1)

    def test_deleted_and_reopened_leads_no_longer_count(self):
        self.launch()
        gone, reopened = self.came_in(self.ann), self.came_in(self.bob)
        self.win(reopened)
        self.refresh()
        self.assertEqual(self.value("won"), 1)
        gone.unlink()
        reopened.stage_id = self.fresh
        self.refresh()
        self.assertEqual((self.value("leads"), self.value("won")), (1, 0))

    def test_of_a_campaign_about_leads_only_that_lead_counts(self):
        lead, other = self.came_in(self.ann, email_from="a@example.com"), self.came_in(self.ann)
        audience = self.env["flow.audience"].create(
            {"name": "Leads", "target_model": "crm.lead", "lead_ids": lead.ids}
        )
        self.pass_time(hours=1)
        campaign = self.env["flow.campaign"].create(
            {"name": "Nurture", "audience_id": audience.id, "user_id": self.user.id}
        )
        for name in ("campaign", "workflow"):
            self.addCleanup(setattr, type(self), name, getattr(self, name))
        type(self).campaign, type(self).workflow = campaign, campaign.workflow_id
        campaign.workflow_id.state_ids.unlink()
        self.transition(
            self.state("Begin", "start"), self.state("End", "done"), "timeout", delay_value=90
        )
        self.email(campaign.workflow_id.state_ids[0])
        campaign.action_launch()
        self.run_engine()
        self.win(lead)
        self.win(other)
        self.refresh()
        self.assertEqual((self.kinds(lead), self.kinds(other)), (["won"], []))

    def test_window_ends(self):
        self.launch()
        database_clock.move(self.env, timedelta(days=31).total_seconds())
        lead = self.came_in(self.ann)
        self.refresh()
        self.assertEqual(self.kinds(lead), [])
