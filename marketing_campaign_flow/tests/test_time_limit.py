"""Templates that run in circles are stopped, and stop nobody else."""

import time
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from ..engine import execute, time_limit
from ..engine.time_limit import TooSlowError, at_most
from .action_case import ActionCase

ENDLESS = "[i for i in range(10 ** 12)]"


@tagged("post_install", "-at_install")
class TestTimeLimit(BaseCase):
    def spin(self):
        while True:
            pass

    def test_loop_is_stopped(self):
        began = time.monotonic()
        with self.assertRaises(TooSlowError), at_most(0.1):
            self.spin()
        self.assertLess(time.monotonic() - began, 5)

    def test_what_hides_its_end_is_stopped_as_well(self):
        with self.assertRaises(TooSlowError), at_most(0.1):
            try:
                self.spin()
            except Exception as error:
                raise ValueError("hidden") from error

    def test_what_is_quick_is_left_alone(self):
        with at_most(60) as watch:
            watch.begin()
        with self.assertRaises(KeyError), at_most(60):
            {}["nothing"]

    def test_time_begins_anew(self):
        with at_most(0.4) as watch:
            for _letter in range(4):
                watch.begin()
                time.sleep(0.2)

    def test_nothing_is_stopped_afterwards(self):
        for _again in range(500):  # the end and the stop meet at every point
            try:
                with at_most(0.001):
                    time.sleep(0.001)
            except TooSlowError:
                continue
        for _step in range(10000):
            pass


@tagged("post_install", "-at_install")
class TestEndlessTemplate(ActionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user.group_ids += cls.env.ref("mail.group_mail_template_editor")
        cls.mailing = cls.email(cls.start, "Hello").mailing_id

    def endless_for(self, name):
        return f'<p><t t-if="object.name == \'{name}\'" t-out="{ENDLESS}"/>Hello</p>'

    def work(self):
        with patch.object(time_limit, "SECONDS", 0.2):
            self.launch()

    def reason(self, contact):
        return self.steps(contact).reason or ""

    def test_letter_that_never_ends_does_not_stop_the_others(self):
        self.mailing.body_html = self.endless_for("Ann")
        self.work()
        self.assertEqual(len(self.sent), 2)
        self.assertIn("circles", self.reason(self.ann))
        for _attempt in range(3):
            with patch.object(time_limit, "SECONDS", 0.2):
                self.pass_time(hours=1)
        self.assertEqual(self.steps(self.ann).status, "failed")

    def test_subject_that_never_ends(self):
        self.mailing.subject = f"{{{{ {ENDLESS} }}}}"
        self.work()
        self.assertFalse(self.sent)
        self.assertIn("circles", self.reason(self.ann))

    def test_loop_of_the_template_language(self):
        self.mailing.body_html = (
            '<p><t t-foreach="range(10 ** 12)" t-as="i"><t t-set="x" t-value="i"/></t></p>'
        )
        self.work()
        self.assertIn("circles", self.reason(self.bob))

    def test_endless_for_everybody_costs_a_bounded_time(self):
        self.mailing.body_html = f'<p><t t-out="{ENDLESS}"/></p>'
        self.take_partners(100)
        began = time.monotonic()
        self.work()
        self.assertLess(time.monotonic() - began, 30)
        self.assertFalse(self.sent)
        stopped = execute.MOST_STOPPED + 10  # and what was halved already, once each
        steps = self.env["flow.step"].search([("campaign_id", "=", self.campaign.id)])
        self.assertEqual(len(steps), 103)
        self.assertEqual(set(steps.mapped("attempts")), {1})
        self.assertLess((time.monotonic() - began) / 0.2, 3 * stopped)

    def test_template_that_calls_itself(self):
        view = self.env["ir.ui.view"].create(
            {"name": "circle", "type": "qweb", "key": "flow_test.circle",
             "arch": '<t t-name="flow_test.circle"><t t-call="flow_test.circle"/></t>'}
        )  # fmt: skip
        self.mailing.body_html = f'<p><t t-call="{view.key}"/></p>'
        self.work()
        self.assertFalse(self.sent)
        self.assertTrue(self.reason(self.ann))

    def test_preview_says_so(self):
        self.mailing.body_html = self.endless_for("Ann")
        with patch.object(time_limit, "SECONDS", 0.2):
            action = self.mailing.with_user(self.user).action_flow_preview()
            preview = self.env["flow.letter.preview"].with_user(self.user).browse(action["res_id"])
            self.assertIn("circles", preview.error)
            preview.action_next()
            self.assertFalse(preview.error)
