"""What the provider tells of an SMS: events of its campaign."""

from odoo import models

HANDED_OVER = ("pending", "sent")
FAILED = ("error", "bounce")


class SmsTracker(models.Model):
    _inherit = "sms.tracker"

    def _update_sms_traces(self, trace_status, failure_type=False, failure_reason=False):
        before = {trace: trace.trace_status for trace in self.mailing_trace_id}
        traces = super()._update_sms_traces(trace_status, failure_type, failure_reason)
        if trace_status in HANDED_OVER:
            fresh = traces.filtered(lambda trace: before[trace] not in HANDED_OVER)
            self.env["flow.event"]._record_for_traces("sms_sent", fresh)
        elif trace_status in FAILED:
            fresh = traces.filtered(lambda trace: before[trace] not in FAILED)
            reasons = dict(fresh._fields["failure_type"]._description_selection(self.env))
            self.env["flow.event"]._record_for_traces(
                "sms_bounced", fresh, reasons.get(failure_type) or failure_reason or None
            )
        return traces

    def _update_sms_mailings(self, trace_status, traces):
        # The SMS of a campaign is never "sent" as a whole: it goes on as long as the campaign.
        others = traces.filtered(lambda trace: not trace.mass_mailing_id.flow_campaign_id)
        return super()._update_sms_mailings(trace_status, others)
