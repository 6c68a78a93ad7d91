"""Assign a salesperson to the contact."""

from collections import defaultdict

from odoo import api, fields, models

from ..engine.difference import Value
from ..engine.execute import Outcome


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(
        selection_add=[("assign", "Assign a salesperson")], ondelete={"assign": "cascade"}
    )
    assign_to = fields.Selection(
        [
            ("user", "This colleague"),
            ("turns", "Colleagues in turn"),
            ("country", "By country"),
        ],
        string="Who",
        default="user",
        help="In turn means that all of them get as many contacts.",
    )
    assign_user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        ondelete="restrict",
        domain="[('share', '=', False)]",
        help="By country: gets those who come from none of the countries.",
    )
    assign_user_ids = fields.Many2many(
        "res.users",
        relation="flow_action_assign_user_rel",
        column1="action_id",
        column2="user_id",
        string="Salespeople",
        domain="[('share', '=', False)]",
    )
    assignment_ids = fields.One2many(
        "flow.action.assignment", "action_id", string="Countries", copy=True
    )
    assign_only_free = fields.Boolean(
        string="Only where nobody is assigned yet",
        default=True,
        help="Otherwise contacts are taken away from the salesperson they have.",
    )

    def _run_assign(self, steps):
        """Assign the contacts of the steps, one write per salesperson. Contract: transactional."""
        contact_of, outcomes = steps._contacts()
        if "user_id" not in self._target()._fields:
            reason = self.env._("Such contacts have no salesperson")
            return outcomes | {step.id: Outcome("skipped", reason) for step in contact_of}
        free = {}
        for step, contact in contact_of.items():
            if self.assign_only_free and contact.user_id:
                reason = self.env._("Somebody is assigned already")
                outcomes[step.id] = Outcome("skipped", reason)
            else:
                free[step] = contact
        contacts_of = defaultdict(self._target)
        for (step, contact), user in zip(free.items(), self._assigned_users(free), strict=True):
            if user and self._works_here(user):
                contacts_of[user] |= contact
            else:
                reason = self.env._("Nobody is named who could look after the contact")
                outcomes[step.id] = Outcome("skipped", reason)
        for user, contacts in contacts_of.items():
            # One email of Odoo's about each contact would be too many.
            contacts.with_context(mail_auto_subscribe_no_notify=True).write({"user_id": user.id})
        return outcomes

    def _assigned_users(self, free):
        """Return for each contact whom it gets, an empty user where nobody is named.

        :param free: ``{step: contact}``
        """
        match self.assign_to:
            case "turns":
                return self._take_turns(self.assign_user_ids, len(free))
            case "country":
                user_of = {line.country_id: line.user_id for line in self.assignment_ids}
                return [
                    user_of.get(self._country(contact), self.assign_user_id)
                    for contact in free.values()
                ]
        return [self.assign_user_id] * len(free)

    def _country(self, contact):
        if "country_id" in contact._fields:
            return contact.country_id
        return self.env["res.country"]

    def _rights_needed(self):
        if self.kind == "assign":
            return {(self.target_model, "write")}
        return super()._rights_needed()

    @api.model
    def _icons(self):
        return {**super()._icons(), "assign": "fa-user-plus"}

    def _content_missing(self):
        if self.kind == "assign":
            match self.assign_to:
                case "turns":
                    return not self.assign_user_ids
                case "country":
                    return not self.assignment_ids
            return not self.assign_user_id
        return super()._content_missing()

    @api.depends("assign_to", "assign_user_id.name", "assign_user_ids.name")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "assign":
            match self.assign_to:
                case "turns":
                    return ", ".join(self.assign_user_ids.mapped("name"))
                case "country":
                    return self._in_words("assign_to")
            return self.assign_user_id.name or ""
        return super()._content_in_words()

    def _compared_values(self):
        """Who is named for which country belongs to the action, too."""
        values = super()._compared_values()
        if self.assignment_ids:
            lines = self.assignment_ids.sorted(lambda line: line.country_id.id)
            values["assignment_ids"] = Value(
                self.fields_get(["assignment_ids"], ["string"])["assignment_ids"]["string"],
                tuple((line.country_id.id, line.user_id.id) for line in lines),
                ", ".join(f"{line.country_id.name}: {line.user_id.name}" for line in lines),
            )
        return values


class FlowActionAssignment(models.Model):
    _name = "flow.action.assignment"
    _description = "Salesperson for a Country"
    _order = "action_id, id"
    _rec_name = "country_id"

    action_id = fields.Many2one("flow.action", required=True, ondelete="cascade", index=True)
    country_id = fields.Many2one("res.country", required=True, ondelete="restrict")
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        required=True,
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )

    _one_per_country = models.Constraint(
        "UNIQUE(action_id, country_id)", "A country has one salesperson."
    )

    @api.model_create_multi
    def create(self, vals_list):
        assignments = super().create(vals_list)
        assignments.action_id._check_draft()
        return assignments

    def write(self, vals):
        self.action_id._check_draft()
        result = super().write(vals)
        self.action_id._check_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_in_draft(self):
        self.action_id._check_draft()
