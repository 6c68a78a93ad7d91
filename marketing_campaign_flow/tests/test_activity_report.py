import ast

from lxml import etree
from odoo.tests import tagged

from .common import FlowCase


@tagged("post_install", "-at_install")
class TestActivityReport(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invited = cls.state("Invited", "start")
        cls.reminded = cls.state("Reminded")
        cls.over = cls.state("Over", "done")
        cls.invitation = cls.email(cls.invited, "Invitation")
        cls.reminder = cls.email(cls.reminded, "Reminder")
        cls.silence = cls.transition(cls.invited, cls.reminded, "timeout", delay_value=1)
        cls.transition(cls.reminded, cls.over, "timeout", delay_value=1)

    def told(self, metric, by):
        """Return how many there are, by the name of what they are grouped by."""
        report = self.env["flow.activity.report"].with_user(self.user)
        domain = [("campaign_id", "=", self.campaign.id), ("metric", "=", metric)]
        groups = report._read_group(domain, [by], ["amount:sum"])
        return {group.display_name: amount for group, amount in groups if amount}

    def test_emails_and_transitions_have_their_names(self):
        self.launch()
        self.pass_time(days=1, minutes=2)
        names = [action.display_name for action in (self.invitation, self.reminder)]
        self.assertEqual(self.told("sent", "action_id"), dict.fromkeys(names, 3))
        self.assertEqual(self.told("passed", "transition_id"), {self.silence.display_name: 3})

    def test_who_has_left_a_state_is_who_entered_it_and_is_elsewhere(self):
        self.launch()
        self.assertEqual(self.told("left", "state_id"), {})
        self.pass_time(days=1, minutes=2)
        self.assertEqual(self.told("left", "state_id"), {"Invited": 3})
        self.participant(self.ann).with_user(self.user).action_take_out()
        self.pass_time(days=1, minutes=2)
        self.assertEqual(self.told("left", "state_id"), {"Invited": 3, "Reminded": 3})
        self.assertEqual(self.told("ended_done", "state_id"), {"Over": 2})

    def test_who_waits_at_a_door_has_left_the_state_before(self):
        self.reminded.phase_id = self.phases[-1]
        self.launch()
        self.pass_time(days=1, minutes=2)
        self.assertEqual(self.told("left", "state_id"), {"Invited": 3})
        self.assertEqual(self.told("held", "state_id"), {"Reminded": 3})

    def test_a_state_has_the_name_of_the_version_that_was_published_last(self):
        self.launch()
        self.campaign.action_edit_workflow()
        draft = self.campaign.draft_workflow_id
        draft.state_ids.filtered(lambda state: state.key == self.invited.key).name = "Asked"
        self.assertEqual(self.told("active", "state_id"), {"Invited": 3})
        self.campaign._publish_draft({})
        self.env.invalidate_all()
        self.assertEqual(self.told("active", "state_id"), {"Asked": 3})

    def test_filters_find_what_they_say(self):
        self.launch()
        self.pass_time(days=2, minutes=2)
        arch = self.env.ref("marketing_campaign_flow.flow_activity_report_view_search").arch
        found = {}
        for choice in etree.fromstring(arch).xpath("//filter[@domain]"):
            domain = ast.literal_eval(choice.get("domain"))
            facts = self.env["flow.activity.report"].with_user(self.user).search(domain)
            found[choice.get("name")] = set(facts.mapped("metric"))
        self.assertEqual(found["emails"], {"sent"})
        self.assertEqual(found["participants"], {"started"})
        self.assertEqual(found["states"], {"entered", "left"})
        self.assertEqual(found["present"], {"active"})
        self.assertEqual(found["transitions"], {"passed"})
        self.assertEqual(found["actions"], {"step_done"})

    def test_every_metric_has_a_label(self):
        report = self.env["flow.activity.report"]
        labels = dict(report._fields["metric"]._description_selection(self.env))
        self.assertEqual(labels["left"], "State left")
        end_kinds = self.env["flow.participant"]._fields["end_kind"].get_values(self.env)
        statuses = self.env["flow.step"]._fields["status"].get_values(self.env)
        no_runs = {"ended_guest", "ended_held_out"}  # that count
        ended = {f"ended_{kind}" for kind in end_kinds} - no_runs
        run = {f"step_{status}" for status in statuses} - {"step_scheduled", "step_sending"}
        self.assertLessEqual(ended | run, set(labels))
