"""Record a response: something that happened outside, noted as an event of the participant."""

from odoo import api, fields, models


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(
        selection_add=[("response", "Record a response")], ondelete={"response": "cascade"}
    )
    response_kind = fields.Selection(
        [
            ("response", "Response"),
            ("call", "Call"),
            ("meeting", "Meeting"),
            ("letter", "Letter"),
            ("visit", "Visit"),
            ("other", "Other"),
        ],
        string="What happened",
        default="response",
    )
    response_text = fields.Char(
        string="In words",
        help="Stands in the timeline of the participant; a way out may wait for it.",
    )
    response_value = fields.Float(
        string="Value", help="A number that a way out may ask for, such as an amount; 0 for none."
    )

    def _run_response(self, steps):
        """Record the event for the participants of the steps. Contract: transactional.

        Only in the campaign that does it: what others make of a call is their matter.
        """
        # sudo: events are kept by the system; a campaign may note what it does
        self.env["flow.event"].sudo()._record_for_steps(
            "response",
            steps.ids,
            detail=self._response_in_words(),
            value=self.response_value or None,
        )
        return {}

    def _response_in_words(self):
        """Return “Call: wants an offer”."""
        kinds = dict(self._fields["response_kind"]._description_selection(self.env))
        return ": ".join(filter(None, (kinds.get(self.response_kind), self.response_text)))

    @api.model
    def _icons(self):
        return {**super()._icons(), "response": "fa-comment-o"}

    def _content_missing(self):
        if self.kind == "response":
            return not self.response_kind
        return super()._content_missing()

    @api.depends("response_kind", "response_text")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "response":
            return self._response_in_words()
        return super()._content_in_words()
