"""Customers, orders and lines for the benchmarks: two orders a customer on average, a line each."""

from benchmarks import harness
from tools.console import Progress

CONTACTS = """
    INSERT INTO res_partner
           (name, complete_name, email, email_normalized, active, type, autopost_bills, country_id,
            create_uid, create_date, write_uid, write_date)
    SELECT 'Contact ' || n, 'Contact ' || n, 'contact' || n || '@example.com',
           'contact' || n || '@example.com', TRUE, 'contact', 'ask',
           (%(countries)s)[1 + n %% 10], 1, now(), 1, now()
      FROM generate_series(1, %(size)s) n
"""
TAGGED = """
    INSERT INTO res_partner_res_partner_category_rel (partner_id, category_id)
    SELECT id, %(tag)s FROM res_partner WHERE email LIKE 'contact%%' AND id %% 5 = 0
"""
# Everybody has one order; the other half are those of few who order often. Spread over two years
# and evenly over a hundred products by numbers without a common factor.
ORDERS = """
    INSERT INTO sale_order (name, partner_id, partner_invoice_id, partner_shipping_id, company_id,
                            date_order, state, amount_untaxed, currency_rate)
    SELECT n, people.id, people.id, people.id, %(company)s,
           now() AT TIME ZONE 'UTC' - make_interval(hours => (n * 7919 %% 17520)::int),
           'sale', (n * 104729 %% 100000) / 100.0, 1
      FROM generate_series(1, 2 * %(size)s::bigint) n
      JOIN (SELECT id, row_number() OVER (ORDER BY id) AS number FROM res_partner
             WHERE email LIKE 'contact%%@example.com') people
        ON people.number = CASE WHEN n <= %(size)s THEN n
                                ELSE 1 + (n * 15485863 %% GREATEST(%(size)s / 4, 1)) END
"""
LINES = """
    INSERT INTO sale_order_line (order_id, name, product_id, product_uom_id, product_uom_qty,
                                 price_unit, customer_lead, order_partner_id, company_id, state)
    SELECT id, 'Goods', (%(products)s)[1 + id %% %(count)s], %(unit)s, 1, 1, 0, partner_id,
           company_id, 'sale'
      FROM sale_order
"""


def make(env, size: int) -> dict:
    """Put `size` customers with their orders into the database, once.

    :return: the records that the questions are about, by name
    """
    tag = env["res.partner.category"].search([("name", "=", "Benchmark")])
    if not tag:
        tag = env["res.partner.category"].create({"name": "Benchmark"})
        categories = env["product.category"].create(
            [{"name": f"Category {number}"} for number in range(10)]
        )
        products = env["product.product"].create(
            [
                {"name": f"Product {number}", "categ_id": categories[number % 10].id}
                for number in range(100)
            ]
        )
        countries = env["res.country"].search([], limit=10)
        with Progress(f"{size:,} customers with orders"):
            env.cr.execute(CONTACTS, {"size": size, "countries": countries.ids})
            env.cr.execute(TAGGED, {"tag": tag.id})
            env.cr.execute(ORDERS, {"size": size, "company": env.company.id})
            env.cr.execute(
                LINES,
                {
                    "products": products.ids,
                    "count": len(products),
                    "unit": products[0].uom_id.id,
                },
            )
            env.cr.commit()
            # As autovacuum does in time; with the map of what is visible to all.
            env.cr.commit()
            harness.vacuum(env, "res_partner", "sale_order", "sale_order_line",
                           "res_partner_res_partner_category_rel")  # fmt: skip
        env.invalidate_all()
    return {
        "tag": tag,
        "categories": env["product.category"].search([("name", "=like", "Category %")]),
        "countries": env["res.country"].search([], limit=10),
    }
