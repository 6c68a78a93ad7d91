"""Whoever watches a campaign is told, not too often, and nobody else is."""

import contextlib
import json
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged

from ..engine import pulse
from .monitor_case import MonitorCase


@tagged("post_install", "-at_install")
class TestPulse(MonitorCase):
    def setUp(self):
        super().setUp()
        self.env["bus.bus"].search([]).unlink()
        self.addCleanup(pulse._quiet_until.clear)
        pulse._quiet_until.clear()

    def notifications(self):
        """Return who was told what, as it would be written when the transaction commits."""
        self.env.cr.precommit.run()
        rows = self.env["bus.bus"].search([("message", "like", pulse.TYPE)], order="id")
        return [(json.loads(row.channel)[1:], json.loads(row.message)["payload"]) for row in rows]

    def pass_window(self):
        self.env.cr.execute("UPDATE flow_pulse SET told_at = told_at - interval '1 hour'")

    def campaign_is_told(self):
        return (
            ["flow.campaign", self.campaign.id, "flow_monitor"],
            {"campaign_id": self.campaign.id},
        )

    def test_nobody_is_told_of_what_nobody_watches(self):
        self.assertEqual(pulse.tell(self.env, self.campaign.ids), 0)
        self.assertEqual(self.notifications(), [])

    def test_watchers_are_told_once_however_much_happens(self):
        self.figures()
        for _event in range(50):
            pulse.tell(self.env, self.campaign.ids)
        self.assertEqual(self.notifications(), [self.campaign_is_told()])
        self.pass_window()
        pulse.tell(self.env, self.campaign.ids)
        self.assertEqual(self.notifications(), [self.campaign_is_told()] * 2)

    def test_whoever_watches_all_campaigns_is_told_of_each_company(self):
        self.launch()
        self.monitor.get_figures()
        pulse.tell(self.env, self.campaign.ids)
        company = self.campaign.company_id
        self.assertEqual(
            self.notifications(),
            [(["res.company", company.id, "flow_monitor"], {"campaign_id": False})],
        )

    def test_that_somebody_watches_is_written_down_last(self):
        """Whoever tells of a click waits for that row: not while the figures are read."""
        models = self.env.registry["flow.monitor"]
        parts = ("_tiles", "_states", "_days", "_hours", "_money", "_objectives", "_links")
        seen = set()

        def noting(name):
            original = getattr(models, name)

            def look(*args, **kwargs):
                seen.add((name, self.watchers()))
                return original(*args, **kwargs)

            return patch.object(models, name, look)

        with contextlib.ExitStack() as stack:
            for name in parts:
                stack.enter_context(noting(name))
            self.figures()
        self.assertEqual(seen, {(name, 0) for name in parts})
        self.assertEqual(self.watchers(), 1)

    def test_whoever_may_see_a_campaign_can_follow_it(self):
        self.campaign.with_user(self.user).watch()
        self.assertEqual(self.watchers(), 1)
        self.assertEqual(pulse.tell(self.env, self.campaign.ids), 1)
        with self.assertRaises(AccessError):
            self.campaign.with_user(self.stranger()).watch()

    def watchers(self):
        self.env.cr.execute(
            "SELECT count(*) FROM flow_pulse WHERE campaign_id = %s", self.campaign.ids
        )
        return self.env.cr.fetchone()[0]

    def test_whoever_has_not_looked_for_long_is_told_no_more(self):
        self.figures()
        self.env.cr.execute("UPDATE flow_pulse SET watched_at = watched_at - interval '11 minutes'")
        self.assertEqual(pulse.tell(self.env, self.campaign.ids), 0)
        self.figures()
        self.assertEqual(pulse.tell(self.env, self.campaign.ids), 1)

    def test_a_worker_asks_the_database_once_in_a_while(self):
        with patch.object(pulse, "tell") as tell:
            pulse._quiet_until[self.env.cr.dbname, self.campaign.id] = float("inf")
            pulse._tell_apart(self.env.cr.dbname, self.campaign.ids)
            tell.assert_not_called()

    def test_what_fails_there_disturbs_nobody(self):
        with patch.object(pulse, "tell", side_effect=ValueError("broken")) as tell:
            pulse._tell_apart(self.env.cr.dbname, self.campaign.ids)
            tell.assert_called_once()

    def test_events_moves_and_costs_are_news(self):
        self.launch()
        own = set(self.campaign.ids)
        events = self.env["flow.event"]
        step = self.steps(self.ann)
        self.assertEqual(self.news(lambda: events._record_for_steps("opened", step.ids)), own)
        self.assertEqual(self.news(lambda: events._record("response", self.bob)), own)
        self.assertEqual(self.news(self.run_engine), own)
        self.assertEqual(self.news(self.run_engine), set())
        participant = self.participant(self.ann).with_user(self.user)
        self.assertEqual(self.news(lambda: participant.action_move(self.reminded.id)), own)
        cost = self.env["flow.cost"].create(
            {"campaign_id": self.campaign.id, "name": "Print", "amount": 3}
        )
        self.assertEqual(self.news(cost.action_confirm), own)
        self.assertEqual(self.news(self.campaign.action_pause), own)

    def news(self, change):
        """Return of which campaigns a change will be told when it is committed."""
        self.env.cr.postcommit.clear()
        change()
        return self.env.cr.postcommit.data.get(pulse.CALLBACK, set())

    def test_only_who_may_read_a_campaign_listens_to_it(self):
        names = [f"flow.monitor_{self.campaign.id}", "flow.monitor"]
        company = self.campaign.company_id
        mine = self.monitor._channels(names)
        self.assertEqual(mine, [(self.campaign, "flow_monitor"), (company, "flow_monitor")])
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env, "flow_elsewhere", groups="marketing_campaign_flow.group_flow_user",
            company_id=other.id, company_ids=[(6, 0, other.ids)],
        )  # fmt: skip
        heard = self.env["flow.monitor"].with_user(stranger)._channels(names)
        self.assertEqual(heard, [(other, "flow_monitor")])
        for login, group in (
            ("flow_nobody", "base.group_user"),
            ("flow_portal", "base.group_portal"),
        ):
            outsider = new_test_user(self.env, login, groups=group)
            self.assertEqual(self.env["flow.monitor"].with_user(outsider)._channels(names), [])
        public = self.env.ref("base.public_user")
        self.assertEqual(self.env["flow.monitor"].with_user(public)._channels(names), [])

    def test_names_that_mean_nothing_are_let_go(self):
        names = ["flow.monitor_x", "flow.monitor_", f"flow.monitor_{2**40}", "flow.monitor_0"]
        self.assertEqual(self.monitor._channels(names), [])


