"""What kinds of action have in common that give something to colleagues."""

from odoo import models


class FlowAction(models.Model):
    _inherit = "flow.action"

    def _salesperson(self, contact):
        """Return who looks after the contact, the campaign's responsible where nobody does."""
        return self._at_work(contact["user_id"] if "user_id" in contact._fields else None)

    def _at_work(self, user):
        """Return the user, the campaign's responsible for one that is missing or has left."""
        return user if user and self._works_here(user) else self.campaign_id.user_id

    def _works_here(self, user):
        return user.sudo().active  # sudo: nothing but this of colleagues of whichever company

    def _take_turns(self, users, count):
        """Return those of the users whose turn it is, `count` of them, no one more than others.

        :param users: `res.users`; where there are none it is nobody's turn
        """
        if not users:
            return [users] * count
        # sudo: who had how many turns is kept by the system
        return self.env["flow.turn"].sudo()._take(self, users, count)
