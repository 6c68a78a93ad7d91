"""Change a field of the contact."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

TYPES = ("char", "text", "selection", "boolean", "integer", "float", "date", "many2one")


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(
        selection_add=[("field", "Change a field")], ondelete={"field": "cascade"}
    )
    field_id = fields.Many2one(
        "ir.model.fields",
        ondelete="cascade",
        domain=f"[('model', '=', target_model), ('store', '=', True), ('readonly', '=', False),"
        f" ('ttype', 'in', {TYPES})]",
        help="The field of the contact to change.",
    )
    field_value = fields.Char(
        string="New value",
        help="Yes or No for check boxes, 2026-12-31 for dates, the name for linked records."
        " Empty clears the field.",
    )

    @api.constrains("kind", "field_id", "field_value")
    def _check_field_value(self):
        for action in self:
            if action.kind == "field" and action.field_id:
                action._typed_field_value()

    def _run_field(self, steps):
        """Write the value on all contacts of the steps at once. Contract: transactional.

        It is written with the rights of the campaign's responsible.
        """
        contact_of, outcomes = steps._contacts()
        contacts = self._target().union(*contact_of.values())
        contacts.write({self.field_id.name: self._typed_field_value()})
        return outcomes

    def _typed_field_value(self):
        """Return the value as the field's type wants it.

        :raises ValidationError: when the text does not fit the field
        """
        definition = self.field_id
        text = (self.field_value or "").strip()
        if not text:
            return False
        field = self.env[definition.model]._fields[definition.name]
        try:
            match definition.ttype:
                case "boolean":
                    return self._yes_or_no(text)
                case "integer":
                    return int(text)
                case "float":
                    return float(text)
                case "date":
                    return fields.Date.to_date(text)
                case "selection":
                    return self._selection_value(field, text)
                case "many2one":
                    return self._named_record(field.comodel_name, text)
        except ValueError:
            raise ValidationError(
                self.env._(
                    "“%(value)s” is not a value for the field “%(field)s”.",
                    value=text,
                    field=definition.field_description,
                )
            ) from None
        return text

    def _yes_or_no(self, text):
        answers = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
        if text.lower() not in answers:
            raise ValueError(text)
        return answers[text.lower()]

    def _selection_value(self, field, text):
        for value, label in field._description_selection(self.env):
            if text in (value, label):
                return value
        raise ValueError(text)

    def _named_record(self, model, text):
        found = self.env[model].name_search(text, operator="=", limit=2)
        if len(found) != 1:
            raise ValueError(text)
        return found[0][0]

    @api.constrains("kind", "field_id")
    def _check_field_model(self):
        for action in self:
            definition = action.field_id
            if action.kind == "field" and definition and definition.model != action.target_model:
                raise UserError(
                    self.env._("The field belongs to another kind of record than the contacts.")
                )

    @api.model
    def _icons(self):
        return {**super()._icons(), "field": "fa-pencil-square-o"}

    def _content_missing(self):
        if self.kind == "field":
            return not self.field_id
        return super()._content_missing()

    @api.depends("field_id", "field_value")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "field":
            return f"{self.field_id.field_description or ''} = {self.field_value or ''}"
        return super()._content_in_words()
