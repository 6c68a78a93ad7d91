"""Documents and templates: a campaign goes out as JSON and comes in as the same campaign."""

import json

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import FlowCase


@tagged("post_install", "-at_install")
class TestDocument(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start", phase=cls.phases[1])
        cls.wait = cls.state("Wait")
        cls.over = cls.state("Over", "goal", color=4)
        cls.hello = cls.email(cls.start, timing="delay", delay_value=2, use_window=True)
        cls.listing = cls.action(cls.wait, "subscription", mailing_list_id=cls.hot_list.id)
        city = cls.env["ir.model.fields"]._get("res.partner", "city")
        cls.action(cls.wait, "field", field_id=city.id, field_value="Rome")
        cls.transition(cls.start, cls.wait, "timeout", delay_value=3, after_action_id=cls.hello.id)
        thanks = cls.transition(
            None, None, "event", event_kind="clicked", event_action_id=cls.hello.id,
            link_pattern="*offer*", event_times=2,
        )  # fmt: skip
        cls.action(thanks, "subscription", mailing_list_id=cls.hot_list.id)
        cls.transition(cls.wait, cls.over, "condition", condition="[('city', '=', 'Rome')]")
        row = cls.campaign.phase_row_ids.filtered(lambda row: row.phase_id == cls.phases[2])
        row.write(
            {
                "opening": "result",
                "result_metric": "open_rate",
                "result_action_id": cls.hello.id,
                "result_threshold": 25,
            }
        )
        cls.env["flow.phase.task"].create(
            {"campaign_id": cls.campaign.id, "phase_id": cls.phases[0].id, "name": "Proof-read"}
        )
        cls.env["flow.entry"].create(
            {"campaign_id": cls.campaign.id, "event_kind": "custom", "event_detail": "quiz"}
        )

    def document(self):
        return json.loads(json.dumps(self.campaign._to_document()))

    def import_as_user(self, document, **values):
        return self.env["flow.campaign"].with_user(self.user)._from_document(document, **values)

    def test_what_comes_in_is_what_went_out(self):
        document = self.document()
        twin = self.import_as_user(document, audience_id=self.audience.id)
        self.assertEqual(json.loads(json.dumps(twin._to_document())), document)
        self.assertEqual(twin._problems(), self.campaign._problems())
        self.assertNotEqual(twin.workflow_id.action_ids.mailing_id, self.hello.mailing_id)
        timeout = twin.workflow_id.transition_ids.filtered(lambda t: t.trigger == "timeout")
        self.assertEqual(timeout.after_action_id.mailing_id.subject, "Hello")

    def test_lists_that_are_missing_are_created(self):
        document = self.document()
        self.hot_list.name = "Warm"
        twin = self.import_as_user(document)
        lists = twin.workflow_id.action_ids.mailing_list_id
        self.assertEqual(lists.mapped("name"), ["Hot"])
        self.assertNotEqual(lists, self.hot_list)

    def test_everything_that_does_not_fit_is_said(self):
        document = self.document()
        document["states"][0]["phase_id"] = "Nowhere"
        document["states"][0]["actions"][0]["kind"] = "pigeon"
        document["transitions"][0]["to"] = "nothing"
        document["transitions"][1]["colour"] = "red"
        with self.assertRaises(UserError) as caught:
            self.import_as_user(document)
        for word in ("Nowhere", "pigeon", "nothing", "colour"):
            self.assertIn(word, str(caught.exception))

    def test_damaged_documents_are_refused(self):
        for document in ({}, [], None, {"format": "other/1"}):
            with self.assertRaises(UserError):
                self.import_as_user(document)
        for name in ("states", "transitions", "name"):
            document = self.document()
            del document[name]
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.import_as_user(document)

    def test_template_makes_campaigns(self):
        action = self.campaign.with_user(self.user).action_save_as_template()
        template = self.env["flow.template"].browse(action["res_id"])
        self.assertIn("Start → Wait → Over", template.step_words)
        campaign = template.with_user(self.user)._make_campaign()
        self.assertEqual(campaign.name, "Invitation")
        self.assertEqual(campaign.status, "draft")
        self.assertEqual(campaign.user_id, self.user)

    def test_template_without_a_design_says_so(self):
        template = self.env["flow.template"].create({"name": "Empty", "document": "{"})
        with self.assertRaises(ValidationError):
            template._make_campaign()


@tagged("post_install", "-at_install")
class TestTemplates(FlowCase):
    def test_each_template_makes_a_campaign_that_can_be_launched(self):
        for template in self.env["flow.template"].search([]):
            with self.subTest(template.name):
                campaign = template.with_user(self.user)._make_campaign()
                if not campaign.entry_ids:
                    campaign.audience_id = self.audience
                self.assertEqual(campaign._problems(), [])
