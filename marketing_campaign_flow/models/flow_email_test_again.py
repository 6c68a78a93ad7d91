"""Another test of the versions of an email, once the one before is decided.

What steps and figures are marked with names the test (`engine.arms.mark`), so the new one begins
at nothing, and the messages of the campaign keep what the earlier one has shown.
"""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..engine import database_clock

# Whoever waited for the end of the test before has been told, or would wait for this one as well.
# A worker that writes to somebody by the decision holds the row until that is committed.
BEGIN_AGAIN = """
    UPDATE flow_email_test
       SET number = number + 1, started_at = NULL, look_at = NULL,
           winner = NULL, decided_at = NULL, decided_by_id = NULL, reason = NULL
     WHERE id = %(id)s AND winner IS NOT NULL AND NOT wakes
"""


class FlowEmailTest(models.Model):
    _inherit = "flow.email.test"

    def _in_words(self):
        words = super()._in_words()
        if self.number == 1:
            return words
        return self.env._("Test %(number)s: %(words)s", number=self.number, words=words)

    def _begin_again(self, action):
        """Test the versions of an email anew: whoever comes from now on takes part.

        :param action: the email `flow.action` of the running version of the workflow
        :raises UserError: when the last test is not over, or the new one would be over at once
        """
        self.ensure_one()
        now = database_clock.now(self.env)
        ends_at = action._test_ends_at(now)
        if ends_at and ends_at <= now:
            raise UserError(
                self.env._(
                    "The date on which the test ends has passed: press “Edit workflow” and choose"
                    " another one first."
                )
            )
        self.env.flush_all()
        self.env.cr.execute(SQL(BEGIN_AGAIN, id=self.id))
        if not self.env.cr.rowcount:
            raise UserError(
                self.env._(
                    "The last test is not over yet, or not everybody who waited for its end has"
                    " got the email: try again in a few minutes."
                )
            )
        self.arm_ids.unlink()
        self.invalidate_recordset()
        self._note(action)
        self.campaign_id.message_post(
            body=self.env._(
                "%(person)s has begun test %(number)s of the email “%(email)s”.",
                person=self.env.user.name,
                number=self.number,
                email=action.mailing_id.subject,
            )
        )


class FlowAction(models.Model):
    _inherit = "flow.action"

    def action_test_again(self):
        """Begin another test of the versions of this email, with figures of its own."""
        self.ensure_one()
        self.campaign_id.check_access("write")
        if self.workflow_id != self.campaign_id.workflow_id:
            raise UserError(self.env._("Publish the new version of the workflow first."))
        # sudo: who may change the campaign may test, though not rewrite what the engine noted
        self.env["flow.email.test"]._of(self).sudo()._begin_again(self)
