"""Tests of versions of an email: one at a time per email of a campaign, decided once."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..engine import arms, database_clock, result, significance
from ..engine.settings import SWEEP
from ..engine.significance import Share

COUNTED = ("sent", "opened", "clicked", "replied")

# Whoever decides first has decided.
DECIDE = """
    UPDATE flow_email_test
       SET winner = %(winner)s, decided_at = %(now)s, reason = %(reason)s, wakes = TRUE
     WHERE id = %(id)s AND winner IS NULL
"""

# Recipients of each version, and those among them who reached a goal afterwards.
GOALS = """
    SELECT s.arm, count(DISTINCT s.participant_id),
           count(DISTINCT s.participant_id)
               FILTER (WHERE p.end_kind = 'goal' AND p.ended_at >= s.done_at)
      FROM flow_step s JOIN flow_participant p ON p.id = s.participant_id
     WHERE s.campaign_id = %(campaign)s AND s.action_key = %(key)s AND s.arm = ANY(%(arms)s)
       AND s.status = 'done'
     GROUP BY s.arm
"""


class FlowEmailTest(models.Model):
    _name = "flow.email.test"
    _description = "Test of Versions of an Email"
    _log_access = False  # written by the engine
    _rec_name = "action_key"

    campaign_id = fields.Many2one("flow.campaign", required=True, ondelete="cascade", readonly=True)
    action_key = fields.Char(required=True, readonly=True)
    number = fields.Integer(
        required=True, readonly=True, default=1, help="The how manieth test of this email it is."
    )
    started_at = fields.Datetime(
        readonly=True, help="When its first message was about to leave; empty before that."
    )
    winner = fields.Char(readonly=True)
    decided_at = fields.Datetime(readonly=True)
    decided_by_id = fields.Many2one("res.users", index="btree_not_null", readonly=True)
    reason = fields.Char(readonly=True, help="Why this version was chosen, with the figures.")
    look_at = fields.Datetime(readonly=True, help="When its figures are looked at again.")
    wakes = fields.Boolean(
        required=True, readonly=True, help="Decided, and not everybody who waited has been told."
    )
    arm_ids = fields.One2many("flow.email.arm", "test_id", readonly=True)

    _one_per_email = models.Constraint(
        "UNIQUE(campaign_id, action_key)", "An email has one test at a time in a campaign."
    )

    @api.model
    def _of(self, action):
        """Return the test of an email action, none before the first one was about to be sent."""
        if not action.campaign_id.id or not action.has_test:
            return self.browse()
        domain = [("campaign_id", "=", action.campaign_id.id), ("action_key", "=", action.key)]
        return self.search(domain)

    def _action(self):
        """Return the email action that this test is about, of the version that runs."""
        self.ensure_one()
        return self.campaign_id.workflow_id.action_ids.filtered(
            lambda action: action.key == self.action_key
        )[:1]

    def _in_words(self):
        self.ensure_one()
        if self.winner:
            return self.reason
        if not self.started_at:
            return self.env._("The test begins with the next email.")
        return self.env._("The test is running.")

    # -- measuring ---------------------------------------------------------------------------

    def _measure(self, metric):
        """Return what is known of each version, as measures of `engine.significance` by letter."""
        self.ensure_one()
        return getattr(self, f"_measure_{metric}")()

    def _counted(self):
        """Return the sums of facts of each version, by letter and metric."""
        letters = self._letters_by_mark()
        counted = result.sums_by_arm(
            self.env, self.campaign_id.id, self.action_key, letters, COUNTED
        )
        return {(letters[mark], metric): count for (mark, metric), count in counted.items()}

    def _letters_by_mark(self):
        """Return the letters of the versions by what steps of this test are marked with."""
        self.ensure_one()
        return {arms.mark(letter, self.number): letter for letter in self.arm_ids.mapped("letter")}

    def _measure_share(self, metric):
        counted = self._counted()
        return {
            arm.letter: Share(
                counted.get((arm.letter, "sent"), 0), counted.get((arm.letter, metric), 0)
            )
            for arm in self.arm_ids
        }

    def _measure_opened(self):
        return self._measure_share("opened")

    def _measure_clicked(self):
        return self._measure_share("clicked")

    def _measure_replied(self):
        return self._measure_share("replied")

    def _measure_goal(self):
        self.env.flush_all()
        letters = self._letters_by_mark()
        goals = SQL(GOALS, campaign=self.campaign_id.id, key=self.action_key, arms=list(letters))
        rows = self.env.execute_query(goals)
        found = {letters[mark]: Share(whole, part) for mark, whole, part in rows}
        return {arm.letter: found.get(arm.letter, Share(0, 0)) for arm in self.arm_ids}

    def _look(self, action, now):
        """Look at the figures that take more than a sum of facts, once per sweep."""
        self._note(action)
        self.look_at = now + SWEEP.value(self.env)

    def _note(self, action):
        """Write down the figures that take more than a sum of facts."""
        self.env["flow.email.arm"].create(
            [
                {"test_id": self.id, "letter": letter}
                for letter in action._arms()
                if letter not in self.arm_ids.mapped("letter")
            ]
        )
        goals = self._measure_goal()
        for arm in self.arm_ids:
            arm.goal_count = goals.get(arm.letter, Share(0, 0)).part

    # -- deciding ----------------------------------------------------------------------------

    def _decide(self, action, now) -> int:
        """Choose the better version, once; whoever waited for that gets it.

        :param action: the email `flow.action` of the running version of the workflow
        :return: 1 when it was decided here, else 0
        """
        self.ensure_one()
        self._note(action)
        letters = action._arms()
        measures = self._measure(action.test_metric)
        measures = {letter: measures[letter] for letter in letters if letter in measures}
        verdict = significance.judge(measures, int(action.test_confidence) / 100)
        winner = verdict.leader
        if winner is None or (action.test_default == "main" and not verdict.is_conclusive):
            winner = "A"
        reason = self._reason(action, winner, measures, verdict)
        self.env.flush_all()
        decide = SQL(DECIDE, id=self.id, winner=winner, now=now, reason=reason)
        self.env.cr.execute(decide, log_exceptions=False)  # see `engine.claim`
        decided = self.env.cr.rowcount
        self.invalidate_recordset()
        if decided:
            self._tell(action, reason)
        return decided

    def _reason(self, action, winner, measures, verdict):
        """Return why a version was chosen, with the figures, as one text."""
        tests = {
            significance.Z_TEST: self.env._("two-proportion z-test"),
            significance.FISHER: self.env._("Fisher's exact test"),
            significance.WELCH: self.env._("Welch's test"),
        }
        figures = "; ".join(
            self._figure_in_words(letter, measure) for letter, measure in measures.items()
        )
        metrics = dict(action._fields["test_metric"]._description_selection(self.env))
        words = [self.env._("Version %s is sent from now on.", winner)]
        if verdict.leader is None:
            words.append(self.env._("Nobody has got an email of the test."))
            return " ".join(words)
        words.append(f"{metrics[action.test_metric]}: {figures}.")
        if verdict.p_value is not None and verdict.method in tests:
            sure = (
                self.env._("The difference is no chance")
                if verdict.is_conclusive
                else self.env._("The difference may be chance")
            )
            words.append(f"{sure} (p = {verdict.p_value:.3g}, {tests[verdict.method]}).")
        if verdict.few:
            words.append(
                self.env._(
                    "Few people took part (under %s of a version): the figures tell little.",
                    significance.FEW_CASES,
                )
            )
        return " ".join(words)

    def _figure_in_words(self, letter, measure):
        if isinstance(measure, Share):
            return self.env._(
                "%(letter)s %(percent).1f %% of %(cases)s",
                letter=letter,
                percent=100 * measure.value,
                cases=measure.cases,
            )
        return self.env._(
            "%(letter)s %(amount).2f each of %(cases)s",
            letter=letter,
            amount=measure.value,
            cases=measure.cases,
        )

    def _tell(self, action, reason):
        self.campaign_id.message_post(
            body=self.env._(
                "Test of the email “%(email)s”: %(reason)s",
                email=action.mailing_id.subject,
                reason=reason,
            )
        )


class FlowEmailArm(models.Model):
    _name = "flow.email.arm"
    _description = "Version in a Test"
    _log_access = False  # written by the engine
    _order = "test_id, letter"
    _rec_name = "letter"

    test_id = fields.Many2one("flow.email.test", required=True, ondelete="cascade", readonly=True)
    letter = fields.Char("Version", required=True, readonly=True)
    goal_count = fields.Integer(
        "Goals", readonly=True, help="How many reached a goal afterwards, when last looked at."
    )
    sent_count = fields.Integer("Sent", compute="_compute_figures")
    opened_count = fields.Integer("Opened", compute="_compute_figures")
    clicked_count = fields.Integer("Clicked", compute="_compute_figures")
    replied_count = fields.Integer("Replied", compute="_compute_figures")
    rate_in_words = fields.Char(
        "Rate",
        compute="_compute_figures",
        help="What counts in this test, and between which limits it lies with 95 %.",
    )
    is_winner = fields.Boolean(compute="_compute_figures")

    _once = models.Constraint("UNIQUE(test_id, letter)", "A version is in a test once.")

    def _compute_figures(self):
        """Read the figures from facts, one statement per test."""
        for test in self.test_id:
            counted = test._counted()
            action = test._action()
            metric = action.test_metric if action else "clicked"
            for arm in self & test.arm_ids:
                counts = {name: counted.get((arm.letter, name), 0) for name in COUNTED}
                arm.update({f"{name}_count": count for name, count in counts.items()})
                arm.is_winner = test.winner == arm.letter
                arm.rate_in_words = arm._rate(metric, counts)

    def _rate(self, metric, counts):
        """Return “25.0 % (21.3 – 29.1 %)”."""
        part = counts.get(metric, self.goal_count if metric == "goal" else None)
        if part is None:
            return False
        share = Share(counts["sent"], min(part, counts["sent"]))
        limits = significance.interval(share)
        if not limits:
            return "–"
        low, high = (100 * limit for limit in limits)
        return f"{100 * share.value:.1f} % ({low:.1f} – {high:.1f} %)"

    def action_choose(self):
        """Choose this version by hand: it is sent to everybody from now on."""
        self.ensure_one()
        test, campaign = self.test_id, self.test_id.campaign_id
        campaign.check_access("write")
        action = test._action()
        if self.letter not in action._arms():
            raise UserError(self.env._("There is no version %s any more.", self.letter))
        reason = self.env._(
            "Version %(letter)s is sent from now on: chosen by %(person)s.",
            letter=self.letter,
            person=self.env.user.name,
        )
        # sudo: who may change the campaign may choose, though not rewrite what the engine noted
        test.sudo().write(
            {
                "winner": self.letter,
                "decided_at": database_clock.now(self.env),
                "decided_by_id": self.env.uid,
                "reason": reason,
                "wakes": True,
            }
        )
        test._tell(action, reason)
        campaign._wake_engine()
