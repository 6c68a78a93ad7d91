from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import FlowCase


@tagged("post_install", "-at_install")
class TestActionOtherCampaign(FlowCase):
    """Ann, Bob and Cleo are in one campaign; Dora alone is in the audience of the other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.over = cls.state("Over", "done")
        cls.transition(cls.start, cls.over, "manual")
        cls.dora = cls.env["res.partner"].create({"name": "Dora", "email": "dora@example.com"})
        cls.other = cls.new_campaign("Welcome")

    @classmethod
    def new_campaign(cls, name, **values):
        campaign = cls.env["flow.campaign"].create(
            {
                "name": name,
                "audience_id": cls.env["flow.audience"]
                .create({"name": name, "partner_ids": cls.dora.ids})
                .id,
                "user_id": cls.user.id,
                **values,
            }
        )
        campaign.workflow_id.transition_ids.trigger = "manual"
        return campaign

    def other_campaign(self, operation="add", other=None, **values):
        return self.action(
            self.start,
            "other_campaign",
            other_operation=operation,
            other_campaign_id=(other or self.other).id if operation != "remove_all" else False,
            **values,
        )

    def runs(self, campaign=None):
        """Return who is on the way through the other campaign."""
        runs = (campaign or self.other).participant_ids
        return set(runs.filtered(lambda run: run.status != "ended").mapped("name"))

    def test_contacts_are_added_and_go_through_the_other_campaign(self):
        action = self.other_campaign()
        self.assertEqual(action.display_name, "Other campaign: + Welcome")
        self.other.action_launch()
        self.launch()
        self.assertEqual(self.runs(), {"Ann", "Bob", "Cleo", "Dora"})
        run = self.other.participant_ids.filtered(lambda run: run.res_id == self.ann.id)
        self.assertEqual((run.status, run.visit, run.partner_id), ("active", 1, self.ann))
        self.assertEqual(self.steps(self.ann).status, "done")

    def test_who_is_in_already_or_never_takes_part_is_skipped_with_a_reason(self):
        self.other.audience_id.partner_ids += self.bob
        self.other.audience_id.excluded_partner_ids = self.cleo
        self.other_campaign()
        self.other.action_launch()
        self.run_engine()
        self.launch()
        self.assertEqual(self.runs(), {"Ann", "Bob", "Dora"})
        self.assertEqual(self.steps(self.ann).status, "done")
        self.assertEqual(self.steps(self.bob).reason, "In “Welcome” already")
        self.assertEqual(
            self.steps(self.cleo).reason, "“Welcome” does not let them in, or not again"
        )

    def test_rules_of_the_other_campaign_say_who_comes_in_again(self):
        for reentry, expected in (("never", {"Dora"}), ("ended", {"Ann", "Dora"})):
            other = self.new_campaign(f"Again {reentry}", reentry=reentry, keep_in_sync=False)
            other.audience_id.partner_ids += self.ann
            other.action_launch()
            self.run_engine()
            run = other.participant_ids.filtered(lambda run: run.res_id == self.ann.id)
            over = other.workflow_id.state_ids.filtered(lambda state: state.kind == "done")
            run.with_user(self.user).action_move(over.id)
            self.pass_time(minutes=6)
            campaign = self.campaign.copy()
            self.env["flow.action"].create(
                {
                    "state_id": campaign.workflow_id.state_ids.filtered(
                        lambda state: state.kind == "start"
                    ).id,
                    "kind": "other_campaign",
                    "other_campaign_id": other.id,
                }
            )
            campaign.audience_id.partner_ids = self.ann
            campaign.action_launch()
            self.run_engine()
            self.assertEqual(self.runs(other), expected, reentry)

    def test_added_contacts_stay_though_the_audience_does_not_know_them(self):
        self.other.on_leaving = "exit"
        self.other_campaign()
        self.other.action_launch()
        self.launch()
        self.other.audience_id.partner_ids = self.ann
        self.pass_time(minutes=6)
        self.assertEqual(self.runs(), {"Ann", "Bob", "Cleo"}, "Dora has dropped out")

    def test_campaign_that_does_not_run_is_skipped(self):
        self.other_campaign()
        self.launch()
        self.assertEqual(self.steps(self.ann).status, "skipped")
        self.assertEqual(self.steps(self.ann).reason, "“Welcome” does not run")
        self.assertFalse(self.runs())

    def test_paused_campaign_takes_them_to_its_door(self):
        self.other_campaign()
        self.other.action_launch()
        self.run_engine()
        self.other.action_pause()
        self.launch()
        run = self.other.participant_ids.filtered(lambda run: run.res_id == self.ann.id)
        self.assertEqual(run.status, "held")
        self.other.action_resume()
        self.run_engine()
        self.assertEqual(run.status, "active")

    def test_campaign_that_was_deleted_is_skipped(self):
        self.other_campaign(timing="delay", delay_value=1)
        self.launch()
        self.other.unlink()
        self.pass_time(days=1, minutes=1)
        self.assertEqual(self.steps(self.ann).reason, "The other campaign is gone")

    def test_taken_out_until_a_person_puts_them_back(self):
        action = self.other_campaign("remove", timing="delay", delay_value=1)
        self.assertEqual(action._content_in_words(), "− Welcome")
        self.other.reentry = "ended"
        self.other.audience_id.partner_ids += self.ann
        self.other.action_launch()
        self.launch()
        self.assertEqual(self.runs(), {"Ann", "Dora"})
        self.pass_time(days=1, minutes=10)
        self.assertEqual(self.runs(), {"Dora"})
        run = self.other.participant_ids.filtered(lambda run: run.res_id == self.ann.id)
        self.assertEqual(run.end_kind, "removed")
        self.assertEqual(self.steps(self.ann).status, "done")
        self.assertEqual(self.steps(self.bob).reason, "Was not in such a campaign")
        self.pass_time(days=1)
        self.assertEqual(self.runs(), {"Dora"}, "still in the audience, still out")
        run.with_user(self.user).action_put_back()
        self.run_engine()
        self.assertEqual(self.runs(), {"Ann", "Dora"})

    def test_taken_out_of_all_others_but_not_of_this_one(self):
        action = self.other_campaign("remove_all", timing="delay", delay_value=1)
        self.assertEqual(action._content_in_words(), "− all others")
        third = self.new_campaign("Third")
        for campaign in (self.other, third):
            campaign.audience_id.partner_ids += self.ann
            campaign.action_launch()
        self.launch()
        self.pass_time(days=1, minutes=1)
        self.assertEqual(self.runs(), {"Dora"})
        self.assertEqual(self.runs(third), {"Dora"})
        self.assertEqual(self.participant(self.ann).status, "active")

    def test_campaign_cannot_add_to_itself(self):
        with self.assertRaises(ValidationError):
            self.other_campaign(other=self.campaign)

    def test_other_kind_of_contacts_is_refused(self):
        self.other.audience_id = self.env["flow.audience"].create(
            {"name": "List", "target_model": "mailing.contact"}
        )
        with self.assertRaises(ValidationError):
            self.other_campaign()

    def test_campaign_of_another_company_is_refused_and_out_of_reach(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.user.company_ids += elsewhere
        foreign = self.new_campaign("Foreign", company_id=elsewhere.id)
        with self.assertRaises(ValidationError):
            self.other_campaign(other=foreign)
        action = self.other_campaign()
        self.other.action_launch()
        self.other.company_id = elsewhere
        self.launch()
        step = self.steps(self.ann)
        self.assertEqual(step.status, "scheduled", "tried again, then a person looks at it")
        self.assertEqual(step.reason, "The responsible may not see the other campaign")
        self.assertNotIn("Ann", self.runs(), action)

    def test_contacts_that_the_other_responsible_does_not_see_stay_out(self):
        colleague = new_test_user(
            self.env, "flow_colleague", groups="marketing_campaign_flow.group_flow_user"
        )
        hidden = f"{self.ann.id} if user.id == {colleague.id} else 0"
        self.env["ir.rule"].create(
            {
                "name": "Ann is hidden",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {hidden})]",
            }
        )
        self.other.user_id = colleague
        self.other_campaign()
        self.other.action_launch()
        self.launch()
        self.assertEqual(self.runs(), {"Bob", "Cleo", "Dora"})

    def test_campaigns_that_add_to_each_other_do_not_go_on_for_ever(self):
        for campaign in (self.campaign, self.other):
            campaign.reentry = "ended"
            campaign.keep_in_sync = False
        self.other_campaign()
        self.start.transition_ids.trigger = "done"
        start = self.other.workflow_id.state_ids.filtered(lambda state: state.kind == "start")
        self.env["flow.action"].create(
            {
                "state_id": start.id,
                "kind": "other_campaign",
                "other_campaign_id": self.campaign.id,
                "timing": "delay",
                "delay_value": 1,
                "delay_unit": "minutes",
            }
        )
        start.transition_ids.trigger = "done"
        self.other.action_launch()
        self.launch()
        for _minute in range(4):
            self.pass_time(minutes=1)
        self.assertEqual(len(self.participant(self.ann)), 1)
        skipped = self.other.participant_ids.step_ids.filtered(lambda s: s.status == "skipped")
        self.assertIn("or not again", skipped[0].reason)

    def test_action_without_campaign_is_not_complete(self):
        self.action(self.start, "other_campaign")
        with self.assertRaisesRegex(UserError, "not complete"):
            self.launch()

    def test_statements_do_not_grow_with_the_contacts(self):
        action = self.other_campaign(timing="delay")
        self.audience.partner_ids += self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(100)]
        )
        self.other.action_launch()
        self.launch()
        everybody = self.campaign.participant_ids.step_ids
        action = action.with_user(self.user)
        everybody.with_user(self.user).participant_id.mapped("res_id")
        counts = []
        for steps in (self.steps(self.ann), everybody - self.steps(self.ann)):
            for operation in ("_add_to", "_take_out_of"):
                contact_of = {step.id: step.participant_id.res_id for step in steps}
                before = self.env.cr.sql_log_count
                getattr(action, operation)(action.other_campaign_id, contact_of)
                counts.append(self.env.cr.sql_log_count - before)
        add_one, remove_one, add_many, remove_many = counts
        self.assertLessEqual(add_many, add_one + 1)
        self.assertLessEqual(remove_many, remove_one + 1)
        self.assertLess(add_one + remove_one, 60)
