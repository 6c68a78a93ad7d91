"""Templates that run in circles are stopped, and stop nobody else."""

import time
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from ..engine import time_limit
from ..engine.time_limit import TooSlowError, Watch, at_most
from .action_case import ActionCase

ENDLESS = "max(i for i in range(10 ** 12))"
HUGE = "'x' * 10 ** 15"  # no machine can address that much
SHORT = 0.2  # where every letter is to be stopped; a busy machine may stop a good one as well
AMPLE = 2.0  # where good letters are among them


@tagged("post_install", "-at_install")
class TestTimeLimit(BaseCase):
    def spin(self):
        while True:
            pass

    def test_loop_is_stopped(self):
        with self.assertRaises(TooSlowError), at_most(0.1):
            self.spin()

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
        with patch.object(time_limit.time, "monotonic", return_value=100.0) as clock:
            watch = Watch(10)
            clock.return_value = 109.0
            self.assertEqual(watch.left(), 1)
            watch.begin()
            self.assertEqual(watch.left(), 10)

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

    def work(self, seconds=SHORT):
        with patch.object(time_limit, "SECONDS", seconds):
            self.launch()

    def reason(self, contact):
        return self.steps(contact).reason or ""

    def test_letter_that_never_ends_does_not_stop_the_others(self):
        self.mailing.body_html = self.endless_for("Ann")
        self.work(AMPLE)
        self.assertEqual(len(self.sent), 2)
        self.assertIn("circles", self.reason(self.ann))
        for _attempt in range(3):
            with patch.object(time_limit, "SECONDS", SHORT):
                self.pass_time(hours=1)
        self.assertEqual(self.steps(self.ann).status, "failed")

    def test_subject_that_never_ends(self):
        self.mailing.subject = f"{{{{ {ENDLESS} }}}}"
        self.work()
        self.assertFalse(self.sent)
        self.assertIn("circles", self.reason(self.ann))

    def test_text_that_takes_all_memory_does_not_stop_the_others(self):
        self.mailing.body_html = self.endless_for("Ann").replace(ENDLESS, HUGE)
        self.launch()
        self.assertEqual(len(self.sent), 2)
        self.assertIn("memory", self.reason(self.ann))

    def test_subject_that_takes_all_memory(self):
        self.mailing.subject = f"{{{{ {HUGE} }}}}"
        self.launch()
        self.assertFalse(self.sent)
        self.assertIn("memory", self.reason(self.ann))

    def test_loop_of_the_template_language(self):
        self.mailing.body_html = (
            '<p><t t-foreach="range(10 ** 12)" t-as="i"><t t-set="x" t-value="i"/></t></p>'
        )
        self.work()
        self.assertIn("circles", self.reason(self.bob))

    def test_endless_for_everybody_is_not_tried_with_each_of_them(self):
        self.mailing.body_html = f'<p><t t-out="{ENDLESS}"/></p>'
        self.take_partners(100)
        with patch.object(time_limit, "at_most", side_effect=at_most) as tried:
            self.work()
        self.assertFalse(self.sent)
        steps = self.env["flow.step"].search([("campaign_id", "=", self.campaign.id)])
        self.assertEqual(len(steps), 103)
        self.assertEqual(set(steps.mapped("attempts")), {1})
        # Of each half the subject is made, then a body that is stopped: 103 would be 206.
        self.assertLess(tried.call_count, 100)

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
        with patch.object(time_limit, "SECONDS", AMPLE):
            action = self.mailing.with_user(self.user).action_flow_preview()
            preview = self.env["flow.letter.preview"].with_user(self.user).browse(action["res_id"])
            self.assertIn("circles", preview.error)
            preview.action_next()
            self.assertFalse(preview.error)
