from odoo import api, models
from odoo.addons.marketing_campaign_flow.models.event_kind import EventKind


class FlowEvent(models.Model):
    _inherit = "flow.event"

    @api.model
    def _kinds(self):
        _ = self.env._
        lead = {"value": _("Expected revenue"), "model": "crm.lead"}
        return {
            **super()._kinds(),
            "lead_created": EventKind(_("Lead created"), "fa-star-o", detail=_("team"), **lead),
            "lead_stage": EventKind(
                _("Lead reaches a stage"), "fa-step-forward", detail=_("stage"), **lead
            ),
            "lead_won": EventKind(_("Lead won"), "fa-trophy", detail=_("stage"), **lead),
            "lead_lost": EventKind(_("Lead lost"), "fa-thumbs-o-down", detail=_("reason"), **lead),
        }
