"""Versions of an email are tested against each other: who gets which, who waits, who wins."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ..engine import advance, arms, database_clock, tick
from ..engine.handover import Receipt
from .test_email_variants import VariantCase

PEOPLE = 60


class EmailTestCase(VariantCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(PEOPLE)]
        )
        cls.audience.partner_ids = cls.people
        cls.other = cls.variant("Another", arm="B")
        cls.opened.trigger = "manual"  # nobody leaves by what is counted

    def email_test(self):
        return self.env["flow.email.test"].search([("campaign_id", "=", self.campaign.id)])

    def arm(self, letter):
        return self.email_test().arm_ids.filtered(lambda arm: arm.letter == letter)

    def steps_by_arm(self):
        steps = self.env["flow.step"].search([("campaign_id", "=", self.campaign.id)])
        return {letter: steps.filtered(lambda step, a=letter: step.arm == a) for letter in "AB"}

    def waiting(self):
        return self.env["flow.step"].search(
            [("campaign_id", "=", self.campaign.id), ("wait_reason", "=", "test")]
        )

    def click(self, steps):
        """The recipients of these messages follow a link in them."""
        traces = self.env["mailing.trace"].search([("flow_step_id", "in", steps.ids)])
        self.env["flow.event"]._record_for_traces("clicked", traces)
        self.run_engine()


@tagged("post_install", "-at_install")
class TestEmailTest(EmailTestCase):
    # -- who gets which -----------------------------------------------------------------------

    def test_everybody_gets_one_of_the_versions_by_their_shares(self):
        self.invitation.test_end = "never"
        self.invitation.main_weight, self.other.weight = 1, 3
        self.launch()
        counted = [list(self.subjects().values()).count(one) for one in ("Invitation", "Another")]
        self.assertEqual(sum(counted), PEOPLE)
        self.assertTrue(5 <= counted[0] <= 26, counted)
        self.assertEqual([len(steps) for steps in self.steps_by_arm().values()], counted)
        self.assertEqual([self.arm(letter).sent_count for letter in "AB"], counted)

    def test_shares_of_a_draw(self):
        weights = {"A": 1, "B": 2, "C": 1}
        drawn = [arms.drawn_arm(weights, number) for number in range(10_000)]
        self.assertEqual([drawn.count(letter) for letter in "ABC"], [2500, 5000, 2500])

    def test_a_participant_keeps_its_version_when_the_server_puts_it_off(self):
        self.invitation.test_end = "never"
        self.campaign.action_launch()
        for person in self.people:
            self.answers[person.email] = Receipt("retry", 451, "later")
        self.run_engine()
        before = {letter: steps.ids for letter, steps in self.steps_by_arm().items()}
        self.answers.clear()
        self.pass_time(minutes=10)
        self.assertEqual(len(self.sent), PEOPLE)
        self.assertEqual(before, {letter: s.ids for letter, s in self.steps_by_arm().items()})

    def test_the_draw_is_not_that_of_a_split_and_not_that_of_the_sample(self):
        self.invitation.test_share = 50
        self.launch()
        sampled = self.steps_by_arm()
        self.assertTrue(all(len(steps) > 3 for steps in sampled.values()), "drawn apart")

    def test_versions_and_languages_together(self):
        self.variant("Einladung", self.german)
        self.variant("Eine andere", self.german, arm="B")
        self.invitation.test_end = "never"
        self.people[::2].lang = "de_DE"
        self.launch()
        languages = {person.email.partition("@")[0]: person.lang for person in self.people}
        german = {name for name, subject in self.subjects().items() if subject.startswith("Ein")}
        self.assertEqual(german, {name for name, lang in languages.items() if lang == "de_DE"})
        self.assertEqual(len(set(self.subjects().values())), 4)
        self.assertEqual(sum(self.email_test().arm_ids.mapped("sent_count")), PEOPLE)

    # -- who waits ----------------------------------------------------------------------------

    def test_the_others_wait_visibly_until_the_winner_is_known(self):
        self.invitation.test_share = 30
        self.launch()
        sampled = len(self.sent)
        waiting = self.waiting()
        self.assertEqual(sampled + len(waiting), PEOPLE)
        self.assertTrue(5 <= sampled <= 35, sampled)
        self.assertIn("which version", waiting[0]._reason_in_words())
        self.assertEqual(
            set(waiting.mapped("due_at")), {self.email_test().started_at + timedelta(days=1)}
        )
        self.click(self.steps_by_arm()["B"])
        self.assertFalse(self.sent, "the test is not over")
        self.pass_time(days=1)
        self.assertEqual(len(self.sent), PEOPLE - sampled)
        self.assertEqual(set(self.subjects().values()), {"Another"})
        self.assertFalse(self.waiting())
        self.assertFalse(self.email_test().wakes)

    def test_the_timeline_names_the_version(self):
        self.launch()
        [step] = self.steps_by_arm()["B"][:1]
        timeline = step.participant_id._timeline()
        self.assertIn("Send email: Invitation, version B: Done", [line.text for line in timeline])

    def test_whoever_comes_later_gets_the_winner(self):
        self.launch()
        self.click(self.steps_by_arm()["B"])
        self.pass_time(days=1)
        self.audience.partner_ids = self.partners
        self.campaign.enrol_at = "2020-01-01"
        self.run_engine()
        self.assertEqual(set(self.subjects().values()), {"Another"})

    def test_nobody_is_written_to_twice(self):
        self.invitation.test_share = 50
        self.launch()
        first = set(self.subjects())
        self.pass_time(days=2)
        second = set(self.subjects())
        self.assertFalse(first & second)
        self.assertEqual(len(first | second), PEOPLE)

    # -- who wins -----------------------------------------------------------------------------

    def test_the_winner_is_told_with_figures_and_reason(self):
        self.launch()
        self.click(self.steps_by_arm()["B"])
        self.assertEqual(self.arm("B").clicked_count, self.arm("B").sent_count)
        self.assertRegex(self.arm("B").rate_in_words, r"^100\.0 % \(\d+\.\d – 100\.0 %\)$")
        self.pass_time(days=1)
        test = self.email_test()
        self.assertEqual((test.winner, test.decided_by_id.id), ("B", False))
        news = self.campaign.message_ids[0].body
        for words in (
            "Version B is sent",
            "A 0.0 % of",
            "B 100.0 % of",
            "no chance",
            "p = ",
            "Few",
        ):
            self.assertIn(words, news)
        self.assertTrue(self.arm("B").is_winner)

    def test_a_test_that_does_not_tell_goes_by_its_default(self):
        for default, winner in (("leading", "B"), ("main", "A")):
            with self.subTest(default), self.env.cr.savepoint() as savepoint:
                self.invitation.test_default = default
                self.launch()
                self.click(self.steps_by_arm()["B"][:1])
                self.pass_time(days=1)
                self.assertEqual(self.email_test().winner, winner)
                self.assertIn("may be chance", self.email_test().reason)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_goals_are_counted(self):
        self.opened.write({"trigger": "event", "event_kind": "clicked"})
        self.invitation.test_metric = "goal"
        self.launch()
        self.click(self.steps_by_arm()["B"])
        self.pass_time(days=1)
        self.assertEqual(self.email_test().winner, "B")
        self.assertEqual(self.arm("B").goal_count, self.arm("B").sent_count)
        self.assertEqual(self.arm("A").goal_count, 0)

    def test_a_test_is_decided_once(self):
        self.launch()
        self.pass_time(days=1)
        messages = len(self.campaign.message_ids)
        test, now = self.email_test(), database_clock.now(self.env)
        self.assertEqual(test._decide(self.invitation, now), 0, "another worker was faster")
        self.pass_time(days=1)
        self.assertEqual(len(self.campaign.message_ids), messages)

    def test_a_person_chooses(self):
        self.invitation.test_share = 30
        self.launch()
        sampled = len(self.sent)
        self.arm("B").with_user(self.user).action_choose()
        self.run_engine()
        self.assertEqual(len(self.sent), PEOPLE - sampled)
        self.assertEqual(set(self.subjects().values()), {"Another"})
        self.assertEqual(self.email_test().decided_by_id, self.user)
        self.assertIn("flow_user", self.campaign.message_ids[0].body)

    def test_strangers_neither_see_nor_choose(self):
        self.launch()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "flow_stranger",
            groups="marketing_campaign_flow.group_flow_user",
            company_id=company.id,
            company_ids=company.ids,
        )
        self.assertFalse(self.env["flow.email.arm"].with_user(stranger).search([]) & self.arm("A"))
        with self.assertRaises(AccessError):
            self.arm("A").with_user(stranger).action_choose()
        with self.assertRaises(AccessError):
            self.arm("A").with_user(self.user).write({"goal_count": 7})

    # -- through the versions of the workflow -------------------------------------------------

    def test_the_test_goes_on_in_a_new_version(self):
        self.launch()
        before = self.steps_by_arm()
        self.campaign.action_edit_workflow()
        draft = self.campaign.draft_workflow_id.action_ids
        self.assertEqual(draft.test_arm_ids, self.email_test().arm_ids)
        draft.variant_ids.mailing_id.subject = "Yet another"
        self.campaign._publish_draft({})
        self.click(before["B"])
        self.pass_time(days=1)
        self.assertEqual(self.email_test().winner, "B")
        self.audience.partner_ids = self.partners
        self.campaign.enrol_at = "2020-01-01"
        self.run_engine()
        self.assertEqual(set(self.subjects().values()), {"Yet another"})

    def test_a_winner_that_is_gone_leaves_the_main_email(self):
        self.launch()
        self.arm("B").action_choose()
        self.campaign.action_edit_workflow()
        self.campaign.draft_workflow_id.action_ids.variant_ids.unlink()
        self.campaign._publish_draft({})
        self.audience.partner_ids = self.partners
        self.campaign.enrol_at = "2020-01-01"
        self.run_engine()
        self.assertEqual(set(self.subjects().values()), {"Invitation"})

    def test_the_dialog_names_shares_and_settings_that_changed(self):
        self.launch()
        self.campaign.action_edit_workflow()
        draft = self.campaign.draft_workflow_id.action_ids
        draft.variant_ids.weight = 70
        draft.test_default = "main"
        wizard = self.env["flow.workflow.publish"].browse(
            self.campaign.action_publish_workflow()["res_id"]
        )
        details = wizard.line_ids.details
        self.assertIn("Version B: share: 50 → 70", details)
        self.assertIn("The version that is ahead → Version A", details)

    # -- what cannot be, and what it costs ----------------------------------------------------

    def test_what_cannot_be_launched(self):
        self.invitation.write({"test_end": "never", "test_share": 20})
        with self.assertRaisesRegex(UserError, "never ends"):
            self.campaign.action_launch()
        self.invitation.test_end = "date"
        with self.assertRaisesRegex(UserError, "Say when the test"):
            self.campaign.action_launch()

    def test_an_email_without_versions_asks_for_no_test(self):
        self.other.unlink()
        self.launch()
        self.assertFalse(self.email_test())
        self.assertFalse(self.campaign.workflow_id._plan().tests)
        self.assertFalse(any(self.env["flow.step"].search([]).mapped("arm")))

    def test_assigning_takes_as_many_statements_for_many_as_for_few(self):
        self.campaign.action_launch()
        self.env.flush_all()
        campaign = self.campaign
        now = database_clock.now(self.env)
        self.env["ir.cron"].search([]).active = False
        campaign._enrol_audience()
        advance.advance(self.env, campaign)
        ids = self.env["flow.step"].search([("campaign_id", "=", campaign.id)]).ids
        self.assertEqual(len(ids), PEOPLE)
        arms.ready(self.env, campaign, self.invitation, ids[:1], now)  # the test begins
        counts = []
        for some in (ids[1:3], ids[3:]):
            before = self.env.cr.sql_log_count
            arms.ready(self.env, campaign, self.invitation, some, now)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[0], 6)

    def test_measuring_takes_as_many_statements_for_many_as_for_few(self):
        self.campaign.action_launch()
        counts = []
        for people in (self.people[:1], self.people):
            self.audience.partner_ids = people
            self.campaign.enrol_at = "2020-01-01"
            self.run_engine()
            test = self.email_test()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            for metric in ("opened", "clicked", "goal"):
                test._measure(metric)
            test.arm_ids.mapped("rate_in_words")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(sum(self.email_test().arm_ids.mapped("sent_count")), PEOPLE)
        self.assertLessEqual(counts[1], counts[0])

    def test_figures_of_versions_survive_a_recount(self):
        self.launch()
        before = [self.arm(letter).sent_count for letter in "AB"]
        self.env["flow.fact"]._recount()
        self.assertEqual([self.arm(letter).sent_count for letter in "AB"], before)
        self.env.cr.execute(SQL("SELECT count(*) FROM flow_fact WHERE arm IS NOT NULL"))
        self.assertTrue(self.env.cr.fetchone()[0])
        tick.run(self.env)
