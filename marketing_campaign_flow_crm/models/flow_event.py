from odoo import api, models
from odoo.addons.marketing_campaign_flow.models.event_kind import EventKind


class FlowEvent(models.Model):
    _inherit = "flow.event"

    @api.model
    def _kinds(self):
        lead = {"value": self.env._("Expected revenue"), "model": "crm.lead"}
        return {
            **super()._kinds(),
            "lead_created": EventKind(
                self.env._("Lead created"), "fa-star-o", detail=self.env._("Sales team"), **lead
            ),
            "lead_stage": EventKind(
                self.env._("Lead reaches a stage"),
                "fa-step-forward",
                detail=self.env._("Stage"),
                **lead,
            ),
            "lead_won": EventKind(
                self.env._("Lead won"), "fa-trophy", detail=self.env._("Stage"), **lead
            ),
            "lead_lost": EventKind(
                self.env._("Lead lost"),
                "fa-thumbs-o-down",
                detail=self.env._("Lost reason"),
                **lead,
            ),
        }
