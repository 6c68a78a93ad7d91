"""Leads of those who took part, and of those who were held out."""

from odoo.tests import tagged

from .common import LeadCase


@tagged("post_install", "-at_install")
class TestLeadsOfHeldOut(LeadCase):
    def test_leads_and_won_ones_of_both_groups(self):
        people = self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(60)]
        )
        held_out, treated = people[:20], people[20:]
        self.audience.partner_ids = people
        self.campaign.control_audience_id = self.env["flow.audience"].create(
            {"name": "Control", "partner_ids": held_out.ids}
        )
        start, over = self.state("Start", "start"), self.state("Over", "done")
        self.transition(start, over, "timeout", delay_value=1)
        self.email(start)
        earlier = self.lead(treated[0])
        earlier.flush_recordset()
        day_before = (
            "UPDATE crm_lead SET create_date = create_date - interval '1 day' WHERE id = %s"
        )
        self.cr.execute(day_before, [earlier.id])
        self.launch()
        leads = [self.lead(one) for one in treated[1:8]]
        self.lead(treated[1])
        self.lead(email_from=treated[9].email)
        leads[0].action_set_lost()
        leads[1].action_set_won()
        self.lead(held_out[0]).action_set_won()
        self.campaign.with_user(self.user).action_measure_effect()
        found = {(one.outcome, one.who): one.total for one in self.campaign.effect_ids}
        self.assertEqual(found["lead", "treated"], 8)
        self.assertEqual(found["lead", "held_out"], 1)
        self.assertEqual(found["won", "treated"], 1)
        self.assertEqual(found["won", "held_out"], 1)
