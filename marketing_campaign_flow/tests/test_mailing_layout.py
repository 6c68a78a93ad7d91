"""What people without technical rights write in Odoo's editor can be saved and changed."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import FlowCase


@tagged("post_install", "-at_install")
class TestMailingLayout(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start, cls.over = cls.state("Start", "start"), cls.state("Over", "done")
        cls.action_ = cls.email(cls.start, "Hello")
        cls.transition(cls.start, cls.over, "done")
        cls.mailing = cls.action_.mailing_id.with_user(cls.user)

    def test_placeholder_that_the_editor_gave_a_style_is_saved(self):
        body = (
            '<p style="color:red">Dear <t t-out="object.name" style="font-family:Arial,'
            " 'Helvetica Neue';color:#000;\">friend</t> <t style='x:y' t-out='object.city'/></p>"
        )
        self.mailing.body_html = body
        self.assertIn('<t t-out="object.name">friend</t>', self.mailing.body_html)
        self.assertIn('<p style="color:red">', self.mailing.body_html)
        values = {
            "subject": "New",
            "body_html": body,
            "flow_campaign_id": self.campaign.id,
            "mailing_model_id": self.mailing.mailing_model_id.id,
        }
        self.assertNotIn("Helvetica", self.mailing.create(values).body_html)
        self.launch()
        self.assertIn("Dear Ann", "".join(mail["body"] for mail in self.sent))

    def test_nothing_else_is_taken_out(self):
        for body in (
            '<p><t t-if="1" t-out="object.name" style="x:y"/></p>',
            '<p><t t-out="object.name" style="x:y" class="z"/></p>',
            '<p><t t-out="object.env.user.login" style="x:y"/></p>',
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.mailing.body_html = body

    def test_text_of_a_document_can_be_changed_in_the_editor(self):
        copy = self.env["flow.campaign"]._from_document(self.campaign._to_document())
        mailing = copy.workflow_id.action_ids.mailing_id
        self.assertIn("oe_structure", mailing.body_arch)
        self.assertIn("Dear", mailing.body_arch)
        self.assertEqual(mailing.body_html, self.mailing.body_html)
        self.assertEqual(mailing.body_arch.count("o_layout"), 1)
