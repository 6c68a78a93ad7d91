"""The printed report of a campaign, and its way by email."""

import base64
from unittest.mock import patch

from lxml import etree, html
from odoo.exceptions import AccessError
from odoo.tests import BaseCase, new_test_user, tagged

from ..report import charts
from .common import FlowCase

REPORT = "marketing_campaign_flow.campaign_report"
SVG = "{http://www.w3.org/2000/svg}"


def picture(address):
    """Return the SVG that an address holds."""
    kind, _comma, content = address.partition(",")
    assert kind == "data:image/svg+xml;base64", kind
    return etree.fromstring(base64.b64decode(content))


def texts(drawing):
    return [text.text for text in drawing.iter(f"{SVG}text")]


@tagged("post_install", "-at_install")
class TestCharts(BaseCase):
    def test_bars_are_as_long_as_their_numbers(self):
        drawing = picture(charts.bars(["a", "b <b>&"], [200, 50], ["200", "50 · 25 %"]))
        self.assertEqual(texts(drawing), ["a", "200", "b <b>&", "50 · 25 %"])
        first, second = (
            float(bar.get("width"))
            for bar in drawing.iter(f"{SVG}rect")
            if bar.getparent().tag != f"{SVG}clipPath"
        )
        self.assertAlmostEqual(first, 4 * second)

    def test_nothing_at_all_is_drawn_as_well(self):
        self.assertEqual(texts(picture(charts.bars(["a"], [0], ["0"]))), ["a", "0"])

    def test_label_without_room_is_cut(self):
        [label, _number] = texts(picture(charts.bars(["long " * 40], [1], ["1"])))
        self.assertTrue(label.startswith("long") and label.endswith("…"), label)

    def test_lines_have_their_names_and_as_many_days_as_there_is_room_for(self):
        days = [str(day) for day in range(40)]
        drawn = texts(picture(charts.lines(days, {"Sent": range(40), "Opened": [1] * 40})))
        self.assertTrue({"Sent", "Opened", "0", "36", "39"} <= set(drawn), drawn)
        self.assertNotIn("1", drawn)
        self.assertIn("7", texts(picture(charts.lines(["7"], {"Sent": [0]}))))

    def test_progress_fills_the_bar_at_most(self):
        for share, width in ((0, 0), (0.25, 40), (7, 160), (-1, 0)):
            drawing = picture(charts.progress(share))
            self.assertEqual(float([*drawing.iter(f"{SVG}rect")][-1].get("width")), width)


@tagged("post_install", "-at_install")
class TestCampaignReport(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invited = cls.state("Invited", "start")
        cls.hot = cls.state("Hot", "goal")
        cls.reminded = cls.state("Reminded")
        cls.email(cls.invited, "Invitation <b>")
        cls.email(cls.reminded, "Reminder")
        cls.transition(cls.invited, cls.hot, "event", event_kind="opened")
        cls.transition(cls.invited, cls.reminded, "timeout", delay_value=1)
        cls.transition(cls.reminded, cls.hot, "event", event_kind="clicked")
        cls.campaign.name = "Fair <script>x</script>"

    def report(self, campaign=None, user=None):
        campaign = campaign or self.campaign
        reports = self.env["ir.actions.report"].with_user(user or self.user)
        content, kind = reports._render_qweb_html(REPORT, campaign.ids)
        self.assertEqual(kind, "html")
        return html.fromstring(content)

    def words(self, *args):
        return " ".join(self.report(*args).text_content().split())

    def test_before_launch_it_says_so(self):
        self.assertIn("has not been launched yet", self.words())

    def test_it_says_what_happened(self):
        self.launch()
        self.trace(self.ann).set_opened()
        self.pass_time(days=1, minutes=2)
        words = self.words()
        self.assertRegex(words, r"Participants since [\d/]+: 3\.")
        self.assertIn("Emails sent: 5, of which 20.0 % were opened and 0.0 % clicked", words)
        self.assertIn("Goal reached by 1 (33.3 % of all)", words)
        self.assertIn("Invitation <b> 3 33.3 % 0.0 %", words)
        self.assertIn("Reminder 2 0.0 %", words)
        self.assertIn("Invited Start 0 Hot Goal 1 Reminded", words)
        self.assertIn("Fair <script>x</script>", words)
        funnel, days = self.report().xpath("//div[@class='page']//img[@alt!='']")
        self.assertIn("5", texts(picture(funnel.get("src"))))
        self.assertIn("1 · 33.3 %", texts(picture(funnel.get("src"))))
        self.assertIn("Email sent", texts(picture(days.get("src"))))

    def test_what_cannot_be_measured_is_not_zero(self):
        self.campaign.audience_id.partner_ids = self.env["res.partner"].create({"name": "Dumb"})
        self.launch()
        self.assertIn("Emails sent: 0, of which n/a were opened", self.words())

    def test_money_and_objectives(self):
        self.campaign.budget_amount = 100
        design = self.env["flow.cost.category"].create({"name": "Drawing"})
        self.campaign.cost_ids = [
            (0, 0, {"name": "x", "category_id": category, "amount": amount, "status": "confirmed"})
            for category, amount in ((design.id, 30), (design.id, 12.5), (False, 5))
        ]
        self.campaign.objective_ids = [
            (0, 0, {"metric": "participants", "target": 3}),
            (0, 0, {"metric": "conversions", "target": 2}),
        ]
        self.launch()
        words = self.words().replace("\N{NO-BREAK SPACE}", " ")
        self.assertRegex(words, r"Spent: \$ ?47\.50 of \$ ?100\.00")
        self.assertIn("Objectives reached: 1 of 2", words)
        self.assertRegex(
            words, r"Drawing \$ ?0\.00 \$ ?42\.50 Without a category \$ ?100\.00 \$ ?5\.00"
        )
        self.assertRegex(words, r"Available: \$ ?52\.50")

    def test_long_campaigns_are_drawn_by_week(self):
        self.launch()
        self.env["flow.fact"].flush_model()
        self.env.cr.execute(
            "UPDATE flow_fact SET day = day - 60 WHERE metric = 'sent' AND campaign_id = %s",
            [self.campaign.id],
        )
        self.trace(self.ann).set_opened()
        days = self.campaign._report_days()
        self.assertTrue(days["by_week"])
        self.assertLessEqual(len(days["labels"]), 10)
        self.assertEqual(sum(days["series"]["Email sent"]), 3)
        self.assertEqual(sum(days["series"]["Email opened"]), 1)
        self.env["flow.fact"]._recount()

    def test_several_campaigns_are_in_one_document(self):
        other = self.campaign.copy({"name": "Another"})
        self.assertEqual(len(self.report(self.campaign | other).findall(".//h2")), 2)

    def test_of_another_company_it_is_refused(self):
        self.campaign.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        with self.assertRaises(AccessError):
            self.report()

    def test_somebody_without_the_app_is_refused(self):
        clerk = new_test_user(self.env, "flow_clerk", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.report(user=clerk)

    def test_it_takes_as_many_statements_for_many_people_as_for_few(self):
        def statements():
            self.report()  # what Odoo looks up once for all reports
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.report()
            return self.env.cr.sql_log_count - before

        self.launch()
        few = statements()
        self.campaign.audience_id.partner_ids += self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(60)]
        )
        self.pass_time(hours=2)
        self.assertEqual(self.campaign.participant_count, 63)
        self.assertLessEqual(statements(), few)


