from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import FlowCase


@tagged("post_install", "-at_install")
class TestSeenContent(FlowCase):
    """Who may not see an email or a list works with its campaign all the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Invited", "start")
        cls.over = cls.state("Over", "done")
        cls.letter = cls.email(cls.start, "Secret offer")
        customers = cls.env["mailing.list"].create({"name": "Secret customers"})
        cls.entry = cls.action(cls.over, "subscription", mailing_list_id=customers.id)
        opened = {"event_kind": "opened", "event_action_id": cls.letter.id}
        cls.transition(cls.start, cls.over, "event", **opened)
        rate = {"result_metric": "open_rate", "result_action_id": cls.letter.id}
        cls.transition(cls.start, cls.over, "result", result_threshold=25, **rate)

    def hide(self):
        for model in ("mailing.mailing", "mailing.list"):
            self.env["ir.rule"].create(
                {
                    "name": "of nobody",
                    "model_id": self.env["ir.model"]._get_id(model),
                    "domain_force": "[(0, '=', 1)]",
                }
            )
        self.env.registry.clear_cache()
        self.env.flush_all()
        self.env.invalidate_all()

    def seen(self, record):
        return record.with_user(self.user)

    def test_names_are_kinds(self):
        self.hide()
        self.assertEqual(self.seen(self.letter).display_name, "Send email")
        self.assertEqual(self.seen(self.entry).display_name, "Mailing list")

    def test_form_of_a_campaign_is_read(self):
        self.launch()
        self.hide()
        names = {"fields": {"display_name": {}}}
        rows = {"fields": {"action_ids": names, "transition_ids": names}}
        campaigns = self.env["flow.campaign"].with_user(self.user)
        views = campaigns.get_views([(False, "form"), (False, "kanban")])
        fields = {name: {} for name in views["models"]["flow.campaign"]["fields"]}
        fields |= {"state_ids": rows, "any_transition_ids": names}
        [values] = campaigns.browse(self.campaign.id).web_read(fields)
        self.assertIn("Send email", str(values["state_ids"]))
        self.assertNotIn("Secret", str(values))

    def test_a_test_run_says_why_it_cannot_be_had(self):
        mode = self.enter_registry_test_mode()
        mode.__enter__()
        self.addCleanup(mode.__exit__, None, None, None)
        trial = self.seen(self.campaign).get_trial
        self.assertTrue(trial(self.ann.id)["lines"])
        self.hide()
        with self.assertRaisesRegex(UserError, "no right to see. Ask flow_user"):
            trial(self.ann.id)

    def test_timeline_monitor_calendar_and_check(self):
        self.launch()
        participant = self.participant(self.ann)
        self.trace(self.ann).set_opened()
        self.run_engine()
        self.hide()
        [values] = self.seen(participant).read(["timeline", "waits_for", "next_in_words"])
        self.assertIn("Send email: Done", str(values))
        feed = self.env["flow.monitor"].with_user(self.user).get_feed(self.campaign.ids)
        self.assertTrue(feed["entries"])
        agenda = self.env["flow.agenda"].search([("campaign_id", "=", self.campaign.id)])
        names = self.seen(agenda).mapped("display_name")
        self.assertTrue(names)
        self.seen(self.campaign).action_check()
        self.assertNotIn("Secret", f"{values} {feed} {names}")
