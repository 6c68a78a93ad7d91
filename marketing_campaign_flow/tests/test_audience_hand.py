from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .audience_case import AudienceCase


@tagged("post_install", "-at_install")
class TestAudienceByHand(AudienceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners.function = "tester"
        cls.people = cls.make(use_criteria=True, domain="[('function', '=', 'tester')]")

    def looked_at(self, contacts, audience=None):
        audience = audience or self.people
        return contacts.with_user(self.user).with_context(flow_audience_id=audience.id)

    def test_tick_and_untick(self):
        self.looked_at(self.bob).action_flow_audience_out()
        self.assertEqual(self.names(self.people), ["Ann", "Cleo"])
        self.assertEqual(self.verdict(self.people, self.bob), "by_hand")
        self.looked_at(self.bob).action_flow_audience_in()
        self.assertEqual(self.names(self.people), ["Ann", "Bob", "Cleo"])
        other = self.contact("Other")
        self.assertEqual(self.verdict(self.people, other), "not_found")
        self.looked_at(other).action_flow_audience_in()
        self.assertEqual(self.verdict(self.people, other), "reachable")
        self.assertEqual(self.looked_at(other).flow_audience_hand, "in")
        self.looked_at(other).action_flow_audience_open()
        self.assertEqual(self.verdict(self.people, other), "not_found")
        self.assertFalse(self.looked_at(other).flow_audience_hand)

    def test_many_at_once_are_a_fixed_number_of_statements(self):
        many = self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(300)]
        )
        self.env.flush_all()
        with self.assertQueryCount(30):
            self.looked_at(many).action_flow_audience_in()
        self.assertEqual(len(self.names(self.people)), 303)
        self.looked_at(many).action_flow_audience_out()
        self.assertEqual(len(self.names(self.people)), 3)

    def test_all_that_a_long_list_shows_are_meant(self):
        self.env["ir.config_parameter"].set_param("web.active_ids_limit", "2")
        listed = self.looked_at(self.ann | self.bob)
        everybody = [("flow_audience_verdict", "=", "reachable")]
        before = self.names(self.people)
        self.assertEqual(len(before), 3)
        listed.with_context(active_domain=everybody).action_flow_audience_out()
        self.assertEqual(self.names(self.people), [])

    def test_taking_in_somebody_takes_along_their_address(self):
        twin = self.contact("Bobby", "bob@example.com", function="tester")
        self.looked_at(self.bob).action_flow_audience_out()
        self.assertEqual(self.verdict(self.people, twin), "by_hand")
        self.looked_at(twin).action_flow_audience_in()
        self.assertEqual(self.verdict(self.people, twin), "reachable")
        self.assertEqual(self.verdict(self.people, self.bob), "duplicate")

    def test_decisions_survive_the_next_look_at_the_audience(self):
        start, over = self.state("Start", "start"), self.state("Over", "done")
        self.transition(start, over, "manual")
        self.campaign.write({"audience_id": self.people.id, "on_leaving": "exit"})
        self.looked_at(self.bob).action_flow_audience_out()
        self.launch()
        self.assertEqual(sorted(self.campaign.participant_ids.mapped("name")), ["Ann", "Cleo"])
        other = self.contact("Other")
        self.looked_at(other).action_flow_audience_in()
        self.looked_at(self.ann).action_flow_audience_out()
        self.pass_time(minutes=6)
        self.pass_time(minutes=6)
        self.assertEqual(self.participant(self.ann).end_kind, "left")
        self.assertEqual(self.participant(other).status, "active")
        self.assertFalse(self.participant(self.bob))

    def test_lists_open_from_audience_and_draft_campaign(self):
        self.campaign.audience_id = self.people
        for record in (self.people, self.campaign.with_user(self.user)):
            action = record.action_view_people()
            self.assertEqual(action["context"]["flow_audience_id"], self.people.id)
            self.assertEqual([kind for _view, kind in action["views"]], ["list", "kanban", "form"])
            model = self.env[action["res_model"]].with_user(self.user)
            views = model.with_context(**action["context"]).get_views(
                [*action["views"][:2], action["search_view_id"]]
            )
            self.assertIn("action_flow_audience_out", views["views"]["list"]["arch"])
            self.assertIn("flow_in", views["views"]["search"]["arch"])
        with self.assertRaises(UserError):
            self.people.action_view_verdict("no such")

    def test_mailing_contacts_are_refined_too(self):
        contact = self.subscribe("dora@example.com", self.hot_list)
        audience = self.make(
            "Lists", target_model="mailing.contact", mailing_list_ids=self.hot_list.ids
        )
        self.looked_at(contact, audience).action_flow_audience_out()
        self.assertEqual(self.reasons(audience), {"by_hand": 1})
        action = audience.action_view_people()
        self.env["mailing.contact"].with_user(self.user).get_views(action["views"])

    def test_contacts_alone_decide_nothing(self):
        with self.assertRaises(UserError):
            self.ann.with_user(self.user).action_flow_audience_in()
        self.assertFalse(self.ann.with_user(self.user).flow_audience_verdict)

    def test_many_picks_stay_out_of_the_form(self):
        many = self.env["res.partner"].create([{"name": f"P{n}"} for n in range(101)])
        self.people.partner_ids = many
        self.assertEqual((self.people.picked_count, self.people.are_picks_shown), (101, False))
        self.assertFalse(self.people.shown_partner_ids)
        self.people.write({"name": "Same people", "shown_partner_ids": [(5,)]})
        self.assertEqual(self.people.picked_count, 101)

    def test_deciding_needs_the_right_to_change_the_audience(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self.env["flow.audience"].create({"name": "Theirs", "company_id": company.id})
        with self.assertRaises(AccessError):
            self.looked_at(self.ann, foreign).action_flow_audience_in()

    def test_merged_contacts_keep_decisions(self):
        twin = self.contact("Bobby")
        self.looked_at(twin).action_flow_audience_in()
        self.env["base.partner.merge.automatic.wizard"]._merge((self.bob + twin).ids, self.bob)
        self.assertIn(self.bob, self.people.partner_ids)
