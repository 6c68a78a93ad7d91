"""Who has had how many turns of an action that goes round among colleagues."""

from odoo import api, fields, models

from ..engine.turns import deal


class FlowTurn(models.Model):
    """Rows are only ever added, one per batch and colleague.

    So two workers never wait for each other nor lose what the other counted; what they did not see
    of each other evens out in the next batch, because those who had the fewest come first.
    """

    _name = "flow.turn"
    _description = "Turns Taken"
    _log_access = False
    _rec_name = "action_id"

    action_id = fields.Many2one(
        "flow.action", required=True, ondelete="cascade", index=True, readonly=True
    )
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade", readonly=True)
    turns = fields.Integer(required=True, readonly=True)

    @api.model
    def _take(self, action, users, count):
        """Return the users whose turn it is, one after the other, and note that they had it.

        :param action: the `flow.action` that goes round; a new version of it starts anew
        :param count: how many turns are to be taken
        """
        taken = dict.fromkeys(users, 0)
        earlier = [("action_id", "=", action.id), ("user_id", "in", users.ids)]
        taken |= dict(self._read_group(earlier, ["user_id"], ["turns:sum"]))
        dealt = deal(taken, count)
        self.create(
            [
                {"action_id": action.id, "user_id": user.id, "turns": dealt.count(user)}
                for user in users
                if user in dealt
            ]
        )
        return dealt
