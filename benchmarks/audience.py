"""Audience: count, preview and list of a nested audience by blocks of criteria.

Who lives in one of three countries, and bought of two categories within a year or ordered for 900
and more at any time, and is neither tagged nor had the last order more than 700 days ago.

Reference: the same questions in SQL written by hand.
"""

from benchmarks import harness, orders
from benchmarks.harness import Figure

SIZE = 1_000_000
TARGET = 2
FIRST = 80
SHOWN = {
    name: {}
    for name in ("display_name", "email", "country_id", "flow_audience_verdict",
                 "flow_audience_hand")
}  # fmt: skip

# What people want to know: how many, how many of them by email, and who, page by page.
BY_HAND = """
    FROM res_partner p
   WHERE p.active AND p.country_id = ANY(%(countries)s)
     AND p.id IN (
         SELECT o.partner_id FROM sale_order o
           JOIN sale_order_line l ON l.order_id = o.id
           JOIN product_product pp ON pp.id = l.product_id
           JOIN product_template pt ON pt.id = pp.product_tmpl_id
          WHERE o.state = 'sale' AND o.company_id = %(company)s
            AND o.date_order >= now() AT TIME ZONE 'UTC' - interval '365 days'
            AND pt.categ_id = ANY(%(categories)s)
          UNION ALL
         SELECT o.partner_id FROM sale_order o
          WHERE o.state = 'sale' AND o.company_id = %(company)s
          GROUP BY o.partner_id HAVING SUM(o.amount_untaxed) >= 900)
     AND NOT EXISTS (SELECT FROM res_partner_res_partner_category_rel r
                      WHERE r.partner_id = p.id AND r.category_id = %(tag)s)
     AND NOT EXISTS (
         SELECT FROM (SELECT o.partner_id FROM sale_order o
                       WHERE o.state = 'sale' AND o.company_id = %(company)s
                       GROUP BY o.partner_id
                      HAVING MAX(o.date_order) < now() AT TIME ZONE 'UTC' - interval '700 days'
                     ) lost WHERE lost.partner_id = p.id)
"""
COUNT = "SELECT COUNT(*)"
REACHABLE = "SELECT COUNT(DISTINCT email_normalized)"
NOT_BLACKLISTED = """
     AND email_normalized IS NOT NULL
     AND NOT EXISTS (SELECT FROM mail_blacklist b
                      WHERE b.active AND b.email = p.email_normalized)
"""


def run(env, size: int | None) -> list[Figure]:
    """Measure and return the figures."""
    size = size or SIZE
    world = orders.make(env, size)
    countries, categories = world["countries"][:3], world["categories"][:2]
    audience = env["flow.audience"].create({
        "name": "Benchmark",
        "use_criteria": True,
        "criterion_ids": [
            (0, 0, {"kind": "country", "country_ids": countries.ids}),
            _group("any", [
                {"kind": "bought", "product_category_ids": categories.ids, "days": 365},
                {"kind": "order_total", "number_from": 900},
            ]),
            _group("none", [
                {"kind": "tags", "tag_ids": world["tag"].ids},
                {"kind": "order_date", "order_when": "ago", "days": 700},
            ]),
        ],
    })  # fmt: skip
    env.cr.commit()
    values = {
        "countries": countries.ids,
        "categories": categories.ids,
        "company": env.company.id,
        "tag": world["tag"].id,
    }
    found = {}

    def count():
        found["ours"] = env["res.partner"].search_count(audience._contact_domain())

    def count_by_hand():
        env.cr.execute(COUNT + BY_HAND, values)
        found["by hand"] = env.cr.fetchone()[0]

    def preview():
        figures = audience._preview()
        found["preview"] = (figures["people"], figures["reachable"])

    def preview_by_hand():
        env.cr.execute(COUNT + BY_HAND, values)
        everybody = env.cr.fetchone()[0]
        env.cr.execute(REACHABLE + BY_HAND + NOT_BLACKLISTED, values)
        found["preview by hand"] = (everybody, env.cr.fetchone()[0])

    def page():
        env.invalidate_all()
        action = audience.action_view_contacts()
        people = env["res.partner"].with_context(**action["context"])
        read = people.web_search_read(action["domain"], SHOWN, limit=FIRST)
        found["page"] = (read["length"], [person["id"] for person in read["records"]])

    def page_by_hand():
        env.cr.execute(COUNT + BY_HAND, values)
        everybody = env.cr.fetchone()[0]
        order = " ORDER BY complete_name, id DESC LIMIT %(first)s"
        env.cr.execute("SELECT id, name" + BY_HAND + order, {**values, "first": FIRST})
        found["page by hand"] = (everybody, [row[0] for row in env.cr.fetchall()])

    # In turns, so that a slower minute is slower for both.
    figures = []
    for name, ours, by_hand in (
        ("count", count, count_by_hand),
        ("preview", preview, preview_by_hand),
        ("first page of the list", page, page_by_hand),
    ):
        value, reference = harness.median_seconds_in_turns(ours, by_hand)
        title = f"{name} of a nested audience, {size:,} contacts, {2 * size:,} order lines"
        figures.append(Figure(title, value, "s", reference, TARGET))
    assert found["ours"] == found["by hand"] > 0, found
    assert found["preview"] == found["preview by hand"], found
    assert found["page"] == found["page by hand"], found
    audience.unlink()
    env.cr.commit()
    return figures


def _group(match, blocks):
    inner = [(0, 0, block) for block in blocks]
    return (0, 0, {"kind": "group", "match": match, "child_ids": inner})
