from odoo import api, models
from odoo.tools import email_split

from ..engine import signature


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        """Route the answer to an email of a campaign to the contact it was written to.

        Odoo finds the thread by a stored message, of which there is none, and would send the answer
        back to a customer who writes to the catchall address.
        """
        route = self._flow_route(message, message_dict, custom_values)
        if route:
            return [route]
        return super().message_route(message, message_dict, model, thread_id, custom_values)

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        if self._flow_is_automatic(message):
            self = self.with_context(flow_automatic_answer=True)
        return super()._message_route_process(message, message_dict, routes)

    @api.model
    def _flow_route(self, message, message_dict, custom_values):
        """Return the route of an answer to a campaign's email; None leaves it to Odoo."""
        if message_dict.get("is_bounce"):
            return None
        references = message_dict.get("references") or message_dict.get("in_reply_to")
        step_id = signature.step_of_references(self.env, references)
        # sudo: the gateway has no rights of its own; our signature says to whom it was written
        step = self.env["flow.step"].sudo().browse(step_id or []).exists()
        contact = self.env[step.participant_id.target_model or "res.partner"].sudo()
        contact = contact.browse(step.participant_id.res_id or []).exists()
        if not contact or self._flow_is_for_an_alias(message_dict):
            return None
        self._routing_reset_bounce(message, message_dict)
        user = self._mail_find_user_for_gateway(message_dict["email_from"])
        return self._routing_check_route(
            message,
            message_dict,
            (contact._name, contact.id, custom_values, user.id or self.env.uid, None),
            raise_exception=False,
        )

    @api.model
    def _flow_is_for_an_alias(self, message_dict):
        """Return whether an alias is written to, such as a team's, and not catchall."""
        recipients = [email.lower() for email in email_split(message_dict.get("recipients") or "")]
        local_parts = [email.partition("@")[0] for email in recipients]
        # sudo: the gateway has no rights of its own
        return bool(
            self.env["mail.alias"]
            .sudo()
            .search_count(
                [
                    "|",
                    ("alias_full_name", "in", recipients),
                    "&",
                    ("alias_name", "in", local_parts),
                    ("alias_incoming_local", "=", True),
                ],
                limit=1,
            )
        )

    @api.model
    def _flow_is_automatic(self, message):
        """Return whether a program answered, such as an out-of-office assistant."""
        if (message.get("Auto-Submitted") or "no").lower() != "no":
            return True
        return bool(
            message.get("X-Autoreply")
            or message.get("X-Autorespond")
            or (message.get("Precedence") or "").lower() == "auto_reply"
        )
