"""The monitor: each figure is what opens behind it, and belongs to whoever may see it."""

from datetime import datetime

from lxml import etree
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..engine import fold, reactions
from ..models.flow_monitor_time import spans
from .monitor_case import MonitorCase


@tagged("post_install", "-at_install")
class TestMonitor(MonitorCase):
    def test_tiles_are_what_opens_behind_them(self):
        self.let_it_happen()
        tiles = self.tiles()
        self.assertEqual(
            tiles,
            {
                "participants": 3, "under_way": 2, "goals": 1, "sent": 5, "opened": 2,
                "clicked": 1, "replied": 1, "bounced": 1, "unsubscribed": 1,
            },
        )  # fmt: skip
        self.assertEqual({figure: self.behind(figure) for figure in tiles}, tiles)

    def test_each_point_of_the_chart_is_what_opens_behind_it(self):
        self.let_it_happen()
        days = self.figures(days=7)["days"]
        self.assertEqual(len(days["labels"]), len(days["spans"]))
        seen = 0
        for series in days["series"]:
            for (first, last), value in zip(days["spans"], series["values"], strict=True):
                about = {"first": first, "last": last}
                self.assertEqual(self.behind(series["figure"], about), value, series["figure"])
                seen += value
        self.assertEqual(seen, 5 + 2 + 1 + 1 + 1)  # unsubscribing again is not another one

    def test_funnel_is_what_opens_behind_it(self):
        self.let_it_happen()
        states = {state["name"]: state for state in self.figures()["states"]}
        self.assertEqual(list(states), ["Invited", "Reminded", "Hot", "Over"])
        self.assertEqual([state["entered"] for state in states.values()], [3, 2, 1, 0])
        self.assertEqual([state["here"] for state in states.values()], [0, 2, 1, 0])
        for state in states.values():
            for figure in ("entered", "here"):
                self.assertEqual(self.behind(figure, {"state": state["key"]}), state[figure])

    def test_links_are_what_opens_behind_them(self):
        self.let_it_happen()
        links = self.figures()["links"]
        self.assertEqual(
            links,
            [
                {"url": "https://a.example/x", "clicks": 2},
                {"url": "https://a.example/y", "clicks": 1},
            ],
        )
        for link in links:
            self.assertEqual(self.behind("link", {"url": link["url"]}), link["clicks"])

    def test_heat_map_is_what_opens_behind_it_in_any_time_zone(self):
        self.let_it_happen()
        for zone in ("Europe/Rome", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "UTC"):
            monitor = self.monitor.with_context(tz=zone)
            hours = monitor.get_figures(self.campaign.ids, 30)["hours"]
            self.assertEqual(hours["zone"], zone)
            totals = {}
            for kind in hours["kinds"]:
                for weekday, row in zip(hours["weekdays"], kind["rows"], strict=True):
                    for hour, value in enumerate(row):
                        if not value:
                            continue
                        about = {
                            "kind": kind["kind"], "weekday": weekday["number"], "hour": hour,
                            "days": 30,
                        }  # fmt: skip
                        action = monitor.action_view("hour", self.campaign.ids, about)
                        events = self.env["flow.event"].with_context(**action["context"])
                        self.assertEqual(events.search_count(action["domain"]), value)
                        totals[kind["kind"]] = totals.get(kind["kind"], 0) + value
            self.assertEqual(totals, {"opened": 2, "clicked": 3, "replied": 1}, zone)

    def test_hour_of_a_reaction_is_that_of_the_day_in_summer_and_in_winter(self):
        self.launch()
        step = self.steps(self.ann)
        for moment in ("2026-01-14 08:50:00", "2026-07-15 07:50:00"):  # Wednesdays, 9:50 in Rome
            self.env.cr.execute(
                """INSERT INTO flow_event (participant_id, campaign_id, step_id, kind, is_machine,
                                           is_new, occurred_at)
                   SELECT participant_id, campaign_id, id, 'opened', FALSE, FALSE, %s
                     FROM flow_step WHERE id = %s""",
                [moment, step.id],
            )
        found = reactions.by_hour(self.env, self.campaign.ids, ["opened"], "Europe/Rome")
        self.assertEqual(found, {"opened": {(3, 9): 2}})
        # 9:50 UTC+1 is 14:20 in India, which a full hour of UTC could not tell.
        found = reactions.by_hour(
            self.env, self.campaign.ids, ["opened"], "Asia/Kolkata", datetime(2026, 1, 1)
        )
        self.assertEqual(found, {"opened": {(3, 14): 1, (3, 13): 1}})

    def test_reactions_that_are_folded_or_gone_are_counted_right(self):
        self.let_it_happen()
        counts = self.env["flow.reaction.count"].search([("campaign_id", "=", self.campaign.id)])
        self.assertTrue(counts)
        self.assertFalse(counts.filtered("is_delta"), "a pass folds what was appended")
        self.assertEqual(reactions.fold(self.env), 0)
        self.participant(self.ann).sudo().unlink()
        self.assert_counted()
        self.assertEqual(self.figures()["links"], [])
        before = self.figures()["hours"]
        self.env["flow.reaction.count"]._recount()
        self.assertEqual(self.figures()["hours"], before)

    def test_what_people_do_after_the_end_counts_everywhere(self):
        """Figures that are added up in several ways say the same when people open late."""
        self.launch()
        self.campaign.action_stop()
        self.run_engine()
        self.pass_time(days=1)
        self.trace(self.ann, self.invitation).set_opened()
        [step] = self.steps(self.bob)
        events = self.env["flow.event"]
        events._record_for_steps("opened", step.ids)
        events._record_for_steps("clicked", step.ids, url="https://a.example/x")
        self.run_engine()
        figures = self.figures()
        tiles = {tile["figure"]: tile["value"] for tile in figures["tiles"]}
        self.assertEqual((tiles["opened"], tiles["clicked"], tiles["under_way"]), (2, 1, 0))
        by_hour = {one["kind"]: sum(map(sum, one["rows"])) for one in figures["hours"]["kinds"]}
        self.assertEqual((by_hour["opened"], by_hour["clicked"]), (2, 1))
        self.assertEqual([link["clicks"] for link in figures["links"]], [1])
        fed = self.monitor.get_feed(self.campaign.ids)
        self.assertIn("clicked", str(fed).lower())
        self.assertEqual(self.trace(self.bob, self.invitation).trace_status, "open")
        self.assertFalse(self.participant(self.ann).next_at)
        self.assertFalse(self.env["flow.campaign"]._at_work())

    def test_money_is_what_opens_behind_it(self):
        self.campaign.budget_amount = 100
        self.launch()
        costs = self.env["flow.cost"].create(
            [
                {"campaign_id": self.campaign.id, "name": name, "amount": amount, "date": day}
                for name, amount, day in (
                    ("Design", 30, "2026-01-05"), ("Print", 20, "2026-01-07"),
                )
            ]
        )  # fmt: skip
        costs.action_confirm()
        self.env.flush_all()
        money = self.figures()["money"]
        self.assertEqual([(p["day"], p["left"]) for p in money["points"]],
                         [("2026-01-05", 70), ("2026-01-07", 50)])  # fmt: skip
        self.assertEqual([one["text"].strip("$\xa0") for one in money["figures"]],
                         ["100.00", "50.00", "0.00", "50.00"])  # fmt: skip
        action = self.monitor.action_view(
            "money", self.campaign.ids, {"kind": "actual", "last": "2026-01-06"}
        )
        rows = self.env["flow.money"].with_user(self.user).with_context(**action["context"])
        self.assertEqual(sum(rows.search(action["domain"]).mapped("amount")), 30)

    def test_objectives_that_are_not_reached_come_first(self):
        self.campaign.objective_ids = [
            (0, 0, {"metric": "participants", "target": 3}),
            (0, 0, {"metric": "open_rate", "target": 90}),
        ]
        self.let_it_happen()
        objectives = self.figures()["objectives"]
        self.assertEqual(objectives["count"], 2)
        self.assertEqual([row["state"] for row in objectives["rows"]], ["open", "reached"])
        self.assertEqual(objectives["rows"][-1]["words"], "3 of 3")

    def test_feed_is_paged_and_leaves_machines_out(self):
        self.let_it_happen()
        feed = self.monitor.get_feed(self.campaign.ids)
        numbers = [entry["id"] for entry in feed["entries"]]
        self.assertEqual(numbers, sorted(numbers, reverse=True))
        own = [("campaign_id", "=", self.campaign.id), ("is_machine", "=", False)]
        self.assertEqual(len(numbers), self.env["flow.event"].search_count(own))
        self.assertEqual(feed["entries"][-1]["who"], "Ann")
        self.assertFalse(feed["more"])
        earlier = self.monitor.get_feed(self.campaign.ids, numbers[2])
        self.assertEqual([entry["id"] for entry in earlier["entries"]], numbers[3:])

    def test_feed_leaves_out_who_is_held_out(self):
        self.campaign.holdout_share = 50
        self.audience.partner_ids += self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(150)]
        )
        self.launch()
        runs = self.campaign.participant_ids
        self.env["flow.event"]._record("custom", self.audience.partner_ids, detail="bought")
        held_out = runs.filtered(lambda run: run.end_kind == "held_out")
        self.assertTrue(held_out.event_ids)
        page = self.monitor.get_feed(self.campaign.ids)
        self.assertEqual(len(page["entries"]), 30, "a page is full although some are left out")
        entries = page["entries"]
        while page["more"]:
            page = self.monitor.get_feed(self.campaign.ids, entries[-1]["id"])
            entries += page["entries"]
        people = {entry["participant_id"] for entry in entries}
        self.assertEqual(people, set((runs - held_out).ids))

    def test_names_are_told_as_they_are(self):
        self.ann.name = "<b>Ann</b> 🎉" + "x" * 290
        self.let_it_happen()
        feed = self.monitor.get_feed(self.campaign.ids)
        self.assertIn(self.ann.name, [entry["who"] for entry in feed["entries"]])

    def test_all_campaigns_are_those_that_the_user_may_see(self):
        self.let_it_happen()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        elsewhere = self.campaign.sudo().copy({"company_id": other.id})
        figures = self.monitor.get_figures()
        names = [row["name"] for row in figures["compared"]]
        self.assertIn("Invitation", names)
        self.assertNotIn(elsewhere.name, names)
        self.assertEqual(self.monitor.get_figures(elsewhere.ids)["count"], 0)
        stranger = new_test_user(
            self.env, "flow_elsewhere", groups="marketing_campaign_flow.group_flow_user",
            company_id=other.id, company_ids=[(6, 0, other.ids)],
        )  # fmt: skip
        foreign = self.env["flow.monitor"].with_user(stranger)
        self.assertEqual(foreign.get_figures(self.campaign.ids)["count"], 0)
        self.assertEqual(foreign.get_feed(self.campaign.ids)["entries"], [])
        action = foreign.action_view("participants", self.campaign.ids)
        self.assertEqual(
            self.env[action["res_model"]].with_user(stranger).search_count(action["domain"]), 0
        )

    def test_people_without_the_group_get_nothing(self):
        outsider = new_test_user(self.env, "flow_nobody", groups="base.group_user")
        monitor = self.env["flow.monitor"].with_user(outsider)
        for call in (
            lambda: monitor.get_figures(self.campaign.ids),
            lambda: monitor.get_feed(self.campaign.ids),
            lambda: monitor.action_view("sent", self.campaign.ids),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_bad_input_is_refused_in_words(self):
        for call in (
            lambda: self.monitor.get_figures("1"),
            lambda: self.monitor.get_figures([2**40]),
            lambda: self.monitor.get_figures([[1]]),
            lambda: self.monitor.get_figures(self.campaign.ids, 8),
            lambda: self.monitor.get_feed(self.campaign.ids, "1"),
            lambda: self.monitor.action_view("nothing", self.campaign.ids),
            lambda: self.monitor.action_view(
                "sent", self.campaign.ids, {"first": "x", "last": "y"}
            ),
            lambda: self.monitor.action_view("hour", self.campaign.ids, {"kind": "opened"}),
            lambda: self.monitor.action_view("money", self.campaign.ids, {"kind": "gold"}),
            lambda: self.monitor.action_view("here", self.campaign.ids, "state"),
        ):
            with self.assertRaises(UserError):
                call()

    def test_figures_cost_the_same_for_few_and_many(self):
        self.let_it_happen()
        few = self.cost_of_figures()
        self.audience.partner_ids += self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(40)]
        )
        self.pass_time(minutes=6)
        while fold.fold(self.env):
            pass
        self.assertEqual(self.tiles()["participants"], 43)
        self.assertEqual(self.cost_of_figures(), few)

    def cost_of_figures(self):
        self.figures()  # what is cached is read before
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.figures()
        return self.env.cr.sql_log_count - before

    def test_campaign_form_has_the_monitor_in_a_tab(self):
        arch = etree.fromstring(
            self.campaign.with_user(self.user).get_view(view_type="form")["arch"]
        )
        self.assertEqual(arch.xpath("//page[@name='monitor']/widget/@name"), ["flow_monitor"])

    def test_long_periods_are_told_by_week(self):
        weeks = spans(datetime(2026, 1, 1).date(), datetime(2026, 3, 1).date())
        self.assertEqual((weeks[0][1] - weeks[0][0]).days, 6)
        self.assertEqual(weeks[-1][1], datetime(2026, 3, 1).date())
        together = sum((last - first).days + 1 for first, last in weeks)
        self.assertEqual(together, 60)
