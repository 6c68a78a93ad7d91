from odoo.tests import tagged

from .common import FlowCase


@tagged("post_install", "-at_install")
class TestReentry(FlowCase):
    """Whose run has ended may go through the campaign once more, when it says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.over = cls.state("Over", "done")
        cls.email(cls.start)
        cls.transition(cls.start, cls.over, "timeout", delay_value=1)
        cls.audience.partner_ids = cls.ann | cls.bob

    def finish(self):
        """Let everybody reach the end."""
        self.pass_time(days=1, minutes=2)

    def runs(self, contact):
        return self.participant(contact).sorted("run_number")

    def test_nobody_comes_in_again_by_default(self):
        self.launch()
        self.finish()
        self.pass_time(days=365)
        self.assertEqual(self.runs(self.ann).mapped("run_number"), [1])

    def test_who_has_ended_starts_again_as_a_new_run_and_keeps_the_history(self):
        self.campaign.reentry = "ended"
        self.launch()
        self.finish()
        self.pass_time(minutes=6)
        first, second = self.runs(self.ann)
        self.assertEqual((first.status, first.run_number), ("ended", 1))
        self.assertEqual((second.status, second.run_number), ("active", 2))
        self.assertEqual(first.step_ids.mapped("status"), ["done"])
        self.assertEqual(len(second.step_ids), 1)
        self.pass_time(minutes=6)
        self.assertEqual(len(self.runs(self.ann)), 2, "one run at a time")

    def test_days_must_pass_in_between(self):
        self.campaign.write({"reentry": "days", "reentry_days": 10})
        self.launch()
        self.finish()
        self.pass_time(days=9, hours=23)
        self.assertEqual(len(self.runs(self.ann)), 1)
        self.pass_time(hours=2)
        self.assertEqual(self.runs(self.ann).mapped("run_number"), [1, 2])

    def test_number_of_entries_is_limited(self):
        self.campaign.write({"reentry": "ended", "max_entries": 2})
        self.launch()
        for _run in range(4):
            self.finish()
            self.pass_time(minutes=6)
        self.assertEqual(self.runs(self.ann).mapped("run_number"), [1, 2])

    def test_who_was_taken_out_stays_out_until_put_back(self):
        self.campaign.reentry = "ended"
        self.launch()
        first = self.participant(self.ann)
        first.action_take_out()
        self.finish()
        self.pass_time(minutes=6)
        self.assertEqual(len(self.runs(self.ann)), 1)
        self.assertEqual(len(self.runs(self.bob)), 2)
        first.action_put_back()
        self.run_engine()
        self.finish()
        self.pass_time(minutes=6)
        self.assertEqual(self.runs(self.ann).mapped("run_number"), [1, 2, 3])

    def test_who_left_the_audience_does_not_come_in_again(self):
        self.campaign.reentry = "ended"
        self.launch()
        self.audience.partner_ids -= self.ann
        self.finish()
        self.pass_time(minutes=6)
        self.assertEqual(len(self.runs(self.ann)), 1)

    def test_address_counts_its_runs_under_whichever_contact(self):
        twin = self.env["res.partner"].create({"name": "Twin", "email": "ann@example.com"})
        self.campaign.write({"reentry": "ended", "max_entries": 2})
        self.launch()
        self.audience.partner_ids -= self.ann
        self.audience.partner_ids += twin
        self.finish()
        self.pass_time(minutes=6)
        self.assertEqual(self.participant(twin).run_number, 2)
        self.finish()
        self.pass_time(minutes=6)
        self.assertEqual(len(self.participant(twin)), 1)

    def test_contacts_without_an_address_come_in_again_too(self):
        nobody = self.env["res.partner"].create({"name": "Nobody"})
        other = self.env["res.partner"].create({"name": "Other"})
        self.audience.partner_ids += nobody + other
        self.campaign.reentry = "ended"
        self.launch()
        self.finish()
        self.pass_time(minutes=6)
        self.assertEqual(self.runs(nobody).mapped("run_number"), [1, 2])
        self.assertEqual(self.runs(other).mapped("run_number"), [1, 2])

    def test_opted_out_who_comes_in_again_is_not_written_to(self):
        out = self.state("Out", "exit")
        self.transition(None, out, "event", event_kind="unsubscribed")
        self.campaign.reentry = "ended"
        self.launch()
        self.env["mail.blacklist"]._add("ann@example.com")
        mailing = self.trace(self.ann).mass_mailing_id
        self.env["flow.event"]._record_unsubscribed(mailing, self.ann.id)
        self.run_engine()
        self.pass_time(minutes=6)
        second = self.runs(self.ann)[1]
        self.assertEqual(second.step_ids.mapped("status"), ["skipped"])
        self.assertEqual(second.step_ids.reason, "Blacklisted Address")
