"""What people decide about single steps: run it now, leave it out, try it again."""

from odoo import models
from odoo.exceptions import UserError

from ..engine import by_hand, database_clock


class FlowStep(models.Model):
    _inherit = "flow.step"

    def action_run_now(self):
        """Let planned steps run at once, whatever the hours of their action.

        Rules for all (opt-outs, the frequency cap, quiet hours) hold all the same.

        :raises UserError: when none of them is planned any more
        """
        return self._decide_by_hand("run_now", by_hand.RUN_NOW)

    def action_skip(self):
        """Leave out steps that are planned or have failed; the flow goes on.

        :raises UserError: when all of them have run, or are being sent right now
        """
        left_out = self.env._("Left out by %s", self.env.user.name)
        return self._decide_by_hand("skip", by_hand.SKIP, wake=True, left_out=left_out)

    def action_retry(self):
        """Let failed steps run again, with all their attempts ahead of them.

        :raises UserError: when none of them has failed
        """
        return self._decide_by_hand("retry", by_hand.RETRY)

    def _decide_by_hand(self, kind, statement, **values):
        """Change what is still as the user has seen it, and say so when something is not."""
        self.campaign_id.check_access("write")
        now = database_clock.now(self.env)
        count = by_hand.change(self.env, statement, kind, now, ids=self.ids, **values)
        if not count:
            raise UserError(
                self.env._("Nothing was changed: it has run meanwhile, or is being sent right now.")
            )
        self.env["flow.campaign"]._wake_engine()
        if count == len(self):
            return None
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "message": self.env._(
                    "%(count)s of %(all)s were changed. The others have run meanwhile, or are being"
                    " sent right now.",
                    count=count,
                    all=len(self),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
