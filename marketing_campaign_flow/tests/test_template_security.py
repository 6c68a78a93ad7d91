"""Nobody who may not edit templates gets code evaluated, whichever way they try."""

import contextlib
import json

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..engine import webhook_template
from ..engine.webhook_error import WebhookError
from ..models.flow_campaign_document import FORMAT
from .common import FlowCase

MARK = "evaluated-49"
CODE = "'evaluated-' + str(7 * 7)"
BODIES = (
    f'<p><t t-out="{CODE}"/></p>',
    f'<p><t t-esc="{CODE}"/></p>',
    f'<p t-if="{CODE}">{MARK}</p>',
    f'<a t-att-href="{CODE}">x</a>',
    f'<a t-attf-href="#{{{CODE}}}">x</a>',
    f'<t t-set="x" t-value="{CODE}"/><t t-out="x"/>',
    f'<t t-foreach="[{CODE}]" t-as="x"><t t-out="x"/></t>',
    '<t t-call="base.contact_name"/>',
    '<t t-out="object.env.user.login"/>',
    '<t t-out="object.sudo().name"/>',
    "<t t-out=\"object.name\" t-options=\"{'widget': 'contact'}\"/>",
    f'<t t-out="object.name"><t t-out="{CODE}"/></t>',
    f'<section data-flow-audience="1" t-if="{CODE}">{MARK}</section>',
)
LINES = (
    f"{{{{ {CODE} }}}}",
    "{{ object.env.user.login }}",
    f"{{{{ object.name or {CODE} }}}}",
)