@tagged("post_install", "-at_install")
class TestWatchTogether(TransactionCase):
    """Two who do not see each other, and rows that are really there for a moment."""

    def setUp(self):
        super().setUp()
        self.company = self.env.ref("base.main_company")
        self.elsewhere("DELETE FROM flow_pulse WHERE company_id = %s AND campaign_id IS NULL")
        self.addCleanup(
            self.elsewhere, "DELETE FROM flow_pulse WHERE company_id = %s AND campaign_id IS NULL"
        )

    def elsewhere(self, statement):
        with self.registry.cursor() as cr:
            cr.execute(statement, self.company.ids)

    def watched(self):
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT count(*) FROM flow_pulse WHERE company_id = %s AND campaign_id IS NULL",
                self.company.ids,
            )
            return cr.fetchone()[0]

    def test_a_colleague_who_came_first_makes_nobody_begin_again(self):
        self.env.cr.execute("SELECT 1")  # what is committed from here on is not seen
        self.elsewhere(
            """INSERT INTO flow_pulse (company_id, watched_at)
               VALUES (%s, now() AT TIME ZONE 'UTC')"""
        )
        pulse.watch(self.env, self.company.ids, [None])
        self.env.cr.execute("SELECT 1")  # the transaction goes on
        self.assertEqual(self.watched(), 1)
