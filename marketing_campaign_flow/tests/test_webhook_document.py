"""Keys that a webhook is called with stay in their database."""

import base64
import json

from odoo.tests import Form, tagged

from .test_versions import VersionsCase

HEADERS = "Authorization: Bearer s3cr3t\nContent-Type: text/plain\n\nX-Shop:  4711"
SECRETS = ("s3cr3t", "4711")


@tagged("post_install", "-at_install")
class TestWebhookDocument(VersionsCase):
    def setUp(self):
        super().setUp()
        url = "https://hooks.example.com/campaign"
        self.call = self.action(
            self.reminded, "webhook", webhook_url=url, webhook_headers=HEADERS, key="tell"
        )
        self.mine = self.workflow.with_user(self.user)

    def headers(self, workflow):
        return workflow.action_ids.filtered(lambda one: one.kind == "webhook").webhook_headers

    def test_values_of_headers_are_in_no_file_template_or_clipboard(self):
        campaign = self.campaign.with_user(self.user)
        template = self.env["flow.template"].browse(campaign.action_save_as_template()["res_id"])
        for text in (
            json.dumps(campaign._to_document()),
            template.document,
            self.mine.get_copied(["reminded"]),
        ):
            for secret in SECRETS:
                self.assertNotIn(secret, text)
            self.assertIn(r"Authorization:\nContent-Type: text/plain\nX-Shop:", text)

    def test_whoever_imports_is_told_and_the_check_asks_for_the_values(self):
        document = self.campaign._to_document()
        form = Form(self.env["flow.document.import"].with_user(self.user))
        form.file = base64.b64encode(json.dumps(document).encode())
        for name in ("Authorization", "X-Shop"):
            self.assertIn(f"“{name}”", form.left_words)
        self.assertNotIn("Content-Type", form.left_words)
        form.audience_id = self.audience
        campaign = self.env["flow.campaign"].browse(form.save().action_import()["res_id"])
        missing = [one for one in campaign._problems() if "header" in one]
        self.assertEqual(len(missing), 2)
        call = campaign.workflow_id.action_ids.filtered(lambda one: one.kind == "webhook")
        call.webhook_headers = HEADERS
        self.assertFalse([one for one in campaign._problems() if "header" in one])
        form.file = base64.b64encode(json.dumps(document).replace("X-Shop:", "X-Shop: 1").encode())
        self.assertNotIn("X-Shop", form.left_words)

    def test_a_new_version_calls_with_the_same_headers(self):
        self.assertEqual(self.campaign._problems(), [])
        self.launch()
        self.assertEqual(self.headers(self.edit()), HEADERS)

    def test_a_copy_beside_the_original_has_its_headers_and_one_elsewhere_has_not(self):
        text = self.mine.get_copied(["reminded"])
        self.mine.edit_canvas(self.workflow.revision, [{"do": "paste", "text": text}])
        calls = self.workflow.action_ids.filtered(lambda one: one.kind == "webhook")
        self.assertEqual(calls.mapped("webhook_headers"), [HEADERS, HEADERS])
        other = self.env["flow.campaign"].with_user(self.user).create({"name": "Other"}).workflow_id
        other.edit_canvas(other.revision, [{"do": "paste", "text": text}])
        self.assertNotIn("s3cr3t", self.headers(other))
