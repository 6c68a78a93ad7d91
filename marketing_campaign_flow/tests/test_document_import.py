"""Workflows as files: out of one campaign, looked at, and into another one."""

import base64
import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import FlowCase


@tagged("post_install", "-at_install")
class TestDocumentImport(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        start, over = cls.state("Start", "start"), cls.state("Over", "goal")
        cls.hello = cls.email(start, "Hello")
        cls.action(over, "subscription", mailing_list_id=cls.hot_list.id)
        cls.transition(start, over, "event", event_kind="opened")

    def file(self, document=None):
        document = document or self.campaign._to_document()
        text = document if isinstance(document, str) else json.dumps(document)
        return base64.b64encode(text.encode())

    def wizard(self, file, **context):
        form = Form(self.env["flow.document.import"].with_user(self.user).with_context(**context))
        form.file = file
        return form

    def test_a_file_is_looked_at_and_becomes_a_campaign(self):
        file = self.file()
        self.hot_list.name = "Warm"
        before = self.env["flow.campaign"].search_count([])
        form = self.wizard(file)
        self.assertEqual((form.name, form.step_words), ("Invitation", "Start → Over"))
        self.assertIn("o_flow_box_goal", form.picture)
        form.audience_id = self.audience
        wizard = form.save()
        wizard.action_look()
        self.assertTrue(wizard.is_looked_at)
        self.assertIn("Hot", wizard.created_words)
        self.assertEqual(self.env["flow.campaign"].search_count([]), before)
        self.assertFalse(self.env["mailing.list"].search([("name", "=", "Hot")]))
        campaign = self.env["flow.campaign"].browse(wizard.action_import()["res_id"])
        self.assertEqual(campaign._problems(), [])
        self.assertEqual(campaign.user_id, self.user)

    def test_what_does_not_fit_is_said_and_nothing_is_made(self):
        document = self.campaign._to_document()
        document["states"][0]["phase_id"] = "Nowhere"
        wizard = self.wizard(self.file(document)).save()
        wizard.action_look()
        self.assertFalse(wizard.is_looked_at)
        self.assertIn("Nowhere", wizard.refusal)
        del document["states"][0]["phase_id"]
        document["settings"]["sending_rate"] = 1 << 70
        wizard = self.wizard(self.file(document)).save()
        with mute_logger("odoo.sql_db"):
            wizard.action_look()
        self.assertIn("cannot be stored", wizard.refusal)

    def test_files_that_are_none_are_refused(self):
        for text in ("no json", "[]", '{"format": "campaign-flow/2"}', "5", "\x00", "[" * 100_000):
            with self.subTest(text[:20]):
                self.assertTrue(self.wizard(self.file(text)).problems)

    def test_a_workflow_takes_the_place_of_that_of_a_draft(self):
        document = self.campaign._to_document()
        document["states"][0]["name"] = "Begin"
        old = self.hello.mailing_id
        opened = self.campaign.with_user(self.user).action_import_document()
        wizard = self.wizard(self.file(document), **opened["context"]).save()
        wizard.action_import()
        self.assertEqual(self.workflow.state_ids.mapped("name"), ["Begin", "Over"])
        self.assertEqual(self.campaign._problems(), [])
        self.assertFalse(old.exists())
        self.assertEqual(len(self.env["mailing.mailing"].search([("subject", "=", "Hello")])), 1)

    def test_trying_a_workflow_says_what_replacing_would_do(self):
        document = self.campaign._to_document()
        document["name"] = ""  # only a new campaign needs one
        document["phases"] = [{"phase_id": "Nowhere", "opening": "date"}]  # not replaced
        self.hot_list.name = "Warm"
        opened = self.campaign.with_user(self.user).action_import_document()
        wizard = self.wizard(self.file(document), **opened["context"]).save()
        before = self.workflow.state_ids
        wizard.action_look()
        self.assertEqual((wizard.refusal, wizard.is_looked_at), ("", True))
        self.assertIn("Hot", wizard.created_words)
        self.assertEqual(self.workflow.state_ids, before)
        self.assertTrue(self.hello.mailing_id.exists())
        document["target_model"] = "mailing.contact"
        wizard = self.wizard(self.file(document), **opened["context"]).save()
        wizard.action_look()
        self.assertIn("another kind of contact", wizard.refusal)
        wizard = self.wizard(self.file(document), **opened["context"]).save()
        self.campaign.action_launch()
        wizard.action_look()
        self.assertIn("has been launched", wizard.refusal)

    def test_reasons_and_names_are_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("de_DE")
        model = self.env["ir.model"]._get("mailing.list").with_context(lang="de_DE")
        model.name = "Verteiler"
        model = self.env["ir.model"]._get("flow.phase").with_context(lang="de_DE")
        model.name = "Abschnitt"
        document = self.campaign._to_document()
        self.hot_list.name = "Warm"
        campaigns = self.env["flow.campaign"].with_user(self.user).with_context(lang="de_DE")
        self.assertEqual(campaigns._try_document(document), (["Verteiler: Hot"], []))
        document["states"][0]["phase_id"] = "Nowhere"
        document["transitions"][0]["to"] = "nothing"
        _created, problems = campaigns._try_document(document)
        self.assertEqual(len(problems), 2)
        self.assertTrue([one for one in problems if "Nowhere" in one and "Abschnitt" in one])
        self.assertFalse([one for one in problems if "There is no" in one])
        # a phase is known by its original word
        phase = self.phases[1]
        phase.with_context(lang="de_DE").name = "Versenden"
        document["states"][0]["phase_id"] = phase.with_context(lang=None).name
        document["transitions"][0]["to"] = "over"
        self.assertEqual(campaigns._try_document(document)[1], [])

    def test_keys_that_are_none_are_refused(self):
        def document(key):
            changed = self.campaign._to_document()
            changed["transitions"][0]["from"] = changed["states"][0]["key"] = key
            return changed

        self.env["flow.campaign"]._from_document(document("a_B-1." + 58 * "z"))
        for key in ('a"]', "a b", "a\n", "", "x" * 65, "<b>"):
            with self.subTest(key):
                _created, problems = self.env["flow.campaign"]._try_document(document(key))
                self.assertIn("is no key", " ".join(problems))
        for key in (5, [], {}, None):
            with self.subTest(key):
                _created, problems = self.env["flow.campaign"]._try_document(document(key))
                self.assertIn("damaged", " ".join(problems))
        changed = self.campaign._to_document()
        changed["states"][0]["actions"][0]["key"] = "a'b"
        changed["transitions"][0].pop("event_action_id", None)
        _created, [problem] = self.env["flow.campaign"]._try_document(changed)
        self.assertIn("“a'b”", problem)

    def test_a_launched_workflow_is_not_replaced(self):
        wizard = self.wizard(self.file(), default_workflow_id=self.workflow.id).save()
        self.campaign.action_launch()
        with self.assertRaises(UserError):
            self.campaign.action_import_document()
        with self.assertRaises(UserError):
            wizard.action_import()
        self.campaign.action_edit_workflow()
        draft = self.campaign.draft_workflow_id
        wizard = self.wizard(self.file(), **draft.action_import_document()["context"]).save()
        wizard.action_import()
        self.assertEqual(draft.state_ids.mapped("name"), ["Start", "Over"])

    def test_a_file_becomes_a_template(self):
        form = self.wizard(self.file())
        form.purpose = "template"
        template = self.env["flow.template"].browse(form.save().action_import()["res_id"])
        self.assertEqual((template.name, template.missing), ("Invitation", ""))

    def test_a_file_with_code_is_refused_to_who_may_not_edit_templates(self):
        document = self.campaign._to_document()
        document["states"][0]["actions"][0]["email"]["subject"] = "{{ object.env.user.login }}"
        wizard = self.wizard(self.file(document)).save()
        wizard.purpose = "template"
        with self.assertRaises(AccessError):
            wizard.action_import()


@tagged("post_install", "-at_install")
class TestDocumentDownload(HttpCase):
    def test_who_may_read_a_workflow_downloads_it(self):
        new_test_user(self.env, "dana", groups="marketing_campaign_flow.group_flow_user")
        new_test_user(self.env, "olaf", groups="base.group_user")
        campaign = self.env["flow.campaign"].create({"name": "Größe: 🎉/x"})
        template = self.env.ref("marketing_campaign_flow.template_birthday")
        self.authenticate("dana", "dana")
        for record in (campaign, campaign.workflow_id, template):
            answer = self.url_open(f"/flow/document/{record._name}/{record.id}")
            self.assertEqual(answer.status_code, 200)
            self.assertEqual(answer.json()["format"], "campaign-flow/1")
            self.assertIn("attachment", answer.headers["Content-Disposition"])
        for path in ("flow.campaign/0", "res.users/2", "flow.campaign/999999999"):
            self.assertEqual(self.url_open(f"/flow/document/{path}").status_code, 404)
        self.authenticate("olaf", "olaf")
        answer = self.url_open(f"/flow/document/flow.campaign/{campaign.id}")
        self.assertEqual(answer.status_code, 404)
