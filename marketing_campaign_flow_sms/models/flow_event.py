from odoo import api, models
from odoo.addons.marketing_campaign_flow.models.event_kind import EventKind


class FlowEvent(models.Model):
    _inherit = "flow.event"

    @api.model
    def _kinds(self):
        message = {"of_message": True, "enters": False}
        return {
            **super()._kinds(),
            "sms_sent": EventKind(self.env._("SMS sent"), "fa-mobile", **message),
            "sms_clicked": EventKind(
                self.env._("Link in an SMS clicked"),
                "fa-mouse-pointer",
                url=self.env._("Link"),
                **message,
            ),
            "sms_bounced": EventKind(
                self.env._("SMS not delivered"),
                "fa-exclamation-circle",
                detail=self.env._("Reason"),
                **message,
            ),
        }

    def _record_for_traces(self, kind, traces, detail=None):
        """What Odoo notes on the trace of an SMS is told by events of SMS, not by those of
        emails: who clicks has not opened an email."""
        of_sms = kind.startswith("sms_")
        traces = traces.filtered(lambda trace: (trace.trace_type == "sms") == of_sms)
        return super()._record_for_traces(kind, traces, detail)
