"""Change a field of the contact: to a fixed value, to that of another field, or to a day."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..engine import clock, database_clock
from ..engine.difference import Value

TYPES = ("char", "text", "selection", "boolean", "integer", "float", "date", "many2one")

# From which types a value can be taken over, where it is not the very same type.
ALSO_FROM = {"char": ("text",), "text": ("char",), "float": ("integer",), "date": ("datetime",)}

# What says what is written; compared and told as one value.
VALUE_FIELDS = frozenset(
    {"field_value", "field_record_id", "field_from", "field_source_id", "field_days"}
)


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
    field_type = fields.Selection(related="field_id.ttype", string="Type of the field")
    field_relation = fields.Char(related="field_id.relation", string="Model of the field")
    field_from = fields.Selection(
        [
            ("value", "A fixed value"),
            ("field", "Another field of the contact"),
            ("today", "A day counted from today"),
        ],
        string="New value from",
        default="value",
    )
    field_value = fields.Char(
        string="New value",
        help="Yes or No for check boxes, 2026-12-31 for dates, the name for linked records."
        " Empty clears the field.",
    )
    field_source_id = fields.Many2one(
        "ir.model.fields",
        string="Take it from",
        ondelete="cascade",
        domain="[('model', '=', target_model), ('store', '=', True), ('id', '!=', field_id),"
        " ('ttype', '=', field_type), ('relation', '=', field_relation)]",
        help="The contact's own value of this field is written.",
    )
    field_days = fields.Integer(
        string="Days from today", help="0 is the day on which the action runs, -1 the day before."
    )
    # The linked record itself; `field_value` has its name, for people.
    field_record_id = fields.Many2oneReference(
        string="New record", model_field="field_relation", help="Empty clears the field."
    )
    # Editors of `field_value`, one for each type.
    field_editor = fields.Char(compute="_compute_field_editor")
    field_yes_no = fields.Selection(
        [("yes", "Yes"), ("no", "No")],
        string="Yes or no",
        compute="_compute_typed_values",
        inverse="_inverse_typed_values",
    )
    field_integer = fields.Integer(
        string="Whole number", compute="_compute_typed_values", inverse="_inverse_typed_values"
    )
    field_float = fields.Float(
        string="Number", compute="_compute_typed_values", inverse="_inverse_typed_values"
    )
    field_date = fields.Date(
        string="Day", compute="_compute_typed_values", inverse="_inverse_typed_values"
    )
    field_selection_id = fields.Many2one(
        "ir.model.fields.selection",
        string="Choice",
        compute="_compute_typed_values",
        inverse="_inverse_typed_values",
        domain="[('field_id', '=', field_id)]",
    )

    # -- editing ---------------------------------------------------------------------------

    @api.depends("field_id")
    def _compute_field_editor(self):
        for action in self:
            editor = action.field_id.ttype
            # Choices that are worked out, such as languages, are not on record: they are typed in.
            is_listed = editor != "selection" or action.field_id.selection_ids
            plain = editor in ("char", "text") or not is_listed
            action.field_editor = "text" if plain else editor

    @api.depends("field_id", "field_value")
    def _compute_typed_values(self):
        for action in self:
            value = action._typed_value_or_none()
            editor = action.field_editor
            action.field_yes_no = (
                {True: "yes", False: "no"}.get(value)
                if editor == "boolean" and action.field_value
                else False
            )
            action.field_integer = value if editor == "integer" else 0
            action.field_float = value if editor == "float" else 0
            action.field_date = value if editor == "date" else False
            action.field_selection_id = (
                action.field_id.selection_ids.filtered(lambda s, value=value: s.value == value)
                if editor == "selection" and value
                else False
            )

    def _typed_value_or_none(self):
        try:
            return bool(self.field_id) and self._typed_field_value()
        except ValidationError:
            return False

    @api.onchange("field_yes_no", "field_integer", "field_float", "field_date")
    @api.onchange("field_selection_id", "field_record_id")
    def _onchange_typed_values(self):
        self._inverse_typed_values()

    def _inverse_typed_values(self):
        for action in self:
            match action.field_editor:
                case "boolean":
                    action.field_value = action.field_yes_no
                case "integer":
                    action.field_value = str(action.field_integer)
                case "float":
                    action.field_value = repr(action.field_float)
                case "date":
                    action.field_value = fields.Date.to_string(action.field_date)
                case "selection":
                    action.field_value = action.field_selection_id.value
                case "many2one":
                    action.field_value = action._field_record().display_name

    @api.onchange("field_id")
    def _onchange_field(self):
        self.update(
            {
                "field_value": False,
                "field_record_id": False,
                "field_source_id": False,
                "field_from": "value",
            }
        )

    # -- checks ----------------------------------------------------------------------------

    @api.constrains(
        "kind", "field_id", "field_value", "field_record_id", "field_from", "field_source_id"
    )
    def _check_field_value(self):
        for action in self.filtered(lambda action: action.kind == "field" and action.field_id):
            name = action.field_id.field_description
            match action.field_from:
                case "field":
                    action._check_source()
                case "today" if action.field_type != "date":
                    raise ValidationError(self.env._("“%s” is not a date.", name))
                case "today":
                    continue
                case _ if not action._typed_field_value() and action.field_id.required:
                    if action.field_type not in ("boolean", "integer", "float"):
                        raise ValidationError(self.env._("“%s” must not be empty.", name))

    def _check_source(self):
        """Refuse to copy from a field whose values do not fit."""
        source, target = self.field_source_id, self.field_id
        if not source:
            return  # not complete, which is told before the launch
        fits = source.model == target.model and source.relation == target.relation
        fits = fits and source.ttype in (target.ttype, *ALSO_FROM.get(target.ttype, ()))
        if fits and target.ttype == "selection":
            model = self.env[target.model]
            fits = set(model._fields[source.name].get_values(self.env)) <= set(
                model._fields[target.name].get_values(self.env)
            )
        if not fits or source == target:
            raise ValidationError(
                self.env._(
                    "The values of “%(origin)s” do not fit into “%(target)s”.",
                    origin=source.field_description,
                    target=target.field_description,
                )
            )

    @api.constrains("kind", "field_id")
    def _check_field_model(self):
        for action in self:
            definition = action.field_id
            if action.kind == "field" and definition and definition.model != action.target_model:
                raise UserError(
                    self.env._("The field belongs to another kind of record than the contacts.")
                )

    # -- running ---------------------------------------------------------------------------

    def _run_field(self, steps):
        """Write the value, once per distinct value. Contract: transactional.

        It is read and written with the rights of the campaign's responsible.
        """
        contact_of, outcomes = steps._contacts()
        contacts = self._target().union(*contact_of.values())
        for value, group in self._values_of(contacts):
            group.write({self.field_id.name: value})
        return outcomes

    def _values_of(self, contacts):
        """Yield each value that is to be written, with the contacts that get it."""
        match self.field_from:
            case "field":
                for value, group in contacts.grouped(self.field_source_id.name).items():
                    yield self._taken_over(value), group
            case "today":
                today = self._local_day(database_clock.now(self.env))
                yield today + timedelta(days=self.field_days), contacts
            case _:
                yield self._typed_field_value(), contacts

    def _taken_over(self, value):
        if isinstance(value, models.BaseModel):
            return value.id
        if self.field_source_id.ttype == "datetime" and value:
            return self._local_day(value)
        return value

    def _local_day(self, moment):
        return clock.to_local(moment, self.campaign_id._timezone()).date()

    def _typed_field_value(self):
        """Return the fixed value as the field's type wants it.

        :raises ValidationError: when the text does not fit the field
        """
        definition = self.field_id
        if definition.ttype == "many2one" and self.field_record_id:
            return self._field_record().id
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

    def _field_record(self):
        """Return the linked record, an empty one where there is none any more."""
        if not (self.field_record_id and self.field_relation):
            return self.browse()
        return self.env[self.field_relation].browse(self.field_record_id).exists()

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

    # -- in words --------------------------------------------------------------------------

    def _compared_values(self):
        """The ways to say what is written are one value: that which is written."""
        values = super()._compared_values()
        if self.kind != "field":
            return values
        raw = tuple(self._raw(name) for name in sorted(VALUE_FIELDS))
        values = {name: value for name, value in values.items() if name not in VALUE_FIELDS}
        label = self.env._("New value")
        return {**values, "field_value": Value(label, raw, self._value_in_words() or "–")}

    def _rights_needed(self):
        if self.kind == "field":
            return {(self.target_model, "write")}
        return super()._rights_needed()

    @api.model
    def _icons(self):
        return {**super()._icons(), "field": "fa-pencil-square-o"}

    def _content_missing(self):
        if self.kind == "field":
            return not self.field_id or (self.field_from == "field" and not self.field_source_id)
        return super()._content_missing()

    @api.depends(
        "field_id", "field_value", "field_record_id", "field_from", "field_source_id", "field_days"
    )
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "field":
            return f"{self.field_id.field_description or ''} = {self._value_in_words()}"
        return super()._content_in_words()

    def _value_in_words(self):
        match self.field_from:
            case "field":
                return self.field_source_id.field_description or ""
            case "today" if not self.field_days:
                return self.env._("today")
            case "today" if self.field_days < 0:
                return self.env._("%s days ago", -self.field_days)
            case "today":
                return self.env._("in %s days", self.field_days)
        value = self._typed_value_or_none()
        match self.field_type:
            case "boolean" if self.field_value:
                return self.env._("Yes") if value else self.env._("No")
            case "selection" if value:
                field = self.env[self.field_id.model]._fields[self.field_id.name]
                return dict(field._description_selection(self.env)).get(value, value)
            case "date" if value:
                return format_date(self.env, value)
            case "many2one" if self.field_record_id and not self.field_value:
                return self._field_record().display_name
        return self.field_value or ""
