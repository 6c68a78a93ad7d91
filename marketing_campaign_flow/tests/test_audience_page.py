"""A page of the list of an audience's people is what Odoo returns, but judges everybody once."""

from unittest.mock import patch

from odoo.tests import tagged

from ..engine import audience as engine
from .audience_case import AudienceCase

SHOWN = {
    name: {}
    for name in ("display_name", "email", "flow_audience_verdict", "flow_audience_hand")
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestAudiencePage(AudienceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mute = cls.contact("Mute", "")
        cls.twin = cls.contact("Anna", "Ann@Example.com")
        cls.other = cls.contact("Other")
        cls.picked = cls.make(
            partner_ids=(cls.partners + cls.mute + cls.twin).ids,
            excluded_partner_ids=(cls.bob + cls.other).ids,
        )
        cls.people = (cls.partners + cls.mute + cls.twin + cls.other).ids

    def page(self, domain, as_odoo=False, model="res.partner", audience=None, **options):
        """Return what a list asks for."""
        self.env.invalidate_all()
        context = {"flow_audience_id": (audience or self.picked).id}
        people = self.env[model].with_user(self.user).with_context(**context)
        read = type(self.env["base"] if as_odoo else people).web_search_read
        return read(people, domain, SHOWN, **options)

    def test_it_is_as_odoo_returns_it(self):
        among = [("id", "in", self.people)]
        verdict = "flow_audience_verdict"
        for domain in (
            [(verdict, "in", ["in"])],
            [(verdict, "in", ["reachable"])],
            [(verdict, "in", ["duplicate", "by_hand"])],
            [(verdict, "not in", ["in"]), *among],
            [(verdict, "in", ["not_found"]), *among],
            [(verdict, "in", ["not_found", "no_address"]), *among],
            ["|", (verdict, "in", ["no_address"]), (verdict, "in", ["duplicate"])],
            ["|", ("name", "=", "Other"), (verdict, "in", ["in"])],
            among,
        ):
            for options in (
                {"limit": 80},
                {"limit": 2},
                {"limit": 2, "offset": 2, "order": "email desc, id"},
                {"limit": 1, "count_limit": 2},
                {},
            ):
                with self.subTest(domain=domain, **options):
                    ours = self.page(domain, **options)
                    self.assertEqual(ours, self.page(domain, as_odoo=True, **options))
                    self.assertTrue(ours["records"] or options.get("offset"))

    def test_nobody_and_no_audience(self):
        domain = [("flow_audience_verdict", "in", ["list"])]
        self.assertEqual(self.page(domain, limit=80), {"length": 0, "records": []})
        people = self.env["res.partner"].with_user(self.user)
        read = people.web_search_read([("id", "in", self.ann.ids)], SHOWN, limit=80)
        self.assertEqual(read["length"], 1)

    def test_everybody_is_judged_once(self):
        domain = ["|", *[("flow_audience_verdict", "in", [one]) for one in ("in", "duplicate")]]
        cursor = type(self.env.cr)
        with (
            patch.object(engine, "reach", wraps=engine.reach) as reach,
            patch.object(cursor, "execute", autospec=True, side_effect=cursor.execute) as execute,
        ):
            read = self.page(domain, limit=2)
        self.assertEqual((read["length"], len(read["records"])), (4, 2))
        self.assertEqual(reach.call_count, 1)
        statements = [str(call.args[1]) for call in execute.call_args_list]
        self.assertEqual(sum("flow_verdict" in text for text in statements), 1)

    def test_mailing_contacts(self):
        for name in ("one", "two", "three"):
            self.subscribe(f"{name}@example.com", self.hot_list)
        lists = self.make(target_model="mailing.contact", mailing_list_ids=self.hot_list.ids)
        asked = {"model": "mailing.contact", "audience": lists, "limit": 2}
        read = self.page([("flow_audience_verdict", "in", ["in"])], **asked)
        self.assertEqual(read["length"], 3)
        self.assertEqual(
            read, self.page([("flow_audience_verdict", "in", ["in"])], as_odoo=True, **asked)
        )
