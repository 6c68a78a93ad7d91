"""The gallery of templates, and the dialog that makes a campaign of one."""

import json
from datetime import timedelta

from lxml import etree
from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..engine import database_clock
from ..models.flow_campaign_document import FORMAT
from .common import FlowCase


@tagged("post_install", "-at_install")
class TestTemplateGallery(FlowCase):
    def template(self, **document):
        document = {"format": FORMAT, "name": "Mine", "states": [], "transitions": [], **document}
        return self.env["flow.template"].create({"name": "Mine", "document": json.dumps(document)})

    def use(self, template):
        return Form(
            self.env["flow.template.use"]
            .with_user(self.user)
            .with_context(**template.with_user(self.user).action_begin()["context"])
        )

    def made(self, form):
        return self.env["flow.campaign"].browse(form.save().action_create()["res_id"])

    def test_each_template_has_a_picture_and_says_what_it_holds(self):
        templates = self.env["flow.template"].with_user(self.user).search([])
        self.assertGreaterEqual(len(templates), 5)
        for template in templates:
            with self.subTest(template.name):
                svg = etree.fromstring(template.picture)
                boxes = [one for one in svg.iter() if "o_flow_box " in (one.get("class") or "")]
                self.assertEqual(len(boxes), len(template._parsed()["states"]))
                self.assertIn("Send email", template.content_words)
                self.assertFalse(template.missing)
                self.assertTrue(template.description)

    def test_what_is_missing_is_said_and_the_gallery_stays(self):
        broken = self.template()
        broken.document = "{"
        other = self.template(
            target_model="x.pigeon",
            states=[{"key": "a", "name": "A", "actions": [{"kind": "pigeon"}, 5]}, "what"],
            transitions=[{"from": "a", "to": "b", "event_kind": "moon"}],
        )
        self.assertIn("no design", broken.missing)
        for word in ("pigeon", "moon", "x.pigeon"):
            self.assertIn(word, other.missing)
        self.assertEqual(other.step_words, "A")
        self.assertTrue((broken | other).mapped("picture"))

    def test_a_campaign_is_made_for_the_audience_of_the_last_one(self):
        self.env["flow.audience"].create({"name": "Newer"})
        template = self.env.ref("marketing_campaign_flow.template_newsletter")
        form = self.use(template)
        self.assertEqual((form.name, form.audience_id), (template.name, self.audience))
        form.name = "Spring <b>🎉</b>"
        campaign = self.made(form)
        self.assertEqual((campaign.name, campaign.user_id), ("Spring <b>🎉</b>", self.user))
        self.assertEqual(campaign.audience_id, self.audience)
        self.assertEqual(campaign.with_user(self.user).get_check()["problems"], [])

    def test_a_template_with_ways_in_needs_no_audience(self):
        form = self.use(self.env.ref("marketing_campaign_flow.template_welcome"))
        self.assertFalse(form.audience_id)
        self.assertEqual(self.made(form)._problems(), [])

    def test_dates_that_have_passed_come_again(self):
        template = self.env.ref("marketing_campaign_flow.template_welcome")
        template.document = template.document.replace("2027-03-15", "2020-03-15")
        action = self.made(self.use(template)).workflow_id.action_ids.filtered("date_at")
        self.assertGreater(action.date_at, database_clock.now(self.env))
        self.assertEqual(fields.Date.to_string(action.date_at)[4:], "-03-15")

    def test_dates_move_together_and_keep_their_order(self):
        now = database_clock.now(self.env)
        days = {"planned": -20, "invited": -10, "ends": 5, "over": 30}
        dates = {key: fields.Datetime.to_string(now + timedelta(n)) for key, n in days.items()}
        email = {"subject": "Hi", "body_html": "<p>Hi</p>"}
        test = {"test_end": "date", "test_date_at": dates["ends"]}
        hello = {"key": "hello", "kind": "email", "email": email, **test}
        template = self.template(
            states=[
                {"key": "a", "name": "A", "kind": "start", "actions": [hello]},
                {"key": "b", "name": "B", "kind": "done"},
            ],
            transitions=[
                {"key": key, "from": "a", "to": "b", "trigger": "date", "date_at": dates[key]}
                for key in ("invited", "over")
            ],
            phases=[
                {
                    "phase_id": self.phases[1].with_context(lang=None).name,
                    "opening": "date",
                    "date_planned": dates["planned"],
                }
            ],
        )
        campaign = self.made(self.use(template))
        ways = campaign.workflow_id.transition_ids
        found = [
            campaign.phase_row_ids.filtered("date_planned").date_planned,
            ways.filtered(lambda way: way.key == "invited").date_at,
            campaign.workflow_id.action_ids.test_date_at,
            ways.filtered(lambda way: way.key == "over").date_at,
        ]
        wanted = [
            fields.Datetime.add(fields.Datetime.to_datetime(date), years=1)
            for date in dates.values()
        ]
        self.assertEqual(found, wanted)

    def test_dates_that_are_none_are_said_and_far_ones_stay(self):
        far = {"key": "a", "name": "A", "kind": "start"}
        way = {"key": "w", "from": "a", "trigger": "date"}
        template = self.template(
            states=[far],
            transitions=[
                {**way, "key": f"w{n}", "date_at": date}
                for n, date in enumerate(("9999-12-31 00:00:00", "2020-02-29 08:00:00"))
            ],
        )
        dates = self.made(self.use(template)).workflow_id.transition_ids.mapped("date_at")
        self.assertEqual(max(dates).year, 9999)
        self.assertGreater(min(dates), database_clock.now(self.env))
        for wrong in ("soon", 5, ["2020-01-01"]):
            with self.subTest(wrong), self.assertRaises(UserError), self.env.cr.savepoint():
                self.made(
                    self.use(self.template(states=[far], transitions=[{**way, "date_at": wrong}]))
                )

    def test_a_template_of_another_kind_of_contact_is_not_for_this_audience(self):
        broken = self.template(target_model="x.pigeon")
        wizard = self.env["flow.audience.use"].create(
            {"audience_id": self.audience.id, "name": "A"}
        )
        self.assertNotIn(broken, wizard.fitting_template_ids)
        with self.assertRaises(UserError):
            self.made(self.use(broken))
