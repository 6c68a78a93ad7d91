"""Before launch: what a campaign would do, reckoned for everybody or tried out with one contact."""

from odoo import models


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def action_simulate(self):
        """Open the dialog that says what is to be expected."""
        self.ensure_one()
        self.check_access("read")
        return self.env["flow.simulation"]._open(self)

    def action_test_run(self):
        """Open the page on which one contact walks through the campaign."""
        self.ensure_one()
        self.check_access("write")
        action = self.env["ir.actions.client"]._for_xml_id(
            "marketing_campaign_flow.flow_trial_action"
        )
        title = self.env._("Test: %s", self.name)
        return {
            **action,
            "name": title,
            "display_name": title,
            "context": {"active_id": self.id, "active_model": self._name},
        }
