"""Add tags to the contact, or remove them."""

from odoo import Command, api, fields, models

from ..engine.execute import Outcome

TAGS = "res.partner.category"


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(selection_add=[("tag", "Tags")], ondelete={"tag": "cascade"})
    tag_operation = fields.Selection(
        [("add", "Add these tags"), ("remove", "Remove these tags")],
        string="Change",
        default="add",
    )
    contact_tag_ids = fields.Many2many(
        TAGS,
        relation="flow_action_contact_tag_rel",
        column1="action_id",
        column2="tag_id",
        string="Tags",
        help="Contact tags, by which you also find the contacts again.",
    )

    def _run_tag(self, steps):
        """Add the tags to all contacts of the steps at once, or remove them.

        Contract: transactional.
        """
        contact_of, outcomes = steps._contacts()
        field = self._tag_field()
        if field is None:
            reason = self.env._("Such contacts have no tags")
            return outcomes | {step.id: Outcome("skipped", reason) for step in contact_of}
        change = Command.link if self.tag_operation == "add" else Command.unlink
        contacts = self._target().union(*contact_of.values())
        contacts.write({field: [change(tag) for tag in self.contact_tag_ids.ids]})
        return outcomes

    def _tag_field(self):
        """Return the name of the field in which the contacts have their tags, None without."""
        for name, field in self._target()._fields.items():
            if field.type == "many2many" and field.comodel_name == TAGS and field.store:
                return name
        return None

    def _rights_needed(self):
        if self.kind == "tag":
            return {(self.target_model, "write")}
        return super()._rights_needed()

    @api.model
    def _icons(self):
        return {**super()._icons(), "tag": "fa-tags"}

    def _content_missing(self):
        if self.kind == "tag":
            return not (self.tag_operation and self.contact_tag_ids)
        return super()._content_missing()

    @api.depends("tag_operation", "contact_tag_ids.name")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "tag":
            names = ", ".join(self.contact_tag_ids.mapped("name"))
            return names and f"{'−' if self.tag_operation == 'remove' else '+'} {names}"
        return super()._content_in_words()
