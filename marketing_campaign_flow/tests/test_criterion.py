"""Criteria in plain words find whom they say, nest, and never find more."""

from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..engine import database_clock
from .common import FlowCase


class CriterionCase(FlowCase):
    """Audiences of the three contacts of `FlowCase`, by blocks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tested = cls.env["res.partner.category"].create({"name": "Tested"})
        cls.partners.category_id = cls.tested
        cls.italy, cls.austria = cls.env.ref("base.it"), cls.env.ref("base.at")
        cls.vip = cls.env["res.partner.category"].create({"name": "VIP"})

    def audience_of(self, *blocks, **values):
        """Return an audience by blocks; a block is a dictionary, a group has its blocks under
        ``any``, ``all`` or ``none``."""
        return self.env["flow.audience"].create(
            {
                "name": "By blocks",
                "use_criteria": True,
                "criterion_ids": [self.block(block) for block in blocks],
                **values,
            }
        )

    def block(self, values):
        for match in ("any", "all", "none"):
            if match in values:
                inner = [self.block(block) for block in values[match]]
                return (0, 0, {"kind": "group", "match": match, "child_ids": inner})
        return (0, 0, values)

    def found(self, *blocks, user=None, **values):
        """Return the names of those of the contacts whom blocks find, and check the count."""
        audience = self.audience_of(*blocks, **values)
        return self.names(audience.with_user(user or self.user))

    def names(self, audience):
        tested = self.env[audience.target_model]._fields
        tag = "category_id" if "category_id" in tested else "tag_ids"
        audience.domain = f"[('{tag}', '=', {self.tested.id})]"
        found = audience.env[audience.target_model].search(audience._contact_domain())
        self.assertEqual(audience.contact_count, len(found))
        return " ".join(sorted(found.mapped("name")))


@tagged("post_install", "-at_install")
class TestCriterion(CriterionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann.write({"country_id": cls.italy.id, "function": "Head of 10% things", "lang": False})
        cls.bob.write({"country_id": cls.austria.id, "category_id": [(4, cls.vip.id)]})

    def country(self, *countries, **values):
        ids = [country.id for country in countries]
        return {"kind": "country", "country_ids": [(6, 0, ids)], **values}

    def tags(self, *tags, **values):
        return {"kind": "tags", "tag_ids": [(6, 0, [tag.id for tag in tags])], **values}

    # -- combined --------------------------------------------------------------------------

    def test_blocks_are_combined_and_nest(self):
        italy, austria = self.country(self.italy), self.country(self.austria)
        vip = self.tags(self.vip)
        not_vip = self.tags(self.vip, side="not")
        for blocks, expected in (
            ([italy], "Ann"),
            ([self.country(self.italy, self.austria)], "Ann Bob"),
            ([self.country(self.italy, side="not")], "Bob Cleo"),
            ([vip], "Bob"),
            ([not_vip], "Ann Cleo"),
            ([italy, vip], ""),
            ([{"any": [italy, vip]}], "Ann Bob"),
            ([{"any": [italy, not_vip]}], "Ann Cleo"),
            ([{"all": [austria, vip]}], "Bob"),
            ([{"none": [italy, vip]}], "Cleo"),
            ([{"none": [{"all": [austria, vip]}]}], "Ann Cleo"),
            ([{"none": [{"none": [italy, vip]}]}], "Ann Bob"),
            ([{"any": [{"all": [austria, not_vip]}, italy]}], "Ann"),
            ([{"any": [{"none": [vip]}, austria]}, self.country(self.italy, side="not")],
             "Bob Cleo"),
        ):  # fmt: skip
            self.assertEqual(self.found(*blocks), expected, blocks)

    def test_filter_and_blocks_hold_together(self):
        audience = self.audience_of(self.country(self.italy, self.austria))
        audience.domain = f"[('category_id', '=', {self.vip.id})]"
        self.assertEqual(audience.contact_count, 1)

    def test_archived_contacts_are_not_found_by_what_does_not_hold(self):
        self.cleo.active = False
        self.assertEqual(self.found(self.tags(self.vip, side="not")), "Ann")

    def test_each_block_counts_on_its_own(self):
        audience = self.audience_of(
            {"any": [self.tags(self.tested), self.tags(self.vip)]}, self.tags(self.vip)
        ).with_user(self.user)
        group, vip = audience.criterion_ids
        self.assertEqual((group.contact_count, vip.contact_count), (3, 1))
        self.assertEqual(group.child_ids.mapped("contact_count"), [3, 1])

    def test_copy_has_blocks_of_its_own(self):
        audience = self.audience_of({"any": [self.country(self.italy)]})
        twin = audience.copy()
        audience.criterion_ids.unlink()
        self.assertEqual(twin.criterion_ids.child_ids.country_ids, self.italy)
        self.assertEqual(twin.criterion_ids.child_ids.audience_id, twin)
        self.assertFalse(audience.criterion_ids)

    # -- in words ----------------------------------------------------------------------------

    def test_blocks_say_what_they_mean(self):
        both = self.austria + self.italy
        for block, sentence in (
            (self.country(*both), "Country is Austria or Italy"),
            (self.country(*both, side="not"), "Country is not Austria or Italy"),
            ({"kind": "age", "number_from": 30}, "Age is at least 30"),
            (
                {"kind": "age", "number_operator": "between", "number_from": 18, "number_to": 30},
                "Age is between 18 and 30",
            ),
            ({"kind": "birthday", "birthday_days": 7}, "Birthday is within the next 7 days"),
            (
                {"kind": "birthday", "birthday_when": "month", "birthday_month": "5"},
                "Birthday is in May",
            ),
            ({"kind": "company_type"}, "The contact is a company"),
            (
                {"kind": "reaction", "reaction": "received", "side": "not"},
                "Not: Got an email",
            ),
            (
                {"kind": "reaction", "reaction": "clicked", "days": 30, "times": 2},
                "Clicked a link at least 2 times in the last 30 days",
            ),
            (
                {"none": [self.tags(self.vip), {"kind": "function", "text": "sales"}]},
                "None of these: Tag is VIP; Job position contains “sales”",
            ),
        ):
            audience = self.audience_of(block).with_user(self.user)
            self.assertEqual(audience.criterion_ids.display_name, sentence)
            self.assertRegex(audience.criterion_ids.icon, "^fa-")

    def test_every_kind_has_words_a_domain_and_an_icon(self):
        criteria = self.env["flow.criterion"]
        for kind, _label in criteria._fields["kind"]._description_selection(self.env):
            self.assertTrue(hasattr(criteria, f"_words_{kind}"), kind)
            self.assertTrue(hasattr(criteria, f"_domain_{kind}"), kind)
            self.assertIn(kind, criteria._icons())

    def test_form_counts_while_it_is_filled_in(self):
        form = Form(self.env["flow.audience"].with_user(self.user))
        form.name = "New"
        form.use_criteria = True
        with form.criterion_ids.new() as block:
            block.kind = "tags"
            self.assertTrue(block.problem)
            block.tag_ids.add(self.vip)
            self.assertFalse(block.problem)
            self.assertEqual(block.display_name, "Tag is VIP")
            self.assertEqual(self.counted(block), {"people": 1})
        self.assertEqual(self.counted(form)["people"], 1)
        self.assertEqual(form.save().criterion_ids.tag_ids, self.vip)

    # -- bad input ---------------------------------------------------------------------------

    def test_blocks_that_say_nothing_are_refused(self):
        for block in (
            {"kind": "country"},
            {"kind": "tags"},
            {"kind": "function", "text": "  "},
            {"kind": "page"},
            {"kind": "reaction", "campaign_scope": "one"},
            {"kind": "participation", "participation": "state", "campaign_id": self.campaign.id},
            {"kind": "birthday", "birthday_when": "month"},
            {"kind": "age", "number_operator": "between", "number_from": 9, "number_to": 3},
            {"any": []},
            {"none": [{"all": []}]},
        ):
            with self.assertRaises(ValidationError, msg=block):
                self.audience_of(block)

    def test_block_cannot_be_emptied_later(self):
        audience = self.audience_of(self.country(self.italy))
        with self.assertRaises(ValidationError):
            audience.criterion_ids.country_ids = False

    def test_group_cannot_be_part_of_itself(self):
        audience = self.audience_of({"any": [{"any": [self.country(self.italy)]}]})
        group = audience.criterion_ids
        with self.assertRaises(ValidationError):
            group.parent_id = group.child_ids

    def test_what_a_block_names_is_not_deleted(self):
        self.audience_of(self.tags(self.vip, side="not"))
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(IntegrityError, "flow_criterion_tag_rel"),
            self.cr.savepoint(),
        ):
            self.vip.unlink()

    def test_archived_tag_still_holds_for_those_who_have_it(self):
        audience = self.audience_of(self.tags(self.vip))
        self.vip.active = False
        self.env.invalidate_all()
        self.assertFalse(audience.criterion_ids.problem)
        self.assertEqual(self.names(audience.with_user(self.user)), "Bob")

    def test_deleted_campaign_means_nobody_and_says_so(self):
        other = self.campaign.copy()
        never = {"kind": "participation", "participation": "ever", "side": "not"}
        audience = self.audience_of(
            {"none": [{**never, "campaign_scope": "one", "campaign_id": other.id}]}
        )
        other.unlink()
        block = audience.criterion_ids
        self.assertIn("deleted", block.problem)
        self.assertEqual((block.contact_count, audience.contact_count), (0, 0))
        with self.assertRaisesRegex(UserError, "Nobody can be found"):
            audience._contact_query()

    def test_kind_that_goes_away_means_nobody(self):
        audience = self.audience_of(self.country(self.italy))
        block = audience.criterion_ids
        self.env.cr.execute("UPDATE flow_criterion SET kind = 'group' WHERE id = %s", [block.id])
        block.invalidate_recordset()
        self.assertTrue(block.problem)
        self.assertEqual(audience.contact_count, 0)

    # -- rights ------------------------------------------------------------------------------

    def test_nobody_is_found_whom_the_user_may_not_see(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.bob.company_id = other
        either = {"any": [self.tags(self.vip), self.country(self.italy)]}
        neither = {"none": [self.country(self.italy)]}
        self.assertEqual(self.found(either), "Ann")
        self.assertEqual(self.found(neither), "Cleo")

    def test_blocks_of_other_companies_are_not_seen(self):
        other = self.env["res.company"].create({"name": "Other"})
        audience = self.audience_of(self.country(self.italy), company_id=other.id)
        seen = self.env["flow.criterion"].with_user(self.user).search([])
        self.assertNotIn(audience.criterion_ids, seen)

    def test_blocks_are_for_campaign_users(self):
        stranger = new_test_user(self.env, "stranger", groups="base.group_user")
        self.assertFalse(self.env["flow.criterion"].with_user(stranger).has_access("read"))

    # -- who they are ------------------------------------------------------------------------

    def test_who_they_are(self):
        region = self.env["res.country.state"].search([], limit=1)
        industry = self.env["res.partner.industry"].create({"name": "Cranes"})
        english = self.env.ref("base.lang_en")
        self.ann.write({"state_id": region.id, "is_company": True, "industry_id": industry.id})
        self.bob.lang = "en_US"
        self.cleo.lang = self.ann.lang = False
        for block, expected in (
            ({"kind": "region", "region_ids": region.ids}, "Ann"),
            ({"kind": "industry", "industry_ids": industry.ids, "side": "not"}, "Bob Cleo"),
            ({"kind": "language", "lang_ids": english.ids}, "Bob"),
            ({"kind": "company_type", "company_type": "company"}, "Ann"),
            ({"kind": "company_type", "company_type": "person"}, "Bob Cleo"),
            ({"kind": "function", "text": "head OF 10%"}, "Ann"),
            ({"kind": "function", "text": "head of 10_"}, ""),
            (self.tags(self.vip, self.tested, tag_match="all"), "Bob"),
            (self.tags(self.vip, self.tested), "Ann Bob Cleo"),
        ):
            self.assertEqual(self.found(block), expected, block)

    def test_age(self):
        today = fields.Date.context_today(self.env["res.partner"].with_user(self.user))
        self.ann.birthdate = today.replace(year=today.year - 30, day=1) - timedelta(days=1)
        self.bob.birthdate = today.replace(year=today.year - 17, day=1)
        age = {"kind": "age", "number_from": 18}
        for block, expected in (
            (age, "Ann"),
            ({**age, "number_operator": "<="}, "Bob"),
            ({**age, "side": "not"}, "Bob Cleo"),
            ({**age, "number_operator": "between", "number_to": 30}, "Ann"),
            ({**age, "number_operator": "=", "number_from": 30}, "Ann"),
        ):
            self.assertEqual(self.found(block), expected, block)

    def test_birthday(self):
        today = fields.Date.context_today(self.env["res.partner"].with_user(self.user))
        soon = today + timedelta(days=7)
        self.ann.birthdate = date(1972, today.month, today.day)
        self.bob.birthdate = date(1980, soon.month, soon.day)
        birthday = {"kind": "birthday"}
        for block, expected in (
            ({**birthday, "birthday_when": "today"}, "Ann"),
            ({**birthday, "birthday_days": 7}, "Ann Bob"),
            ({**birthday, "birthday_days": 6}, "Ann"),
            ({**birthday, "birthday_days": 366, "side": "not"}, "Cleo"),
        ):
            self.assertEqual(self.found(block), expected, block)
        month = str(self.ann.birthdate.month)
        self.assertIn(
            "Ann",
            self.found({**birthday, "birthday_when": "month", "birthday_month": month}),
        )

    def test_leap_day_is_celebrated_the_day_before_in_other_years(self):
        self.ann.birthdate = date(2000, 2, 29)
        criteria = self.env["flow.criterion"]
        for day, is_found in (
            (date(2027, 2, 28), True),
            (date(2028, 2, 28), False),
            (date(2028, 2, 29), True),
            (date(2027, 3, 1), False),
        ):
            domain = criteria._born_on([day]) & fields.Domain("id", "=", self.ann.id)
            self.assertEqual(bool(self.env["res.partner"].search(domain)), is_found, day)

    def test_mailing_contacts_are_found_by_what_contacts_with_their_address_are(self):
        self.env["mailing.contact"].create(
            [
                {"name": "Ann by list", "email": "Ann@example.com", "tag_ids": self.tested.ids},
                {
                    "name": "Dora",
                    "email": "dora@example.com",
                    "tag_ids": (self.tested + self.vip).ids,
                    "country_id": self.austria.id,
                },
            ]
        )
        self.ann.is_company = True
        company = {"kind": "company_type"}
        for block, expected in (
            (company, "Ann by list"),
            ({**company, "side": "not"}, "Dora"),
            (self.tags(self.vip), "Dora"),
            (self.country(self.austria), "Dora"),
            ({"any": [company, self.tags(self.vip)]}, "Ann by list Dora"),
        ):
            found = self.found(block, target_model="mailing.contact")
            self.assertEqual(found, expected, block)

    # -- points ------------------------------------------------------------------------------

    def test_points(self):
        group = self.env["flow.point.group"].create({"name": "Cranes"})
        self.env["flow.point"].create(
            [
                {"partner_id": self.ann.id, "amount": 50},
                {"partner_id": self.bob.id, "amount": 10, "group_id": group.id},
            ]
        )
        points = {"kind": "points", "number_from": 10}
        of_group = {**points, "point_group_id": group.id}
        for block, expected in (
            (points, "Ann Bob"),
            ({**points, "number_operator": "<="}, "Bob Cleo"),
            (of_group, "Bob"),
            ({**of_group, "side": "not"}, "Ann Cleo"),
            ({**of_group, "number_operator": "<=", "number_from": 9}, "Ann Cleo"),
            ({**of_group, "number_operator": "=", "number_from": 0}, "Ann Cleo"),
            ({"any": [of_group, {**points, "number_from": 50}]}, "Ann Bob"),
        ):
            self.assertEqual(self.found(block), expected, block)

    # -- pages -------------------------------------------------------------------------------

    def view(self, url, days=0, **visitor):
        moment = database_clock.now(self.env) - timedelta(days=days)
        visitor = self.env["flow.visitor"].create(
            {"first_seen_at": moment, "last_seen_at": moment, **visitor}
        )
        self.env["flow.page.view"].create(
            {
                "visitor_id": visitor.id,
                "key": f"view{visitor.id}",
                "url": url,
                "started_at": moment,
                "seen_at": moment,
            }
        )

    def test_pages_visited(self):
        self.view("https://shop.example/offer/1", partner_id=self.ann.id)
        self.view("https://shop.example/offer/2", partner_id=self.ann.id, days=40)
        self.view("https://shop.example/offer/2", partner_id=self.bob.id, days=40)
        self.view("https://shop.example/offer/2")
        other = self.env["res.company"].create({"name": "Other"})
        self.view("https://shop.example/offer/3", partner_id=self.cleo.id, company_id=other.id)
        page = {"kind": "page", "text": "https://shop.example/offer/*"}
        for block, expected in (
            (page, "Ann Bob"),
            ({**page, "side": "not"}, "Cleo"),
            ({**page, "days": 30}, "Ann"),
            ({**page, "times": 2}, "Ann"),
            ({**page, "text": "https://shop.example/offer/2"}, "Ann Bob"),
            ({**page, "text": "offer"}, ""),
        ):
            self.assertEqual(self.found(block), expected, block)
        contact = self.env["mailing.contact"].create(
            {"name": "Dora", "email": "dora@example.com", "tag_ids": self.tested.ids}
        )
        self.view("https://shop.example/offer/1", model="mailing.contact", res_id=contact.id)
        self.assertEqual(self.found(page, target_model="mailing.contact"), "Dora")

    def test_events_can_be_chosen_where_there_are_events(self):
        kinds = dict(self.env["flow.criterion"].fields_get(["kind"])["kind"]["selection"])
        has_events = "event.registration" in self.env
        self.assertEqual("event_attended" in kinds, has_events)
        if not has_events:
            with self.assertRaises(ValidationError):
                self.audience_of({"kind": "event_attended", "text": "*"})
