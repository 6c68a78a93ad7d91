import re

from odoo import api, fields, models


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    flow_step_id = fields.Many2one("flow.step", string="Campaign step", ondelete="set null")
    # Replies and bounces look for it; Odoo has no index there.
    message_id = fields.Char(index="btree_not_null")
    # The frequency cap asks what left for an address.
    email = fields.Char(index="btree_not_null")

    _one_per_step = models.UniqueIndex(
        "(flow_step_id) WHERE flow_step_id IS NOT NULL", "A step has one message."
    )

    def set_opened(self, domain=None):
        traces = super().set_opened(domain)
        self.env["flow.event"]._record_for_traces("opened", traces)
        return traces

    def set_replied(self, domain=None):
        traces = super().set_replied(domain)
        self.env["flow.event"]._record_for_traces("replied", traces)
        return traces

    def set_bounced(self, domain=None, bounce_message=False):
        traces = super().set_bounced(domain, bounce_message=bounce_message)
        self.env["flow.event"]._record_for_traces(
            "bounced", traces, self._kind_of_bounce(bounce_message)
        )
        return traces

    @api.model
    def _kind_of_bounce(self, message):
        """Return ``soft`` where the mail server says that it may work later, else ``hard``.

        By the status code of RFC 3463, of which the first digit tells.
        """
        return "soft" if re.search(r"\b4\.\d{1,3}\.\d{1,3}\b", message or "") else "hard"
