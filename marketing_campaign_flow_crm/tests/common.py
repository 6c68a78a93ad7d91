"""The world of the tests of this bridge: a salesperson's campaign and a pipeline."""

from odoo.addons.marketing_campaign_flow.tests.common import FlowCase


class LeadCase(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user.group_ids += cls.env.ref("sales_team.group_sale_salesman_all_leads")
        cls.team = cls.env["crm.team"].create({"name": "Europe", "company_id": False})
        cls.fresh, cls.qualified, cls.won = cls.env["crm.stage"].create(
            [
                {"name": "Fresh", "sequence": 1},
                {"name": "Well qualified", "sequence": 2},
                {"name": "Signed", "sequence": 99, "is_won": True},
            ]
        )
        cls.reason = cls.env["crm.lost.reason"].create({"name": "Too dear"})

    @classmethod
    def lead(cls, contact=None, **values):
        return cls.env["crm.lead"].create(
            {
                "name": "A lead",
                "type": "opportunity",
                "partner_id": contact and contact.id,
                "stage_id": cls.fresh.id,
                "user_id": False,
                "team_id": cls.team.id,
                **values,
            }
        )

    def leads_of(self, contact):
        leads = self.env["crm.lead"].with_context(active_test=False)
        return leads.search([("partner_id", "=", contact.id)], order="id")
