"""Ten audiences of real customers have exactly the counts that their file gives."""

from unittest.mock import patch

from odoo.addons.marketing_campaign_flow.engine import database_clock
from odoo.tests import tagged

from ..models.flow_rfm_segment import GRID
from . import customers
from .common import SaleCase


@tagged("post_install", "-at_install")
class TestExactness(SaleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.cr.execute("UPDATE sale_order SET state = 'cancel'")  # those of the demo data
        cls.env.invalidate_all()
        cls.categories = cls.env["product.category"].create(
            [{"name": name} for name in ("Mens", "Womens", "Other")]
        )
        cls.goods = cls.env["product.product"].create(
            [{"name": one.name, "categ_id": one.id} for one in cls.categories]
        )

    def setUp(self):
        super().setUp()
        self.customers = customers.load()
        now = database_clock.now(self.env)
        self.tags = customers.write(self.env, self.customers, self.env.company, self.goods, now)
        self.env["flow.rfm"]._refresh()
        self.env.invalidate_all()

    # -- blocks --------------------------------------------------------------------------------

    def bought(self, *names, **values):
        wanted = self.categories.filtered(lambda category: category.name in names)
        return {"kind": "bought", "product_category_ids": wanted.ids, **values}

    def tag(self, *names, **values):
        ids = [self.tags[name].id for name in names]
        return {"kind": "tags", "tag_ids": ids, **values}

    def group(self, match, *blocks):
        inner = [(0, 0, block) for block in blocks]
        return {"kind": "group", "match": match, "child_ids": inner}

    def channel(self, name, **values):
        return {"kind": "function", "text": name, **values}

    def count(self, *blocks):
        values = {
            "name": "Customers",
            "use_criteria": True,
            "domain": f"[('ref', '=like', '{customers.REFERENCE}%')]",
            "criterion_ids": [(0, 0, block) for block in blocks],
        }
        audiences = self.env["flow.audience"].with_user(self.user)
        with patch.object(type(audiences), "_note_counts"):  # the same once more
            audience = audiences.create(values)
        found = audience.env["res.partner"].search_count(audience._contact_domain())
        self.assertEqual(audience.contact_count, found)
        return found

    # -- the file --------------------------------------------------------------------------------

    def scores(self, values):
        """Return 1 and the whole fifths of the others who are worse, for each value."""
        ordered = sorted(values)
        below = {}
        for position, value in enumerate(ordered):
            below.setdefault(value, position)
        return [min(5, 1 + 5 * below[value] // (len(values) - 1)) for value in values]

    def test_ten_audiences_are_exact(self):
        people = self.customers
        recency = self.scores([-customer.recency for customer in people])
        monetary = self.scores([customer.cents for customer in people])
        # Everybody ordered once, so the score of frequency is 1.
        segments = [
            GRID[r - 1][(1 + m + 1) // 2 - 1] for r, m in zip(recency, monetary, strict=True)
        ]
        keys = ("potential_loyalist", "need_attention", "at_risk")
        some = self.env["flow.rfm.segment"].search([("key", "in", keys)])
        last = {"kind": "order_date"}
        total = {"kind": "order_total"}
        expectations = (
            ([self.bought("Mens")], lambda n, c: c.mens),
            (
                [self.bought("Womens"), self.bought("Mens", side="not")],
                lambda n, c: c.womens and not c.mens,
            ),
            ([{**last, "days": 90}], lambda n, c: c.recency <= 3),
            (
                [{**last, "days": 180, "order_when": "ago"}, {**total, "number_from": 500}],
                lambda n, c: c.recency > 6 and c.cents >= 50_000,
            ),
            (
                [{**total, "number_operator": "between", "number_from": 100, "number_to": 200}],
                lambda n, c: 10_000 <= c.cents <= 20_000,
            ),
            (
                [
                    self.group(
                        "any",
                        self.group("all", self.channel("Web"), self.bought("Mens")),
                        self.tag("Rural"),
                    )
                ],
                lambda n, c: (c.channel == "Web" and c.mens) or "Rural" in c.tags,
            ),
            (
                [
                    self.group(
                        "none", self.channel("Phone"), self.tag("Newbie"), self.bought("Mens")
                    )
                ],
                lambda n, c: not (c.channel == "Phone" or "Newbie" in c.tags or c.mens),
            ),
            (
                [
                    self.tag("Urban"),
                    self.bought("Womens", days=60),
                    self.group("none", self.tag("Newbie")),
                    self.group(
                        "any", {**total, "number_from": 100}, {**last, "days": 30, "side": "not"}
                    ),
                ],
                lambda n, c: (
                    "Urban" in c.tags
                    and c.womens
                    and c.recency <= 2
                    and "Newbie" not in c.tags
                    and (c.cents >= 10_000 or c.recency > 1)
                ),
            ),
            (
                [{"kind": "rfm_score", "rfm_score": "monetary", "number_from": 5}],
                lambda n, c: monetary[n] == 5,
            ),
            (
                [{"kind": "rfm_segment", "rfm_segment_ids": some.ids}, self.bought("Mens")],
                lambda n, c: segments[n] in keys and c.mens,
            ),
        )
        self.assertEqual(len(expectations), 10)
        for blocks, holds in expectations:
            expected = sum(bool(holds(n, people[n])) for n in range(len(people)))
            self.assertTrue(0 < expected < len(people), "says something")
            self.assertEqual(self.count(*blocks), expected, blocks)
