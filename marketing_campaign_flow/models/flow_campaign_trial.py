"""Test run: one contact walks through a campaign, and nothing of it stays.

What is asked comes from the browser, so all of it is checked: whether the user may write the
campaign and see the contact, and each order. See `engine.trial` for how it is done.
"""

from datetime import datetime, timedelta

from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import AccessError, UserError
from psycopg2 import errors

from ..engine import database_clock, transaction, trial
from .flow_trial_walk import Walk, whole

MOST_ORDERS = 200
LONGEST = timedelta(days=10 * 366)  # how far the clock may be moved

# Copying for a trial tells nobody.
QUIETLY = {
    "tracking_disable": True,
    "mail_notrack": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_activity_quick_update": True,
    "mail_auto_subscribe_no_notify": True,
}


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def get_trial_contact(self):
        """Return the model and the id of the contact to begin with: the first of the audience."""
        self.ensure_one()
        self.check_access("write")
        contacts = self.env[self.target_model]
        audience = self.audience_id
        first = audience and contacts.search(
            [("id", "in", audience._contact_query())], order="id", limit=1
        )
        if not first and contacts._name == "res.partner":
            first = self.env.user.partner_id
        return {"model": contacts._name, "id": (first and first.id) or False}

    def get_trial(self, contact_id, orders=(), began_at=None, number=None):
        """Let one contact walk through the campaign, and return what has happened.

        Nothing is written: everything is undone before this returns.

        :param contact_id: id of a record of the campaign's target model that the user may see
        :param orders: what is done one after the other, as ``{"do": "next", …}``; see `Walk`
        :param began_at: the moment of the launch, as text; what an earlier answer said
        :param number: the participant's; what an earlier answer said
        :raises UserError: for an order that cannot be carried out, and where the campaign uses
            what the user has no right to see
        :raises AccessError: when the user may not write the campaign or see the contact
        """
        self.ensure_one()
        self.check_access("write")
        contact = self.env[self.target_model].browse(whole(contact_id)).exists()
        if not contact:
            raise UserError(self.env._("Choose a contact who walks through the campaign."))
        contact.check_access("read")
        orders = self._checked_orders(orders)
        number = None if number is None else whole(number)
        began = self._trial_moment(began_at) if began_at else database_clock.now(self.env)
        began = began.replace(microsecond=0)  # as the browser will say it
        self.env.flush_all()
        with transaction.undone(self.env) as env:
            database_clock.set_for_trial(env, began)
            try:
                answer = self.with_env(env)._try_out(contact.with_env(env), orders, number)
            except errors.UniqueViolation as error:
                raise UserError(self.env._("This test is over: begin anew.")) from error
        return {**answer, "began_at": fields.Datetime.to_string(began)}

    def _checked_orders(self, orders):
        orders = list(orders or ())
        if len(orders) > MOST_ORDERS:
            raise UserError(self.env._("This test has become too long: begin anew."))
        known = ("next", "until", "react", "happens", "move", "phase")
        if any(not isinstance(order, dict) or order.get("do") not in known for order in orders):
            raise UserError(self.env._("This cannot be done in a test."))
        return orders

    def _trial_moment(self, text):
        """Return a moment that the browser has sent.

        :raises UserError: when it is none, or is out of reach
        """
        try:
            moment = fields.Datetime.to_datetime(text)
        except (ValueError, TypeError):
            moment = None
        if not isinstance(moment, datetime) or abs(moment - datetime.now()) > LONGEST:
            raise UserError(self.env._("This is no moment to which the clock can be moved."))
        return moment

    # -- in the trial ---------------------------------------------------------------------------

    def _try_out(self, contact, orders, number):
        """Carry out the orders on a copy of this campaign; everything here is undone later."""
        try:
            twin = self.with_context(**QUIETLY)._twin_for_trial()
        except AccessError as error:
            raise UserError(
                self.env._(
                    "The test uses all that the campaign does, and some of it, such as an email or"
                    " a list, you have no right to see. Ask %s to run it.",
                    self.user_id.name,
                )
            ) from error
        problems = twin.workflow_id._problems()
        if problems:
            return {"problems": problems, "lines": [], "letters": [], "choices": {}}
        own_rights = twin._act_for(self.user_id)
        twin._begin_trial()
        # The engine works with all rights and acts with those of the responsible, here as ever.
        env = self.env(user=SUPERUSER_ID, context={})
        campaign = env["flow.campaign"].browse(twin.id)
        target = contact.with_env(env)
        participant = trial.let_in(env, campaign, target, number)
        if not participant:
            raise UserError(self.env._("“%s” cannot come into the campaign.", contact.display_name))
        walk = Walk(env, campaign, participant, self.env.uid)
        walk.wait_until(database_clock.now(env))
        for order in orders:
            getattr(walk, order["do"])(order)
        return walk.told(self.env, own_rights)

    def _twin_for_trial(self):
        """Return a copy of this campaign, with the version of the workflow that is being edited."""
        twin = self.copy({"name": self.name})
        if self.edited_workflow_id != self.workflow_id:
            # sudo: deleting workflows is for managers; this one has never been anybody's
            twin.workflow_id.sudo().unlink()
            self.edited_workflow_id.copy({"campaign_id": twin.id, "version": 1})
        for row in self.phase_row_ids.filtered("date_planned"):
            twin._phase_rows(row.phase_id).write(
                {"opening": row.opening, "date_planned": row.date_planned}
            )
        # sudo: in a trial a phase is opened by a button, without tasks and approvals
        twin.sudo().phase_task_ids.unlink()
        twin.sudo().activity_ids.unlink()
        twin.sudo().phase_row_ids.needs_approval = False
        return twin

    def _act_for(self, responsible):
        """Let the copy act with the rights of whom the campaign acts for, where the user may.

        :return: whether it acts with the user's own rights instead
        """
        try:
            self.user_id = responsible
        except AccessError:
            self.user_id = self.env.user
            return responsible != self.env.user
        return False

    def _begin_trial(self):
        self.workflow_id._publish()
        values = {"sending_rate": 0, "budget_policy": "watch", "on_leaving": "continue"}
        if not (self.audience_id or self.entry_ids):
            values["audience_id"] = self.env["flow.audience"].create({"name": self.name}).id
        self.write(values)
        self.write({"status": "running", "date_start": database_clock.now(self.env)})
        self.env.flush_all()
