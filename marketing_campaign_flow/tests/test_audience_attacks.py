"""Ways round the rights on contacts, each tried: nobody reaches or counts whom they may not see."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import new_test_user, tagged

from .audience_case import AudienceCase

USER = "marketing_campaign_flow.group_flow_user,base.group_partner_manager"
MANAGER = "marketing_campaign_flow.group_flow_manager,base.group_partner_manager"


@tagged("post_install", "-at_install")
class TestAudienceAttacks(AudienceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.stranger = new_test_user(
            cls.env,
            "flow_stranger",
            groups=USER,
            company_id=cls.elsewhere.id,
            company_ids=[(6, 0, cls.elsewhere.ids)],
        )
        cls.theirs = cls.contact("Theirs", company_id=cls.elsewhere.id)
        cls.shared = cls.make(
            "Shared", company_id=False, partner_ids=(cls.partners + cls.theirs).ids
        )
        cls.foreign = (
            cls.env["flow.audience"]
            .with_user(cls.stranger)
            .create(
                {
                    "name": "Foreign",
                    "company_id": cls.elsewhere.id,
                    "partner_ids": (cls.ann + cls.theirs).ids,
                }
            )
        )

    def setUp(self):
        super().setUp()
        self.env.invalidate_all()  # nobody reads what another test has read

    def mine(self, model):
        return self.env[model].with_user(self.user)

    # -- counts --------------------------------------------------------------------------

    def test_superuser_who_counts_counts_for_the_user(self):
        self.assertEqual(self.shared.sudo().contact_count, 3)
        self.env.invalidate_all()
        self.assertEqual(self.shared.sudo().preview["found"], 3)
        self.assertEqual(len(self.shared.sudo().get_sample()), 3)
        self.assertEqual(self.shared.contact_count, 3)

    def test_comparing_audiences_counts_what_the_user_sees(self):
        overlap = self.mine("flow.audience.overlap").create(
            {"audience_id": self.shared.id, "other_ids": self.make("O", partner_ids=[]).ids}
        )
        self.env.invalidate_all()
        self.assertEqual(overlap.contact_count, 3)
        self.assertEqual(overlap.audience_id.contact_count, 3)

    def test_comparing_with_an_audience_of_another_company_is_refused(self):
        with self.assertRaises(UserError):
            overlap = self.mine("flow.audience.overlap").create(
                {"audience_id": self.shared.id, "other_ids": self.foreign.ids}
            )
            self.env.invalidate_all()
            overlap.line_ids.mapped("shared")

    def test_how_many_were_chosen_by_hand(self):
        self.shared.excluded_partner_ids = self.theirs
        self.assertEqual((self.shared.picked_count, self.shared.never_count), (3, 0))

    def test_growth_is_for_the_company_that_counted(self):
        theirs = self.shared.with_user(self.stranger).copy({"name": "Growing", "company_id": False})
        self.assertEqual(theirs.last_count, 4)
        self.env.invalidate_all()
        seen = theirs.with_user(self.user)
        self.assertEqual((seen.last_count, seen.last_reachable), (0, 0))
        self.assertFalse(seen.count_ids)
        self.assertFalse(self.mine("flow.audience.count").search([("audience_id", "=", seen.id)]))

    def test_counting_takes_no_more_companies_than_the_nightly_one(self):
        both = new_test_user(
            self.env, "flow_both", groups=USER, company_ids=[(6, 0, self.env.companies.ids)]
        )
        both.company_ids += self.elsewhere
        audience = self.make("Grown", company_id=False, partner_ids=self.theirs.ids)
        audience.sudo().create_uid = both
        everywhere = audience.with_user(both).with_context(
            allowed_company_ids=(self.env.company + self.elsewhere).ids
        )
        everywhere.write({"partner_ids": [(4, self.ann.id)]})
        self.assertEqual(audience.with_user(both).last_count, 1)

    def test_campaign_looks_at_its_own_company_only(self):
        companies = (self.env.company + self.elsewhere).ids
        boss = new_test_user(self.env, "flow_boss", groups=MANAGER, company_ids=[(6, 0, companies)])
        self.campaign.audience_id = self.shared
        for responsible in (self.user, boss):
            self.campaign.user_id = responsible
            seen = self.campaign.with_user(boss).with_context(allowed_company_ids=companies)
            self.env.invalidate_all()
            preview = seen.get_count({})
            self.assertFalse(preview["problem"])
            self.assertEqual((preview["eyes"], preview["people"]), (responsible.name, 3))

    # -- by way of relations ---------------------------------------------------------------

    def test_criteria_through_relations_find_nobody_by_whom_they_may_not_see(self):
        self.theirs.parent_id = self.ann
        for domain in (
            [("child_ids.name", "=", "Theirs")],
            [("child_ids", "any", [("name", "=", "Theirs")])],
            [("child_ids", "ilike", "Theirs")],
        ):
            audience = self.make(
                "By child", company_id=False, use_criteria=True, domain=str(domain)
            )
            self.assertEqual(self.names(audience), [], domain)
            self.assertEqual(self.names(audience.with_user(self.stranger)), ["Ann"], domain)

    def test_operators_that_pass_by_the_rules_are_refused(self):
        domain = "[('child_ids', 'any!', [('name', '=', 'Theirs')])]"
        for values in (
            {"use_criteria": True, "domain": domain},
            {"use_exclude_domain": True, "exclude_domain": domain},
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.make("Sly", partner_ids=self.ann.ids, **values)

    def test_contacts_of_an_audience_of_another_company_are_not_told(self):
        contacts = self.mine("res.partner")
        for domain in (
            [("flow_audience_id", "=", self.foreign.id)],
            [("flow_audience_id", "not in", self.foreign.ids)],
            [("child_ids.flow_audience_id", "=", self.foreign.id)],
        ):
            with self.assertRaises(AccessError, msg=domain):
                contacts.search(domain)
            self.env.invalidate_all()
        by_name = Domain("flow_audience_id", "any", [("name", "=", "Foreign")])
        self.assertFalse(contacts.search(by_name))
        looked_at = self.ann.with_user(self.user).with_context(flow_audience_id=self.foreign.id)
        for ask in (
            lambda: looked_at.flow_audience_verdict,
            lambda: looked_at.search([("flow_audience_verdict", "=", "reachable")]),
            looked_at.action_flow_audience_in,
        ):
            with self.assertRaises(AccessError):
                ask()

    def test_nested_audiences_of_another_company_are_not_looked_into(self):
        for name in ("source_audience_ids", "excluded_audience_ids"):
            audience = self.make(name, partner_ids=self.bob.ids)
            audience.sudo().write({name: self.foreign.ids})
            self.env.invalidate_all()
            self.assertTrue(audience.problem, name)
            self.assertEqual(audience.contact_count, 0)
            self.assertNotIn("Foreign", audience.problem)
            with self.assertRaises(UserError):
                audience.get_sample()

    def test_campaigns_of_another_company_are_not_looked_into(self):
        theirs = self.env["flow.campaign"].create(
            {
                "name": "Secret",
                "company_id": self.elsewhere.id,
                "user_id": self.stranger.id,
                "audience_id": self.foreign.id,
            }
        )
        theirs.action_launch()
        self.run_engine()
        self.assertEqual(len(theirs.participant_ids), 2)
        audience = self.make(partner_ids=self.partners.ids)
        audience.sudo().write(
            {"exclude_campaigns": "chosen", "excluded_campaign_ids": [(6, 0, theirs.ids)]}
        )
        self.env.invalidate_all()
        self.assertTrue(audience.problem)
        self.assertEqual(audience.preview["rows"], [])
        self.assertNotIn("Secret", audience.problem)

    # -- rows that name people --------------------------------------------------------------

    def test_who_was_imported_is_told_to_those_who_see_the_contact(self):
        choices = self.env["flow.audience.choice"].with_user(self.stranger)
        shared = self.shared.with_user(self.stranger)
        row = choices.create({"audience_id": shared.id, "email": "theirs@example.com"})
        self.assertEqual(row.result, "done")
        self.env.invalidate_all()
        self.assertFalse(self.mine("flow.audience.choice").search([("id", "=", row.id)]))
        self.assertFalse(self.mine("flow.audience.choice").search_count([("id", "=", row.id)]))
        with self.assertRaises(AccessError):
            row.with_user(self.user).read(["email"])
        self.assertEqual(choices.search([("id", "=", row.id)]), row)
        self.assertEqual(row.read(["email"])[0]["email"], "theirs@example.com")

    def test_naming_a_contact_by_its_number_tells_nothing(self):
        row = self.mine("flow.audience.choice").create(
            {"audience_id": self.shared.id, "partner_id": self.theirs.id}
        )
        self.env.invalidate_all()
        self.assertEqual(row.result, "unknown")
        self.assertFalse(row.read(["partner_id"])[0]["partner_id"])

    def test_fixed_list_names_those_whom_its_reader_sees(self):
        self.shared.kind = "static"
        self.shared.with_user(self.stranger).action_freeze()
        self.env.invalidate_all()
        of_it = [("audience_id", "=", self.shared.id)]
        members = self.env["flow.audience.member"]
        self.assertEqual(members.with_user(self.stranger).search_count(of_it), 4)
        self.assertEqual(self.mine("flow.audience.member").search_count(of_it), 3)
        hidden = members.search([*of_it, ("res_id", "=", self.theirs.id)])
        with self.assertRaises(AccessError):
            hidden.with_user(self.user).read(["res_id"])

    # -- writing ------------------------------------------------------------------------------

    def test_block_cannot_be_moved_into_an_audience_of_another_company(self):
        block = {"kind": "company_type", "company_type": "person"}
        group = {"kind": "group", "child_ids": [(0, 0, block)]}
        audience = self.make("Mine", use_criteria=True, criterion_ids=[(0, 0, block)])
        self.foreign.write({"use_criteria": True, "criterion_ids": [(0, 0, group)]})
        self.env.invalidate_all()
        for values in (
            {"audience_id": self.foreign.id},
            {"parent_id": self.foreign.sudo().criterion_ids.id},
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                audience.criterion_ids.write(values)
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.mine("flow.criterion").create({**block, **values})

    def test_block_is_about_the_people_of_its_audience(self):
        block = {"kind": "company_type", "company_type": "person"}
        audience = self.make("Mine", use_criteria=True, criterion_ids=[(0, 0, block)])
        with self.assertRaises(UserError), self.env.cr.savepoint():
            audience.criterion_ids.target_model = "mailing.contact"

    def test_others_cannot_change_what_they_may_only_read(self):
        foreign = self.foreign.with_user(self.user)
        for change in (
            foreign.action_freeze,
            foreign.action_unfreeze,
            lambda: foreign.write({"partner_ids": self.bob.ids}),
            foreign.get_sample,
            lambda: self.mine("flow.audience.choice").create(
                {"audience_id": foreign.id, "partner_id": self.bob.id}
            ),
        ):
            self.env.invalidate_all()
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                change()


@tagged("post_install", "-at_install")
class TestAudienceNeverWider(AudienceCase):
    """What asks for an audience in a filter means its people, and never everybody."""

    def found(self, *condition):
        domain = [condition, ("id", "in", self.partners.ids)]
        contacts = self.env["res.partner"].with_user(self.user).search(domain)
        return sorted(contacts.mapped("name"))

    def test_audience_of_another_kind_is_meant_by_address(self):
        self.subscribe("ANN@example.com", self.hot_list)
        readers = self.make(
            "Readers", target_model="mailing.contact", mailing_list_ids=self.hot_list.ids
        )
        self.assertEqual(self.found("flow_audience_id", "=", readers.id), ["Ann"])
        self.assertEqual(self.found("flow_audience_id", "!=", readers.id), ["Bob", "Cleo"])

    def test_no_audience_and_one_that_is_gone_are_refused(self):
        gone = self.make("Gone", partner_ids=self.ann.ids)
        number = gone.id
        audience = self.make(
            use_criteria=True, domain=f"[('flow_audience_id', 'not in', [{number}])]"
        )
        gone.sudo().unlink()
        self.env.invalidate_all()
        self.assertTrue(audience.problem)
        self.assertEqual(audience.contact_count, 0)
        for operator in ("=", "!="):
            with self.assertRaisesRegex(UserError, "which audience"):
                self.found("flow_audience_id", operator, False)
