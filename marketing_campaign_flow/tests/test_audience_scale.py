"""What an audience costs does not grow with its people."""

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL
from odoo.tools.sql import table_columns

from .audience_case import AudienceCase

MANY = 400
PICKED = 50_000

# Contacts like another one, under names and addresses of their own.
PEOPLE = """
    INSERT INTO res_partner (%(columns)s, name, email, email_normalized)
    SELECT %(columns)s, 'P' || n, 'p' || n || '@many.example', 'p' || n || '@many.example'
      FROM res_partner p, generate_series(1, %(count)s) n WHERE p.id = %(model)s
 RETURNING id
"""
OWN = {"id", "name", "email", "email_normalized"}


@tagged("post_install", "-at_install")
class TestAudienceScale(AudienceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start, cls.over = cls.state("Start", "start"), cls.state("Over", "done")
        cls.transition(cls.start, cls.over, "manual")
        cls.tag = cls.env["res.partner.category"].create({"name": "Counted"})
        cls.partners.category_id = cls.tag
        picked = cls.make("Picked", partner_ids=cls.partners.ids)
        left_out = cls.make("Out", partner_ids=cls.contact("Zoe").ids)
        cls.subscribe("bob@example.com", cls.hot_list)
        # Something of everything that an audience can be made of.
        cls.people = cls.make(
            "Of everything",
            use_criteria=True,
            criterion_ids=[Command.create({"kind": "tags", "tag_ids": cls.tag.ids})],
            source_audience_ids=picked.ids,
            mailing_list_ids=cls.hot_list.ids,
            use_exclude_domain=True,
            exclude_domain="[('function', '=', 'Rival')]",
            excluded_audience_ids=left_out.ids,
            exclude_campaigns="all",
            exclude_contacted_days=1,
        )
        cls.campaign.audience_id = cls.people

    def grow(self):
        many = self.env["res.partner"].create(
            [
                {"name": f"P{n}", "email": f"p{n}@many.example", "category_id": self.tag.ids}
                for n in range(MANY)
            ]
        )
        self.env.flush_all()
        return many

    def statements(self, act):
        """Return how many statements something takes, when Odoo knows models and rights."""
        act()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        act()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def assert_costs_the_same(self, act, few, many):
        """Assert that as many statements are taken for many people as for few."""
        before, taken = self.statements(act), few()
        self.assertEqual(taken, 3)
        self.grow()
        after = self.statements(act)
        self.assertEqual(many(), 3 + MANY)
        self.assertLessEqual(after, before)

    def test_preview(self):
        def people():
            return self.people.preview["people"]

        self.assert_costs_the_same(lambda: self.people._preview(), people, people)

    def test_sample(self):
        few = self.statements(self.people.get_sample)
        self.grow()
        self.assertLessEqual(self.statements(self.people.get_sample), few)
        self.assertEqual(len(self.people.get_sample()), 80)

    def test_enrolment(self):
        self.campaign.action_launch()
        campaign = self.campaign.with_env(self.env)
        now = self.env.cr.now()

        def inside():
            return len(campaign.participant_ids)

        few = self.statements(lambda: campaign._enrol_members(now))
        self.assertEqual(inside(), 3)
        self.grow()
        # The first time everybody comes in, the second time nobody.
        self.assertLessEqual(self.statements(lambda: campaign._enrol_members(now)), few)
        self.assertEqual(inside(), 3 + MANY)

    def test_fixed_list(self):
        self.people.kind = "static"

        def fixed():
            return self.people.frozen_count

        self.assert_costs_the_same(self.people.action_freeze, fixed, fixed)

    def test_comparison(self):
        overlap = self.env["flow.audience.overlap"].with_user(self.user)
        overlap = overlap.create(
            {"audience_id": self.people.id, "other_ids": self.people.source_audience_ids.ids}
        )

        few = self.statements(lambda: overlap.line_ids.mapped("shared"))
        self.grow()
        self.assertLessEqual(self.statements(lambda: overlap.line_ids.mapped("shared")), few)

    def test_import(self):
        rows = [
            {"audience_id": self.people.id, "email": f"n{n}@new.example", "name": f"N{n}"}
            for n in range(50)
        ]
        choices = self.env["flow.audience.choice"].with_user(self.user)
        self.env["res.partner"].create(
            [{"name": row["name"], "email": row["email"]} for row in rows]
        )
        few = self.statements(lambda: choices.create(rows[:5]))
        # Odoo inserts rows by the hundred.
        self.assertLessEqual(self.statements(lambda: choices.create(rows)), few + 2)
        self.assertEqual(self.people.contact_count, 53)

    def test_fifty_thousand_who_were_picked_by_hand(self):
        self.env.flush_all()
        columns = sorted(set(table_columns(self.env.cr, "res_partner")) - OWN)
        columns = SQL(", ").join(map(SQL.identifier, columns))
        rows = self.env.execute_query(SQL(PEOPLE, columns=columns, count=PICKED, model=self.ann.id))
        ids = [row[0] for row in rows]
        self.env.cr.execute("ANALYZE res_partner")  # as PostgreSQL does in the meantime
        audience = self.make("Picked", partner_ids=self.ann.ids)
        statement = audience._reached()
        few = self.statements(audience._preview)
        audience.write({"partner_ids": [Command.set(ids)]})
        self.assertEqual(audience._reached(), statement)  # it names nobody
        self.assertLessEqual(self.statements(audience._preview), few)
        self.assertEqual(audience.contact_count, PICKED)
        self.assertEqual((audience.picked_count, audience.are_picks_shown), (PICKED, False))
        self.assertFalse(audience.shown_partner_ids)
        audience.write({"excluded_partner_ids": [Command.set(ids[10:])]})
        self.assertEqual(self.reasons(audience), {"by_hand": PICKED - 10})
