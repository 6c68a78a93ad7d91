"""Record a response or an interaction of participants, or of contacts, by hand."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine import by_hand, contact_events, database_clock
from ..models.chosen import chosen_domain


class FlowResponse(models.TransientModel):
    _name = "flow.response"
    _description = "Record a Response"

    @api.model
    def _kinds_of_response(self):
        field = self.env["flow.action"]._fields["response_kind"]
        return field._description_selection(self.env)

    kind = fields.Selection("_kinds_of_response", string="What happened", default="call")
    text = fields.Char(string="In words", help="A way out may wait for these words.")
    value = fields.Float(help="A number that a way out may ask for, such as an amount.")
    occurred_at = fields.Datetime(
        string="When", required=True, default=lambda self: database_clock.now(self.env)
    )
    target_model = fields.Char(readonly=True, default=lambda self: self._active("active_model"))
    contact_count = fields.Integer(readonly=True, default=lambda self: len(self._active_ids()))

    @api.model
    def _active(self, key):
        return self.env.context.get(key)

    @api.model
    def _active_ids(self):
        return self._active("active_ids") or []

    @api.constrains("occurred_at")
    def _check_occurred_at(self):
        now = database_clock.now(self.env)
        for wizard in self:
            if wizard.occurred_at > now:
                raise ValidationError(self.env._("What is to be recorded has happened."))

    def action_record(self):
        """Write the response down: for participants in their campaign, for contacts in each
        campaign in which they are under way."""
        self.ensure_one()
        chosen = self.env[self.target_model].browse(self._active_ids())
        kinds = dict(self._kinds_of_response())
        detail = ": ".join(filter(None, (kinds.get(self.kind), self.text)))
        details = {"detail": detail, "value": self.value or None}
        if chosen._name == "flow.participant":
            chosen.check_access("write")
            participants = by_hand.chosen(self.env["flow.participant"], chosen_domain(chosen))
            count = by_hand.respond(self.env, participants, moment=self.occurred_at, **details)
        else:
            chosen.check_access("read")
            occurrences = [
                contact_events.Occurrence.of(
                    contact,
                    occurred_at=self.occurred_at,
                    company_id=self.env.company.id,
                    user_id=self.env.uid,
                    **details,
                )
                for contact in chosen
            ]
            # sudo: events are kept by the system; of whom the user may tell was looked up
            events = self.env["flow.event"].sudo()
            count = events._record_occurrences("response", occurrences)
        if not count:
            raise UserError(self.env._("They are in no campaign at the moment."))
        self.env["flow.campaign"]._wake_engine()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Recorded: %s.", detail),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