@tagged("post_install", "-at_install")
class TestTemplateSecurity(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start, cls.over = cls.state("Start", "start"), cls.state("Over", "done")
        cls.action_ = cls.email(cls.start, "Hello")
        cls.transition(cls.start, cls.over, "event", event_kind="opened")
        cls.mailing = cls.action_.mailing_id
        assert not cls.user.has_group("mail.group_mail_template_editor")
        # Who acts with more rights than who writes.
        cls.editor = new_test_user(
            cls.env,
            "template_editor",
            groups="marketing_campaign_flow.group_flow_manager,mail.group_mail_template_editor"
            ",base.group_partner_manager",
            email="editor@example.com",
        )

    def refused(self, attempt, error=AccessError):
        with self.assertRaises(error), self.env.cr.savepoint():
            attempt()
            self.env.flush_all()

    def values(self, **values):
        return {
            "subject": "Hello",
            "body_html": "<p>Hello</p>",
            "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
            "flow_campaign_id": self.campaign.id,
            **values,
        }

    def test_write_and_create(self):
        mailing = self.mailing.with_user(self.user)
        for body in BODIES:
            self.refused(lambda body=body: mailing.write({"body_html": body}))
            self.refused(lambda body=body: mailing.create(self.values(body_html=body)))
        for line in LINES:
            for name in ("subject", "preview", "email_from", "reply_to"):
                values = {name: line}
                self.refused(lambda values=values: mailing.write(values))
                self.refused(lambda values=values: mailing.create(self.values(**values)))

    def test_email_that_joins_a_campaign_later(self):
        mailings = self.env["mailing.mailing"].with_user(self.user)
        for body in BODIES:
            self.refused(
                lambda body=body: mailings.create(
                    self.values(body_html=body, flow_campaign_id=False)
                )
            )

    def test_import_and_copy(self):
        mailings = self.env["mailing.mailing"].with_user(self.user)
        model = self.env["ir.model"]._get("res.partner")
        for body in BODIES[:3]:
            with mute_logger("odoo.sql_db"):  # Odoo tries row by row after the refusal
                loaded = mailings.load(
                    ["subject", "body_html", "mailing_model_id/.id"],
                    [["Planted", body, str(model.id)]],
                )
            self.assertFalse(loaded["ids"])
            self.assertFalse(mailings.search([("subject", "=", "Planted")]))
            self.refused(
                lambda body=body: self.mailing.with_user(self.user).copy({"body_html": body})
            )
            self.refused(lambda body=body: self.mailing.with_user(self.user).web_save(
                {"body_html": body}, {}
            ))  # fmt: skip

    def test_translation(self):
        self.env["res.lang"]._activate_lang("it_IT")
        mailing = self.mailing.with_user(self.user)
        for name in ("subject", "body_html", "preview"):
            payload = {"it_IT": BODIES[0] if name == "body_html" else LINES[0]}
            try:
                with self.env.cr.savepoint():
                    mailing.update_field_translations(name, payload)
            except (AccessError, UserError, ValidationError):
                continue
            self.assertNotIn(CODE, str(mailing.with_context(lang="it_IT")[name]))
        italian = mailing.with_context(lang="it_IT")
        self.refused(lambda: italian.write({"body_html": BODIES[0]}))

    def document(self, **email):
        message = {"subject": "Hello", "preview": "", "body_html": "<p>Hello</p>", **email}
        action = {"key": "mail", "kind": "email", "email": message}
        return {
            "format": FORMAT,
            "name": "Planted",
            "states": [
                {"key": "start", "name": "Start", "kind": "start", "actions": [action]},
                {"key": "over", "name": "Over", "kind": "done", "actions": []},
            ],
            "transitions": [
                {"key": "out", "from": "start", "to": "over", "trigger": "done", "actions": []}
            ],
        }

    def test_document(self):
        campaigns = self.env["flow.campaign"].with_user(self.user)
        for body in BODIES:
            self.refused(lambda body=body: campaigns._from_document(self.document(body_html=body)))
        for line in LINES:
            for name in ("subject", "preview"):
                document = self.document(**{name: line})
                self.refused(lambda document=document: campaigns._from_document(document))

    def test_template_of_a_campaign_that_somebody_else_will_use(self):
        templates = self.env["flow.template"].with_user(self.user)
        fine = templates.create({"name": "Fine", "document": json.dumps(self.document())})
        for planted in (
            *(self.document(body_html=body) for body in BODIES),
            *(self.document(subject=line) for line in LINES),
            *(self.document(preview=line) for line in LINES),
        ):
            text = json.dumps(planted)
            self.refused(lambda text=text: templates.create({"name": "Use me", "document": text}))
            self.refused(lambda text=text: fine.write({"document": text}))
            self.refused(lambda text=text: fine.copy({"document": text}))
        allowed = json.dumps(self.document(body_html=BODIES[0]))
        self.env["flow.template"].with_user(self.editor).create(
            {"name": "Of an editor", "document": allowed}
        )

    def test_text_that_is_published_alone(self):
        self.launch()
        mailing = self.mailing.with_user(self.user)
        draft = mailing.browse(mailing.action_flow_edit_text()["res_id"])
        for body in BODIES:
            self.refused(lambda body=body: draft.write({"body_html": body}))
        self.refused(lambda: mailing.with_context(flow_text=True).write({"body_html": BODIES[0]}),
                     UserError)  # fmt: skip

    def test_default_of_a_placeholder_is_text(self):
        """An editor's rights do not make a text of somebody else's default."""
        self.campaign.user_id = self.editor
        mailing = self.mailing.with_user(self.user)
        tricky = f'{{{{ object.function ||| <t t-out="{CODE}"/> }}}}'
        mailing.write({"preview": tricky, "subject": tricky})
        self.campaign.with_user(self.editor).action_launch()
        self.run_engine()
        self.assertEqual(len(self.sent), 3)
        for sent in self.sent:
            self.assertNotIn(MARK, sent["message"].as_string())

    def test_data_of_contacts_is_no_template(self):
        self.ann.name = '<t t-out="7 * 7"/> {{ 7 * 7 }} ${7 * 7} <b>Ann</b>'
        self.mailing.write({"subject": "{{ object.name }}", "preview": "{{ object.name }}"})
        self.launch()
        [sent] = [one for one in self.sent if "ann@example.com" in one["email_to"]]
        shown = sent["subject"] + sent["body"].split("Dear")[-1].partition("<a")[0]
        self.assertNotIn("49", shown)
        self.assertIn("&lt;b&gt;Ann", sent["body"])

    def test_composer(self):
        self.campaign.with_user(self.user).action_launch()
        self.run_engine()
        action = self.campaign.with_user(self.user).action_send_by_hand()
        composers = self.env["mail.compose.message"].with_user(self.user)
        composer = composers.browse(action["res_id"]).with_context(**action["context"])
        before = self.env["flow.step"].search_count([])
        for values in ({"body": BODIES[0]}, {"subject": LINES[0], "body": "<p>Hello</p>"}):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                composer.write(values)
                composer._action_send_mail()
        self.assertEqual(self.env["flow.step"].search_count([]), before)

    def composer(self, user):
        action = self.campaign.with_user(user).action_send_by_hand()
        composers = self.env["mail.compose.message"].with_user(user)
        return composers.browse(action["res_id"]).with_context(**action["context"])

    def test_composer_with_the_template_of_an_editor(self):
        """The template is taken as its author left it, and nothing of the user's along with it."""
        self.campaign.user_id = self.editor
        template = self.env["mail.template"].create(
            {
                "name": "Of an editor",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "subject": f"Sum {{{{ {CODE} }}}}",
                "body_html": BODIES[0],
                "email_from": "{{ user.email_formatted }}",
            }
        )
        self.campaign.action_launch()
        self.run_engine()
        before = self.env["flow.step"].search_count([])
        for values in (
            {"email_from": LINES[0]},
            {"email_from": f'"{LINES[0]}" <x@example.com>'},
            {"reply_to_mode": "new", "reply_to": LINES[0]},
            {"subject": f"{template.subject} {LINES[0]}"},
            {"body": BODIES[1]},
        ):
            with self.subTest(values), self.env.cr.savepoint() as savepoint:
                composer = self.composer(self.user)
                composer.template_id = template
                composer.write(values)
                with self.assertRaises(AccessError):
                    composer.action_send_mail()
                savepoint.rollback()
        self.assertEqual(self.env["flow.step"].search_count([]), before)

        composer = self.composer(self.user)
        composer.template_id = template
        context = {f"default_{name}": LINES[0] for name in ("preview", "reply_to", "note_body")}
        composer.with_context(**context).action_send_mail()
        mailing = self.env["mailing.mailing"].search([], order="id desc", limit=1)
        self.assertFalse(mailing.preview)
        self.assertNotEqual(mailing.reply_to, LINES[0])
        self.run_engine()
        self.assertEqual(len(self.sent), 3)
        self.assertEqual(self.sent[0]["subject"], f"Sum {MARK}")

    def test_name_of_a_campaign_is_no_template_for_a_colleague(self):
        self.campaign.with_user(self.user).name = LINES[0]
        self.campaign.user_id = self.editor
        self.campaign.with_user(self.editor).action_launch()
        self.run_engine()
        composer = self.composer(self.editor)
        self.assertFalse(composer.subject)
        composer.write({"subject": "Hello", "body": "<p>Hello</p>"})
        composer.action_send_mail()
        self.run_engine()
        self.assertEqual(len(self.sent), 3)
        for sent in self.sent:
            self.assertNotIn(MARK, sent["message"].as_string())

    def test_defaults_and_forms(self):
        mailings = self.env["mailing.mailing"].with_user(self.user)
        for number, default in enumerate(
            ({"body_html": BODIES[0]}, {"preview": LINES[0]}, {"reply_to": LINES[0]})
        ):
            planted = mailings.with_context(
                **{f"default_{name}": default[name] for name in default}
            )
            values = self.values(subject=f"Planted {number}", **dict.fromkeys(default))
            values = {name: value for name, value in values.items() if name not in default}
            self.refused(lambda planted=planted, values=values: planted.create(values))
        self.refused(lambda: mailings.name_create(LINES[0]))
        self.refused(
            lambda: self.env["ir.default"].with_user(self.user).create(
                {
                    "field_id": self.env["ir.model.fields"]._get("mailing.mailing", "preview").id,
                    "json_value": json.dumps(LINES[0]),
                }
            )
        )  # fmt: skip
        variants = self.env["flow.email.variant"].with_user(self.user)
        planted = variants.with_context(default_preview=LINES[0], default_reply_to=LINES[0])
        with contextlib.suppress(AccessError), self.env.cr.savepoint():
            made = planted.create({"action_id": self.action_.id, "arm": "B"})
            self.assertNotIn(CODE, f"{made.mailing_id.preview} {made.mailing_id.reply_to}")
        shown = mailings.onchange(
            {"subject": LINES[0], "body_html": BODIES[0], "preview": LINES[0],
             "flow_campaign_id": self.campaign.id},
            ["subject", "body_html", "preview"],
            {"subject": {}, "body_html": {}, "preview": {}, "flow_campaign_id": {}, "name": {}},
        )  # fmt: skip
        self.assertNotIn(MARK, str(shown))

    def test_email_to_a_colleague(self):
        templates = self.env["mail.template"].with_user(self.user)
        model = self.env["ir.model"]._get_id("res.partner")
        for values in ({"body_html": BODIES[0]}, {"subject": LINES[0]}, {"email_to": LINES[0]},
                       {"lang": LINES[0]}):  # fmt: skip
            self.refused(
                lambda values=values: templates.create({"name": "T", "model_id": model, **values})
            )

    def test_names_notes_and_webhooks_are_plain(self):
        for body in ("{{ self.__class__ }}", "{{ ''.__class__.__mro__ }}", "{% set x = 1 %}",
                     "{{ cycler.__init__ }}", "{{ lipsum() }}"):  # fmt: skip
            with self.assertRaises(WebhookError):
                webhook_template.render(body, {"contact": {"name": "Ann"}})
        payload = f"{LINES[0]}{BODIES[0]}"
        self.campaign.with_user(self.user).name = payload
        start = self.workflow.state_ids[0].with_user(self.user)
        start.name = payload
        self.action(self.start, "note", note_body=payload)
        self.launch()
        self.pass_time(minutes=1)
        notes = self.ann.message_ids.mapped("body")
        self.assertTrue(notes)
        self.assertFalse([note for note in notes if MARK in note])

    def test_field_that_the_responsible_may_not_read_is_a_reason_and_no_leak(self):
        field = self.env["res.partner"]._fields["comment"]
        self.patch(field, "groups", "base.group_system")
        self.ann.comment = "TOP SECRET"
        self.campaign.user_id = self.editor
        self.mailing.sudo().body_html = '<p><t t-out="object.comment"/></p>'
        self.launch()
        for _attempt in range(3):
            self.pass_time(hours=1)
            self.assertFalse(self.sent)
        step = self.steps(self.ann)
        self.assertEqual(step.status, "failed")
        self.assertNotIn("SECRET", step.reason)
        error = self.mailing.with_user(self.editor).action_flow_preview()
        preview = self.env["flow.letter.preview"].with_user(self.editor).browse(error["res_id"])
        self.assertTrue(preview.error)
        self.assertNotIn("SECRET", preview.error)
