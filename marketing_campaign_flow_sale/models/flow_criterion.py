"""Criteria: what people bought. Orders count that the user may see, of this very contact."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.marketing_campaign_flow.engine import database_clock, sets
from odoo.addons.marketing_campaign_flow.models.flow_criterion_profile import ARCHIVED_TOO
from odoo.fields import Domain
from odoo.tools import SQL, format_date, format_list

KINDS = [
    ("bought", "Bought products"),
    ("order_count", "Number of orders"),
    ("order_total", "Total of orders"),
    ("order_date", "First or last order"),
    ("quotation", "Quotation not confirmed"),
    ("rfm_segment", "Customer segment (RFM)"),
    ("rfm_score", "Customer score (RFM)"),
]
SCORES = {
    "recency": "flow_rfm_recency",
    "frequency": "flow_rfm_frequency",
    "monetary": "flow_rfm_monetary",
}

BUYERS = """
    SELECT o.partner_id FROM (%(orders)s) o
      JOIN sale_order_line l ON l.order_id = o.id
     WHERE l.display_type IS NULL AND l.product_id IN (%(products)s)
     GROUP BY o.partner_id HAVING COUNT(DISTINCT o.id) >= %(times)s
"""
# The plain form is a join without sorting, which PostgreSQL runs on several cores.
BUYERS_ONCE = """
    SELECT o.partner_id FROM (%(orders)s) o
      JOIN sale_order_line l ON l.order_id = o.id
     WHERE l.display_type IS NULL AND l.product_id IN (%(products)s)
"""
# PostgreSQL takes a range of sums for so rare that it would look each contact up one by one; what
# it cannot see into it takes for half of them.
CUSTOMERS = """
    SELECT o.partner_id FROM (%(orders)s) o
     GROUP BY o.partner_id HAVING CASE WHEN %(holds)s THEN TRUE ELSE FALSE END
