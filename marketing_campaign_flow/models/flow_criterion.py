"""Criteria in plain words: blocks that write the domain of an audience, combined and nested.

A kind of block is an entry of the selection, `_domain_<kind>` and `_words_<kind>`; see the
developer's guide.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_list

from ..engine import database_clock, sets

# Names that a sentence tells before it says how many others there are.
MOST_NAMES = 5


class FlowCriterion(models.Model):
    _name = "flow.criterion"
    _description = "Criterion of an Audience"
    _inherit = ["flow.counted"]
    _order = "sequence, id"

    audience_id = fields.Many2one(
        "flow.audience",
        compute="_compute_audience_id",
        store=True,
        precompute=True,
        recursive=True,
        readonly=False,
        required=True,
        index=True,
        ondelete="cascade",
        copy=False,
    )
    parent_id = fields.Many2one(
        "flow.criterion", string="Part of", ondelete="cascade", index="btree_not_null", copy=False
    )
    child_ids = fields.One2many("flow.criterion", "parent_id", string="Criteria", copy=True)
    target_model = fields.Char(
        compute="_compute_target_model", store=True, precompute=True, recursive=True, readonly=False
    )
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [("group", "Group of criteria")], string="Criterion", required=True, default="group"
    )
    side = fields.Selection(
        [("is", "holds"), ("not", "does not hold")],
        string="This",
        default="is",
        required=True,
        help="“Does not hold” also takes those of whom it is not known.",
    )
    match = fields.Selection(
        [("all", "All of these hold"), ("any", "Any of these holds"), ("none", "None of these")],
        string="In the group",
        default="any",
        required=True,
    )
    text = fields.Char(help="* stands for anything.")
    number_operator = fields.Selection(
        [
            (">=", "at least"),
            ("<=", "at most"),
            ("=", "exactly"),
            ("between", "between"),
        ],
        string="How many",
        default=">=",
        required=True,
    )
    number_from = fields.Float(string="Number")
    number_to = fields.Float(string="Up to")
    days = fields.Integer(string="In the last (days)", help="0: at any time.")
    times = fields.Integer(string="How often (at least)", default=1)
    icon = fields.Char(compute="_compute_icon")
    contact_count = fields.Integer(
        string="People", compute="_compute_contact_count", help="For whom this block alone holds."
    )
    problem = fields.Char(compute="_compute_problem", help="Why nobody matches.")

    _days_positive = models.Constraint("CHECK(days >= 0)", "There are no negative days.")
    _times_positive = models.Constraint("CHECK(times >= 1)", "Once is the least there is.")

    @api.depends("parent_id.audience_id")
    def _compute_audience_id(self):
        for block in self:
            block.audience_id = block.parent_id.audience_id or block.audience_id

    @api.depends("audience_id.target_model", "parent_id.target_model")
    def _compute_target_model(self):
        for block in self:
            block.target_model = (
                block.audience_id.target_model
                or block.parent_id.target_model
                or block.target_model
                or self.env.context.get("default_target_model")
                or "res.partner"
            )

    @api.constrains("parent_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A group cannot be part of itself."))

    @api.constrains("target_model", "audience_id", "parent_id")
    def _check_target_model(self):
        for block in self:
            if block.target_model != block.audience_id.target_model:
                raise ValidationError(
                    self.env._("A criterion is about the people of its audience.")
                )

    def _check_complete(self):
        """Refuse a block that does not say enough, or that the user may not ask for.

        :raises ValidationError: with the reason
        """
        if self.env.context.get(MODULE_UNINSTALL_FLAG):
            return  # a block whose kind goes away becomes an empty group, which means nobody
        for block in self:
            if reason := block._reason():
                raise ValidationError(
                    self.env._(
                        "The criterion “%(block)s” finds nobody: %(reason)s",
                        block=block.display_name,
                        reason=reason,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        blocks = super().create(vals_list)
        blocks._check_complete()
        return blocks

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"parent_id", "audience_id"}:
            self.check_access("write")  # also in the audience where it is now
        if vals.keys() - {"sequence", "parent_id", "audience_id", "target_model"}:
            self._check_complete()
        return result

    # -- whom it means ---------------------------------------------------------------------

    def _all_of(self):
        """Return the domain of the contacts for whom all of these blocks hold.

        :raises UserError: when a block cannot be looked at any more, because what it names was
            deleted or its reader has lost a right; an audience is never wider than it says
        """
        for block in self:
            if reason := block._reason():
                raise UserError(
                    self.env._(
                        "Nobody can be found by “%(block)s”: %(reason)s",
                        block=block.display_name,
                        reason=reason,
                    )
                )
        return Domain.AND(block._domain() for block in self)

    def _domain(self):
        """Return the domain of this block on the model of the audience."""
        self.ensure_one()
        if self.kind == "group":
            return self._domain_group()
        found = getattr(self, f"_domain_{self.kind}")()
        return sets.without(self._target(), found) if self.side == "not" else found

    def _domain_group(self):
        domains = [child._domain() for child in self.child_ids]
        if self.match == "all":
            return Domain.AND(domains)
        found = sets.union(self._target(), domains)
        return sets.without(self._target(), found) if self.match == "none" else found

    def _target(self):
        """Return no record of the model that the audience is made of."""
        return self.env[self.target_model]

    def _target_table(self):
        """Return SQL for the table of that model, for statements that look for addresses there."""
        target = self._target()
        target.flush_model(["email_normalized"])
        return SQL.identifier(target._table)

    def _on_contacts(self, domain):
        """Turn a domain on contacts into one on the model of the audience.

        A mailing contact is meant where a contact with its address is.
        """
        if self.target_model == "res.partner":
            return domain
        contacts = self.env["res.partner"]._search(domain & Domain("email_normalized", "!=", False))
        return Domain("email_normalized", "in", contacts.subselect("email_normalized"))

    def _since(self):
        """Return the moment (UTC) at which the last `days` began; None for at any time."""
        return database_clock.now(self.env) - timedelta(days=self.days) if self.days else None

    def _number_domain(self, field, convert=float):
        """Return the domain of the numbers that are asked for.

        :param convert: what the field's numbers are, ``int`` for whole ones
        """
        first, last = convert(self.number_from), convert(self.number_to)
        if self.number_operator == "between":
            return Domain(field, ">=", first) & Domain(field, "<=", last)
        return Domain(field, self.number_operator, first)

    def _number_sql(self, expression):
        """Return SQL for whether a number is as asked for.

        :param expression: `SQL` of the number
        """
        if self.number_operator == "between":
            return SQL("%s BETWEEN %s AND %s", expression, self.number_from, self.number_to)
        return SQL("%s %s %s", expression, SQL(self.number_operator), self.number_from)

    def _number_holds(self, number):
        """Return whether a number is as asked for."""
        match self.number_operator:
            case "between":
                return self.number_from <= number <= self.number_to
            case ">=":
                return number >= self.number_from
            case "<=":
                return number <= self.number_from
        return number == self.number_from

    # -- what it lacks -----------------------------------------------------------------------

    def _reason(self):
        """Return why this block means nobody, as a sentence; empty where it is complete."""
        self.ensure_one()
        if self.kind == "group":
            if not self.child_ids:
                return self.env._("The group is empty.")
            reasons = (child._reason() for child in self.child_ids)
            return next(filter(None, reasons), "")
        try:
            return self._gap()
        except AccessError:
            return self.env._("You may not read what it asks for.")

    def _gap(self):
        """Return what a block of this kind does not say yet, or a right that is missing."""
        return getattr(self, f"_gap_{self.kind}", str)()

    def _gap_unless(self, value):
        """Return the sentence for a block that names nothing, unless there is a value."""
        return (
            ""
            if value
            else self.env._("Nothing is chosen yet, or what was chosen has been deleted.")
        )

    def _gap_in_number(self):
        if self.number_operator == "between" and self.number_to < self.number_from:
            return self.env._("The second number is below the first.")
        return ""

    @api.depends(lambda self: self._content_fields())
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_problem(self):
        for block in self:
            block.problem = block._reason()

    @api.depends(lambda self: self._content_fields())
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_contact_count(self):
        for block in self:
            block.contact_count = block._count()["people"]

    @api.model
    def _counted_fields(self):
        return self._content_fields()

    def _count(self):
        """Return how many ``people`` the block alone means: nobody while it does not say enough."""
        if self._reason():
            return {"people": 0}
        return {"people": self._target().search_count(self._domain())}

    @api.model
    def _content_fields(self):
        """Return the names of the fields that say whom a block means."""
        own = {"audience_id", "parent_id", "sequence"}
        automatic = {*models.MAGIC_COLUMNS, "display_name"}
        return [
            name
            for name, field in self._fields.items()
            if name not in own | automatic and (field.store or name == "child_ids")
        ]

    # -- in words ----------------------------------------------------------------------------

    @api.depends("kind")
    def _compute_icon(self):
        icons = self._icons()
        for block in self:
            block.icon = icons.get(block.kind, "fa-filter")

    @api.model
    def _icons(self):
        """Return the icon of each kind of block, a class of Font Awesome 4, by kind."""
        return {"group": "fa-object-group"}

    @api.model
    def _kinds_missing(self):
        """Return the kinds of blocks that cannot be chosen here, for want of an app of Odoo."""
        return set()

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        described = super().fields_get(allfields, attributes)
        if "selection" in described.get("kind", {}):
            missing = self._kinds_missing()
            described["kind"]["selection"] = [
                (kind, label)
                for kind, label in described["kind"]["selection"]
                if kind not in missing
            ]
        return described

    @api.depends(lambda self: self._content_fields())
    @api.depends_context("lang", "uid")
    def _compute_display_name(self):
        for block in self:
            block.display_name = block._in_words()

    def _in_words(self):
        """Return the block as a sentence, for example “Country is Italy or Austria”."""
        self.ensure_one()
        if not self.kind:
            return ""
        try:
            return getattr(self, f"_words_{self.kind}")()
        except AccessError:
            return self._label()

    def _words_group(self):
        matches = dict(self._fields["match"]._description_selection(self.env))
        parts = [child._in_words() for child in self.child_ids]
        return f"{matches[self.match]}: {'; '.join(parts) or '…'}"

    def _label(self):
        """Return what the kind of block is called."""
        return dict(self._fields["kind"]._description_selection(self.env)).get(self.kind, "")

    def _says_is(self, what, value):
        """Return “Country is Italy” or “Country is not Italy”."""
        if self.side == "not":
            return self.env._("%(what)s is not %(value)s", what=what, value=value or "…")
        return self.env._("%(what)s is %(value)s", what=what, value=value or "…")

    def _says(self, words):
        """Return a sentence, or that it does not hold."""
        return self.env._("Not: %s", words) if self.side == "not" else words

    def _names(self, records, style="or-short"):
        """Return “Italy, Austria or 3 more”; only names that the user may read."""
        records = records._filtered_access("read")
        names = [record.display_name for record in records[:MOST_NAMES]]
        if len(records) > MOST_NAMES:
            names.append(self.env._("%s more", len(records) - MOST_NAMES))
        return format_list(self.env, names, style) if names else ""

    def _number_words(self, unit=""):
        """Return “at least 5”, “between 5 and 10”."""
        first, last = f"{self.number_from:g}", f"{self.number_to:g}"
        if self.number_operator == "between":
            words = self.env._("between %(first)s and %(last)s", first=first, last=last)
        else:
            operators = dict(self._fields["number_operator"]._description_selection(self.env))
            words = f"{operators[self.number_operator]} {first}"
        return f"{words} {unit}".strip()

    def _period_words(self, words):
        """Return words with “in the last 30 days” after them, where there is a period."""
        if not self.days:
            return words
        return self.env._("%(what)s in the last %(days)s days", what=words, days=self.days)

    def _times_words(self, words):
        """Return words with “at least 3 times” after them, where it has to be often."""
        if self.times <= 1:
            return words
        return self.env._("%(what)s at least %(times)s times", what=words, times=self.times)
