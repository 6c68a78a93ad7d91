"""Plan a to-do about the contact for a colleague."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models

from ..engine import database_clock
from ..engine.execute import Outcome


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(
        selection_add=[("activity", "Plan a to-do")], ondelete={"activity": "cascade"}
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        string="Type of to-do",
        ondelete="restrict",
        domain="[('res_model', 'in', (False, target_model))]",
    )
    activity_summary = fields.Char(string="What is to be done")
    activity_note = fields.Html(string="Details")
    activity_days = fields.Integer(
        string="Due in days", help="Counted from the day on which it is planned. 0: on that day."
    )
    activity_for = fields.Selection(
        [
            ("responsible", "Responsible of the campaign"),
            ("salesperson", "Salesperson of the contact"),
            ("user", "This colleague"),
            ("turns", "Colleagues in turn"),
        ],
        string="For whom",
        default="responsible",
        help="Where a contact has no salesperson it is for the responsible of the campaign. In turn"
        " means that all of them get as many.",
    )
    activity_user_id = fields.Many2one(
        "res.users",
        string="Colleague",
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    activity_user_ids = fields.Many2many(
        "res.users",
        relation="flow_action_activity_user_rel",
        column1="action_id",
        column2="user_id",
        string="Colleagues",
        domain="[('share', '=', False)]",
    )

    _activity_days_positive = models.Constraint(
        "CHECK(activity_days >= 0)", "A to-do cannot be due before it is planned."
    )

    def _run_activity(self, steps):
        """Plan all to-dos of the steps at once. Contract: transactional."""
        contact_of, outcomes = steps._contacts()
        if "activity_ids" not in self._target()._fields:
            reason = self.env._("Such contacts have no to-dos")
            return outcomes | {step.id: Outcome("skipped", reason) for step in contact_of}
        everyone = self._activity_values()
        # A to-do is seen in Odoo; an email about each of them would be too many.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {**everyone, "res_id": contact.id, "user_id": user.id}
                for contact, user in self._activity_users(list(contact_of.values()))
            ]
        )
        return outcomes

    def _activity_values(self):
        """Return what the to-dos of all contacts have in common."""
        model = self.target_model
        kind = self.activity_type_id
        if not kind:  # once for all; Odoo would look for each
            kind = self.env["mail.activity"]._default_activity_type_for_model(model)
        return {
            "res_model_id": self.env["ir.model"]._get_id(model),
            "activity_type_id": kind.id,
            "summary": self.activity_summary,
            "note": self.activity_note,
            "date_deadline": self._activity_deadline(),
            "automated": True,
        }

    def _activity_deadline(self):
        now = database_clock.now(self.env).replace(tzinfo=UTC)
        today = now.astimezone(ZoneInfo(self.campaign_id._timezone())).date()
        return today + timedelta(days=self.activity_days)

    def _activity_users(self, contacts):
        """Return pairs of contact and the user for whom its to-do is."""
        responsible = self.campaign_id.user_id
        match self.activity_for:
            case "salesperson":
                users = [self._salesperson(contact) for contact in contacts]
            case "user":
                users = [self._at_work(self.activity_user_id)] * len(contacts)
            case "turns":
                users = self._take_turns(self.activity_user_ids or responsible, len(contacts))
            case _:
                users = [responsible] * len(contacts)
        return zip(contacts, users, strict=True)

    def _rights_needed(self):
        if self.kind == "activity":
            return {self._right_to_post()}
        return super()._rights_needed()

    @api.model
    def _icons(self):
        return {**super()._icons(), "activity": "fa-check-square-o"}

    def _content_missing(self):
        if self.kind == "activity":
            match self.activity_for:
                case "user":
                    return not (self.activity_summary and self.activity_user_id)
                case "turns":
                    return not (self.activity_summary and self.activity_user_ids)
            return not self.activity_summary
        return super()._content_missing()

    @api.depends("activity_summary")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "activity":
            return self.activity_summary or ""
        return super()._content_in_words()