"""
AMOUNT = SQL("SUM(o.amount_untaxed / COALESCE(NULLIF(o.currency_rate, 0), 1))::float8")
COLUMNS = ("id", "partner_id", "date_order", "amount_untaxed", "currency_rate")


class FlowCriterion(models.Model):
    _inherit = "flow.criterion"

    kind = fields.Selection(selection_add=KINDS, ondelete=dict.fromkeys(dict(KINDS), "set default"))
    product_ids = fields.Many2many(
        "product.product",
        "flow_criterion_product_rel",
        string="Products",
        ondelete="restrict",
        context=ARCHIVED_TOO,
    )
    product_category_ids = fields.Many2many(
        "product.category",
        "flow_criterion_product_category_rel",
        string="Product categories",
        ondelete="restrict",
        help="With all categories below them.",
    )
    order_which = fields.Selection(
        [("last", "last order"), ("first", "first order")], string="Which order", default="last"
    )
    order_when = fields.Selection(
        [
            ("within", "in the last days"),
            ("ago", "longer ago than days"),
            ("between", "between two days"),
        ],
        string="Ordered",
        default="within",
    )
    order_from = fields.Date(string="From")
    order_until = fields.Date(string="Until", help="This day included.")
    rfm_segment_ids = fields.Many2many(
        "flow.rfm.segment", "flow_criterion_rfm_segment_rel", string="Segments", ondelete="restrict"
    )
    rfm_score = fields.Selection(
        [("recency", "Recency"), ("frequency", "Frequency"), ("monetary", "Monetary")],
        string="Score",
        default="recency",
        help="1 to 5; 0 for those without orders in the period.",
    )

    # -- orders ------------------------------------------------------------------------------

    def _orders(self, wanted):
        """Return a SELECT of the orders that are meant and that the user may see."""
        query = self.env["sale.order"]._search(
            wanted & Domain("company_id", "=", self.env.company.id)
        )
        self.env["sale.order"].flush_model(list(COLUMNS[1:]))
        return query.select(*(SQL.identifier(query.table, column) for column in COLUMNS))

    def _confirmed_orders(self):
        wanted = Domain("state", "=", "sale")
        if since := self._since():
            wanted &= Domain("date_order", ">=", since)
        return self._orders(wanted)

    def _domain_bought(self):
        products = self.env["product.product"]
        wanted = Domain("id", "in", self.product_ids.ids)
        if self.product_category_ids:
            wanted |= Domain("categ_id", "child_of", self.product_category_ids.ids)
        self.env["sale.order.line"].flush_model(["order_id", "product_id", "display_type"])
        return self._on_contacts(
            sets.among(
                SQL(
                    BUYERS if self.times > 1 else BUYERS_ONCE,
                    orders=self._confirmed_orders(),
                    products=sets.ids(products, wanted),
                    times=self.times,
                )
            )
        )

    def _domain_order_count(self):
        return self._domain_of_orders(SQL("COUNT(*)"))

    def _domain_order_total(self):
        return self._domain_of_orders(AMOUNT)

    def _domain_of_orders(self, amount):
        """Return the domain of those whose orders are so many, or so much; who has ordered nothing
        has ordered 0."""
        holds, nothing_will_do = self._number_sql(amount), self._number_holds(0)
        if nothing_will_do:
            holds = SQL("NOT (%s)", holds)
        customers = SQL(CUSTOMERS, orders=self._confirmed_orders(), holds=holds)
        found = self._on_contacts(sets.among(customers))
        return sets.without(self._target(), found) if nothing_will_do else found

    def _domain_order_date(self):
        moment = SQL("MAX(o.date_order)" if self.order_which == "last" else "MIN(o.date_order)")
        since = database_clock.now(self.env) - timedelta(days=self.days)
        match self.order_when:
            case "within":
                holds = SQL("%s >= %s", moment, since)
            case "ago":
                holds = SQL("%s < %s", moment, since)
            case _:
                first, last = self.order_from, self.order_until + timedelta(days=1)
                day = SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)", moment, str(self.env.tz))
                holds = SQL("%s >= %s AND %s < %s", day, first, day, last)
        orders = self._orders(Domain("state", "=", "sale"))
        return self._on_contacts(sets.among(SQL(CUSTOMERS, orders=orders, holds=holds)))

    def _domain_quotation(self):
        since = database_clock.now(self.env) - timedelta(days=self.days)
        orders = self._orders(
            Domain("state", "in", ("draft", "sent")) & Domain("date_order", "<=", since)
        )
        holds = SQL("COUNT(*) >= %s", self.times)
        return self._on_contacts(sets.among(SQL(CUSTOMERS, orders=orders, holds=holds)))

    # -- recency, frequency, monetary value ----------------------------------------------------

    def _domain_rfm_segment(self):
        return self._on_contacts(Domain("flow_rfm_segment_id", "in", self.rfm_segment_ids.ids))

    def _domain_rfm_score(self):
        return self._on_contacts(self._number_domain(SCORES[self.rfm_score], int))

    # -- what they lack --------------------------------------------------------------------

    def _gap(self):
        kinds = ("bought", "order_count", "order_total", "order_date", "quotation")
        if self.kind in kinds and not self.env["sale.order"].has_access("read"):
            return self.env._("It takes the rights of a salesperson to look at orders.")
        return super()._gap()

    def _gap_bought(self):
        return self._gap_unless(self.product_ids or self.product_category_ids)

    def _gap_order_count(self):
        return self._gap_in_number()

    def _gap_order_total(self):
        return self._gap_in_number()

    def _gap_order_date(self):
        if self.order_when != "between":
            return self._gap_unless(self.order_when and self.order_which)
        if not self.order_from or not self.order_until:
            return self.env._("Say the first and the last day.")
        if self.order_until < self.order_from:
            return self.env._("The last day is before the first.")
        return ""

    def _gap_rfm_segment(self):
        self.env["flow.rfm"].check_access("read")
        return self._gap_unless(self.rfm_segment_ids)

    def _gap_rfm_score(self):
        self.env["flow.rfm"].check_access("read")
        return self._gap_unless(self.rfm_score) or self._gap_in_number()

    # -- in words ----------------------------------------------------------------------------

    def _words_bought(self):
        goods = [
            name
            for name in (self._names(self.product_ids), self._names(self.product_category_ids))
            if name
        ]
        bought = self.env._("Bought %s", format_list(self.env, goods, "or-short") if goods else "…")
        return self._says(self._period_words(self._times_words(bought)))

    def _words_order_count(self):
        orders = self.env._("Orders: %s", self._number_words())
        return self._says(self._period_words(orders))

    def _words_order_total(self):
        currency = (self.audience_id.company_id or self.env.company).currency_id
        ordered = self.env._("Ordered for %s", self._number_words(currency.symbol))
        return self._says(self._period_words(ordered))

    def _words_order_date(self):
        whiches = dict(self._fields["order_which"]._description_selection(self.env))
        which = whiches.get(self.order_which, "")
        what = which[:1].upper() + which[1:]  # nouns of some languages keep their capitals
        match self.order_when:
            case "within":
                words = self.env._("%(what)s in the last %(days)s days", what=what, days=self.days)
            case "ago":
                words = self.env._(
                    "%(what)s more than %(days)s days ago", what=what, days=self.days
                )
            case _:
                words = self.env._(
                    "%(what)s from %(first)s until %(last)s",
                    what=what,
                    first=format_date(self.env, self.order_from) or "…",
                    last=format_date(self.env, self.order_until) or "…",
                )
        return self._says(words)

    def _words_quotation(self):
        waits = self.env._("Has a quotation that nobody confirmed for %s days", self.days)
        return self._says(self._times_words(waits))

    def _words_rfm_segment(self):
        return self._says_is(self.env._("Customer segment"), self._names(self.rfm_segment_ids))

    def _words_rfm_score(self):
        scores = dict(self._fields["rfm_score"]._description_selection(self.env))
        what = self.env._("%s score", scores.get(self.rfm_score, ""))
        return self._says_is(what, self._number_words())

    @api.model
    def _icons(self):
        return {
            **super()._icons(),
            "bought": "fa-shopping-basket",
            "order_count": "fa-shopping-cart",
            "order_total": "fa-money",
            "order_date": "fa-calendar",
            "quotation": "fa-hourglass-end",
            "rfm_segment": "fa-trophy",
            "rfm_score": "fa-line-chart",
        }