@tagged("post_install", "-at_install")
class TestReportByEmail(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        start, over = cls.state("Start", "start"), cls.state("Over", "done")
        cls.transition(start, over, "timeout", delay_value=20)
        cls.campaign.report_schedule = "weekly"
        cls.boss = cls.env["res.partner"].create({"name": "Boss", "email": "boss@example.com"})
        cls.campaign.message_subscribe(cls.boss.ids)

    def reports(self, campaign=None):
        """Let the scheduled job run; return what it posted."""
        before = (campaign or self.campaign).message_ids
        with patch.object(self.env.registry["ir.cron"], "_commit_progress", return_value=60.0):
            self.env["flow.campaign"]._cron_send_reports()
        return (campaign or self.campaign).message_ids - before

    def test_each_week_and_at_the_end(self):
        self.launch()
        self.assertFalse(self.reports())
        self.pass_time(days=7)
        message = self.reports()
        self.assertRegex(message.body, r"Participants since [\d/]+: 3\.")
        self.assertEqual(len(message.attachment_ids), 1)
        self.assertIn(self.boss, message.notified_partner_ids)
        self.assertEqual(message.author_id, self.user.partner_id)
        self.assertFalse(self.reports())
        self.pass_time(days=6)
        self.assertFalse(self.reports())
        self.pass_time(days=1)
        self.assertTrue(self.reports())
        self.pass_time(days=1)
        self.campaign.action_stop()
        self.run_engine()
        self.assertEqual(self.campaign.status, "done")
        self.assertRegex(self.reports().body, r"Participants from [\d/]+ to [\d/]+: 3\.")
        self.pass_time(days=30)
        self.assertFalse(self.reports())

    def test_at_the_end_only_or_never(self):
        self.campaign.report_schedule = "end"
        self.launch()
        self.pass_time(days=8)
        self.assertFalse(self.reports())
        self.pass_time(days=13)
        self.campaign.action_stop()
        self.run_engine()
        self.assertTrue(self.reports())
        self.campaign.write({"report_schedule": "never", "report_sent_at": False})
        self.assertFalse(self.reports())

    def test_one_that_fails_is_told_and_does_not_keep_others_waiting(self):
        twin = self.campaign.copy({"name": "Twin", "report_schedule": "weekly"})
        self.launch()
        twin.action_launch()
        self.pass_time(days=7)
        broken, render = self.campaign, type(self.campaign)._report_funnel

        def funnel(campaign):
            if campaign == broken:
                raise ValueError("no figures")
            return render(campaign)

        with patch.object(type(self.campaign), "_report_funnel", funnel):
            self.assertTrue(self.reports(twin))
        self.assertFalse(self.campaign.report_sent_at)
        self.assertIn("no figures", self.campaign.problem)
        self.assertTrue(self.reports())
        self.env.invalidate_all()
        self.assertFalse(self.campaign.problem)
