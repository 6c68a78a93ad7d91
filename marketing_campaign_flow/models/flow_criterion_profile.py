"""Criteria: who people are."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import babel_locale_parse, get_lang

from ..engine import event_rule

# The fields that hold it, by kind: those of the audience's own model first, else of the contact.
COLUMNS = {
    "country": ("country_id", "country_ids"),
    "region": ("state_id", "region_ids"),
    "industry": ("industry_id", "industry_ids"),
}
# What is archived still holds for those who have it.
ARCHIVED_TOO = {"active_test": False}
KINDS = [
    ("country", "Country"),
    ("region", "Region"),
    ("language", "Language"),
    ("company_type", "Company or person"),
    ("industry", "Industry"),
    ("function", "Job position"),
    ("tags", "Tags"),
    ("birthday", "Birthday"),
    ("age", "Age"),
]


class FlowCriterion(models.Model):
    _inherit = "flow.criterion"

    kind = fields.Selection(selection_add=KINDS, ondelete=dict.fromkeys(dict(KINDS), "set default"))
    # What a block names cannot be deleted: “not in Italy” would mean everybody then.
    country_ids = fields.Many2many(
        "res.country", "flow_criterion_country_rel", string="Countries", ondelete="restrict"
    )
    region_ids = fields.Many2many(
        "res.country.state", "flow_criterion_region_rel", string="Regions", ondelete="restrict"
    )
    lang_ids = fields.Many2many(
        "res.lang",
        "flow_criterion_lang_rel",
        string="Languages",
        ondelete="restrict",
        context=ARCHIVED_TOO,
    )
    industry_ids = fields.Many2many(
        "res.partner.industry",
        "flow_criterion_industry_rel",
        string="Industries",
        ondelete="restrict",
        context=ARCHIVED_TOO,
    )
    tag_ids = fields.Many2many(
        "res.partner.category",
        "flow_criterion_tag_rel",
        string="Tags",
        ondelete="restrict",
        context=ARCHIVED_TOO,
    )
    tag_match = fields.Selection(
        [("any", "One of them"), ("all", "All of them")], default="any", required=True
    )
    company_type = fields.Selection(
        [("company", "a company"), ("person", "a person")], string="They are", default="company"
    )
    birthday_when = fields.Selection(
        [("today", "today"), ("days", "within the next days"), ("month", "in a month")],
        string="Birthday is",
        default="days",
    )
    birthday_days = fields.Integer(string="Next (days)", default=7)
    birthday_month = fields.Selection("_month_selection", string="Month")

    _birthday_days_of_a_year = models.Constraint(
        "CHECK(birthday_days BETWEEN 0 AND 366)", "A birthday is within 0 to 366 days."
    )

    @api.model
    def _month_selection(self):
        names = babel_locale_parse(get_lang(self.env).code).months["stand-alone"]["wide"]
        return [(str(number), names[number]) for number in range(1, 13)]

    def _domain_country(self):
        return self._domain_of_column()

    def _domain_region(self):
        return self._domain_of_column()

    def _domain_industry(self):
        return self._domain_of_column()

    def _domain_of_column(self):
        column, values = COLUMNS[self.kind]
        wanted = Domain(column, "in", self[values].ids)
        return wanted if column in self._target()._fields else self._on_contacts(wanted)

    def _domain_language(self):
        return self._on_contacts(Domain("lang", "in", self.lang_ids.mapped("code")))

    def _domain_company_type(self):
        return self._on_contacts(Domain("is_company", "=", self.company_type == "company"))

    def _domain_function(self):
        wanted = Domain("function", "=ilike", event_rule.like(f"*{self.text.strip()}*"))
        return wanted if "function" in self._target()._fields else self._on_contacts(wanted)

    def _domain_tags(self):
        own = {"res.partner": "category_id", "mailing.contact": "tag_ids"}.get(self.target_model)
        if self.tag_match == "all":
            wanted = Domain.AND(Domain(own or "category_id", "in", tag.ids) for tag in self.tag_ids)
        else:
            wanted = Domain(own or "category_id", "in", self.tag_ids.ids)
        return wanted if own else self._on_contacts(wanted)

    def _domain_age(self):
        return self._on_contacts(self._number_domain("age", int))

    def _domain_birthday(self):
        if self.birthday_when == "month":
            return self._on_contacts(
                Domain("birthdate.month_number", "=", int(self.birthday_month))
            )
        today = fields.Date.context_today(self)
        coming = range(self.birthday_days + 1 if self.birthday_when == "days" else 1)
        return self._on_contacts(self._born_on([today + timedelta(days=day) for day in coming]))

    @api.model
    def _born_on(self, dates):
        """Return the domain of the contacts whose birthday is on one of `dates`; who was born on
        29 February has it on the 28th in other years."""
        days = {(date.month, date.day) for date in dates}
        if any(
            (date.month, date.day) == (2, 28) and (date + timedelta(days=1)).day == 1
            for date in dates
        ):
            days.add((2, 29))
        return Domain.OR(
            Domain("birthdate.month_number", "=", month)
            & Domain("birthdate.day_of_month", "in", [day for m, day in days if m == month])
            for month in sorted({month for month, _day in days})
        )

    # -- what they lack ------------------------------------------------------------------

    def _gap_country(self):
        return self._gap_unless(self.country_ids)

    def _gap_region(self):
        return self._gap_unless(self.region_ids)

    def _gap_industry(self):
        return self._gap_unless(self.industry_ids)

    def _gap_language(self):
        return self._gap_unless(self.lang_ids)

    def _gap_tags(self):
        return self._gap_unless(self.tag_ids)

    def _gap_company_type(self):
        return self._gap_unless(self.company_type)

    def _gap_function(self):
        return self._gap_unless((self.text or "").strip())

    def _gap_age(self):
        return self._gap_in_number()

    def _gap_birthday(self):
        return self._gap_unless(
            self.birthday_month if self.birthday_when == "month" else self.birthday_when
        )

    # -- in words ------------------------------------------------------------------------

    def _words_country(self):
        return self._says_is(self._label(), self._names(self.country_ids))

    def _words_region(self):
        return self._says_is(self._label(), self._names(self.region_ids))

    def _words_industry(self):
        return self._says_is(self._label(), self._names(self.industry_ids))

    def _words_language(self):
        return self._says_is(self._label(), self._names(self.lang_ids))

    def _words_tags(self):
        style = "standard-short" if self.tag_match == "all" else "or-short"
        return self._says_is(self.env._("Tag"), self._names(self.tag_ids, style))

    def _words_company_type(self):
        kinds = dict(self._fields["company_type"]._description_selection(self.env))
        return self._says_is(self.env._("The contact"), kinds.get(self.company_type))

    def _words_function(self):
        return self._says(self.env._("Job position contains “%s”", self.text or "…"))

    def _words_age(self):
        return self._says_is(self._label(), self._number_words())

    def _words_birthday(self):
        if self.birthday_when == "month":
            months = dict(self._month_selection())
            when = self.env._("in %s", months.get(self.birthday_month, "…"))
        elif self.birthday_when == "days":
            when = self.env._("within the next %s days", self.birthday_days)
        else:
            when = self.env._("today")
        return self._says_is(self._label(), when)

    @api.model
    def _icons(self):
        return {
            **super()._icons(),
            "country": "fa-globe",
            "region": "fa-map-marker",
            "language": "fa-language",
            "company_type": "fa-building-o",
            "industry": "fa-industry",
            "function": "fa-briefcase",
            "tags": "fa-tags",
            "birthday": "fa-birthday-cake",
            "age": "fa-user",
        }
