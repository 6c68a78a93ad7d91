"""Customers of a retailer with one order each, from the published file of the MineThatData e-mail
challenge, or made up in the same form where the file is absent."""

import csv
import os
import random
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parents[3] / "shared" / "data" / "hillstrom.csv"
PATH_VARIABLE = "HILLSTROM_CSV"
MADE_UP = 500
TAGS = ("Urban", "Surburban", "Rural", "Newbie")
CHANNELS = ("Phone", "Web", "Multichannel")
# Whom the tests ask about. A reference is looked up; a tag more would be a row more for everybody.
REFERENCE = "hillstrom"


@dataclass(frozen=True)
class Customer:
    """A row of the file.

    :param recency: months since the last order, 1 to 12
    :param cents: spent in the past year
    """

    recency: int
    cents: int
    mens: bool
    womens: bool
    channel: str
    tags: frozenset


def load() -> list[Customer]:
    """Return the customers of the file, all of them, or those that are made up."""
    path = Path(os.environ.get(PATH_VARIABLE) or FILE)
    if not path.exists():
        return make_up()
    with path.open(newline="", encoding="utf-8") as file:
        return [_customer(row) for row in csv.DictReader(file)]


def make_up(count: int = MADE_UP) -> list[Customer]:
    """Return customers that are the same each time."""
    dice = random.Random(2008)  # noqa: S311, nothing secret
    return [
        _customer(
            {
                "recency": dice.randint(1, 12),
                "history": f"{dice.choice((29.99, dice.uniform(30, 900))):.2f}",
                "mens": dice.choice("01"),
                "womens": dice.choice("01"),
                "newbie": dice.choice("01"),
                "zip_code": dice.choice(TAGS[:3]),
                "channel": dice.choice(CHANNELS),
            }
        )
        for _number in range(count)
    ]


def _customer(row):
    newbie = {"Newbie"} if row["newbie"] == "1" else set()
    return Customer(
        recency=int(row["recency"]),
        cents=round(float(row["history"]) * 100),
        mens=row["mens"] == "1",
        womens=row["womens"] == "1",
        channel=row["channel"],
        tags=frozenset({row["zip_code"]} | newbie),
    )


# One contact per customer, with an order of the middle of its month, and a line for each category
# that was bought; what was bought of none has a line of another.
WRITE = """
    WITH told AS (
        SELECT * FROM unnest(%(recency)s, %(cents)s, %(mens)s, %(womens)s, %(channel)s)
                 WITH ORDINALITY AS t (recency, cents, mens, womens, channel, n)
    ), people AS (
        INSERT INTO res_partner (name, complete_name, email, email_normalized, active, type, ref,
                                 function, autopost_bills)
        SELECT 'Customer ' || n, 'Customer ' || n, 'customer' || n || '@example.com',
               'customer' || n || '@example.com', TRUE, 'contact', %(ref)s || n,
               channel, 'ask'
          FROM told
        RETURNING id, ref
    ), orders AS (
        INSERT INTO sale_order (name, partner_id, partner_invoice_id, partner_shipping_id,
                                company_id, date_order, state, amount_untaxed, currency_rate)
        SELECT t.n, p.id, p.id, p.id, %(company)s,
               %(now)s - make_interval(days => 30 * t.recency - 15), 'sale', t.cents / 100.0, 1
          FROM told t JOIN people p ON p.ref = %(ref)s || t.n
        RETURNING id, name
    )
    INSERT INTO sale_order_line (order_id, name, product_id, product_uom_id, product_uom_qty,
                                 price_unit, customer_lead)
    SELECT o.id, 'Goods', goods.id, %(unit)s, 1, 0, 0
      FROM told t JOIN orders o ON o.name = t.n::text
      JOIN LATERAL unnest(%(products)s, ARRAY[t.mens, t.womens, NOT (t.mens OR t.womens)])
                   AS goods (id, bought) ON goods.bought
"""
TAG = """
    INSERT INTO res_partner_res_partner_category_rel (partner_id, category_id)
    SELECT p.id, %(tag)s FROM res_partner p
     WHERE p.ref = ANY(SELECT %(ref)s || n FROM unnest(%(numbers)s) n)
"""


def write(env, customers, company, products, now) -> dict:
    """Put customers into the database, as people, orders and lines; the channel is their function.

    :param products: the `product.product` records of mens, womens and other goods
    :return: the `res.partner.category` of each tag
    """
    env.cr.execute(
        WRITE,
        {
            "recency": [customer.recency for customer in customers],
            "cents": [customer.cents for customer in customers],
            "mens": [customer.mens for customer in customers],
            "womens": [customer.womens for customer in customers],
            "channel": [customer.channel for customer in customers],
            "ref": REFERENCE,
            "company": company.id,
            "now": now,
            "unit": products[0].uom_id.id,
            "products": products.ids,
        },
    )
    tags = {}
    for name in TAGS:
        tags[name] = env["res.partner.category"].create({"name": f"Customers {name}"})
        numbers = [
            number for number, customer in enumerate(customers, start=1) if name in customer.tags
        ]
        env.cr.execute(TAG, {"tag": tags[name].id, "numbers": numbers, "ref": REFERENCE})
    # As autovacuum does in time: PostgreSQL takes tables for empty that were filled just now.
    env.cr.execute(
        "ANALYZE res_partner, res_partner_res_partner_category_rel, sale_order, sale_order_line"
    )
    env.invalidate_all()
    return tags
