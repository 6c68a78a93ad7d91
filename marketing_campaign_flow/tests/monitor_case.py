"""A campaign that ran for two days, as the tests of the monitor watch it."""

from .common import FlowCase


class MonitorCase(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invited = cls.state("Invited", "start")
        cls.reminded = cls.state("Reminded")
        cls.hot = cls.state("Hot", "goal")
        cls.over = cls.state("Over", "done")
        cls.invitation = cls.email(cls.invited, "Invitation")
        cls.reminder = cls.email(cls.reminded, "Reminder")
        cls.transition(
            None, cls.hot, "event", event_kind="clicked", event_action_id=cls.invitation.id
        )
        cls.transition(cls.invited, cls.reminded, "timeout", delay_value=1)
        cls.transition(cls.reminded, cls.over, "timeout", delay_value=5)
        cls.monitor = cls.env["flow.monitor"].with_user(cls.user)

    def let_it_happen(self):
        """Ann clicks and is at the goal; Bob opens, unsubscribes twice and bounces the reminder;
        Cleo's machine opens."""
        self.launch()
        events = self.env["flow.event"]
        events._record_for_steps("opened", self.steps(self.ann).ids)
        events._record_for_steps("clicked", self.steps(self.ann).ids, url="https://a.example/x")
        events._record_for_steps("clicked", self.steps(self.ann).ids, url="https://a.example/x")
        events._record_for_steps("clicked", self.steps(self.ann).ids, url="https://a.example/y")
        events._record_for_steps("opened", self.steps(self.cleo).ids, is_machine=True)
        self.run_engine()
        self.pass_time(days=1, minutes=2)
        self.trace(self.bob, self.invitation).set_replied()
        events._record_for_steps("opened", self.steps(self.bob)[:1].ids)
        self.unsubscribe(self.bob, self.invitation)
        self.trace(self.bob, self.reminder).set_bounced()
        self.run_engine()
        self.pass_time(days=1)
        self.unsubscribe(self.bob, self.reminder)
        self.run_engine()

    def unsubscribe(self, contact, action):
        # sudo: Odoo's page does it for whoever has the link
        self.env["flow.event"].sudo()._record_unsubscribed(action.mailing_id, contact.id)

    def figures(self, campaigns=None, days=30):
        ids = (self.campaign if campaigns is None else campaigns).ids
        return self.monitor.get_figures(ids, days)

    def tiles(self, campaigns=None):
        return {tile["figure"]: tile["value"] for tile in self.figures(campaigns)["tiles"]}

    def behind(self, figure, about=None, ids=None):
        """Return how many records open behind a figure."""
        action = self.monitor.action_view(figure, ids or self.campaign.ids, about)
        model = self.env[action["res_model"]].with_user(self.user)
        return model.with_context(**action["context"]).search_count(action["domain"])
