"""A running campaign, its clock and its mail, as the demos and their tests handle it."""

from datetime import datetime, timedelta, timezone

from tools.console import say
from tools.demo.client import Client, wait_until
from tools.smtp_sink import Accepted, SmtpSink

CLOCK_PARAMETER = "marketing_campaign_flow.clock_offset"


def begin(marta: Client, template: int) -> int:
    """Make a campaign of a template, as its dialog does, without an audience; return its id."""
    dialog = marta.create("flow.template.use", {"template_id": template, "audience_id": False})
    return marta.call("flow.template.use", "action_create", [dialog])["res_id"]


class Stage:
    """One running campaign, its clock and its mail."""

    def __init__(self, admin: Client, marta: Client, mail: SmtpSink, campaign_id: int):
        self.admin, self.marta, self.mail = admin, marta, mail
        self.campaign_id = campaign_id
        self.offset = timedelta(
            seconds=float(admin.call("ir.config_parameter", "get_param", CLOCK_PARAMETER) or 0)
        )
        self._seen = max((message.number for message in mail.messages()), default=0)

    def open_next_phase(self, name: str) -> None:
        """Open the next phase, as its button does, and let the engine work."""
        say(f"Opening the phase {name}")
        self.marta.call("flow.campaign", "action_next_phase", [self.campaign_id])
        self.settle("running what is due")

    def pass_days(self, days: int) -> None:
        """Let days pass at once and let the engine work."""
        say(f"{days} days pass")
        self.set_clock((self.offset + timedelta(days=days)).total_seconds())
        self.settle("running what is due")

    def pass_hours(self, hours: float) -> None:
        """Let hours pass at once; what is due meanwhile the engine does beside."""
        self.set_clock((self.offset + timedelta(hours=hours)).total_seconds())

    def set_clock(self, seconds: float) -> None:
        """Set how far the engine's clock runs ahead."""
        self.offset = timedelta(seconds=seconds)
        self.admin.call("ir.config_parameter", "set_param", CLOCK_PARAMETER, str(seconds))
        self.marta.call("flow.campaign", "action_run_now", [self.campaign_id])

    def settle(self, title: str, expect: int | None = None) -> None:
        """Wait until the engine has nothing to do and no message waits to be sent.

        :param expect: how many participants there must be
        """
        total = self._open_work(expect)
        wait_until(lambda: self._open_work(expect), title, total=total)

    def new_messages(self) -> list[Accepted]:
        """Return the messages of this campaign that the mail server accepted since last asked."""
        sent = {
            trace["message_id"]
            for trace in self.admin.read(
                "mailing.trace",
                [("flow_step_id.campaign_id", "=", self.campaign_id)],
                ["message_id"],
            )
        }
        messages = self.mail.messages(after=self._seen)
        self._seen = max((message.number for message in messages), default=self._seen)
        return [message for message in messages if message.message["Message-ID"] in sent]

    def _open_work(self, expect) -> int:
        now = datetime.now(timezone.utc) + self.offset
        ours = ("campaign_id", "=", self.campaign_id)
        # rounded up: what is due at once is due at a fraction of this second
        moment = (now + timedelta(seconds=1)).strftime("%Y-%m-%d %H:%M:%S")
        count = self.admin.count
        left = count("flow.participant", [ours, ("next_at", "<=", moment)])
        left += count("flow.event", [ours, ("is_new", "=", True)])
        left += count("flow.step", [ours, ("status", "=", "scheduled"), ("due_at", "<=", moment)])
        left += count("flow.step", [ours, ("status", "=", "sending")])
        of_us = ("id", "=", self.campaign_id)
        left += count("flow.campaign", [of_us, ("enrol_at", "<=", moment)])
        left += self._closed_doors(moment)
        if expect is not None:
            left += max(expect - count("flow.participant", [ours]), 0)
        return left

    def _closed_doors(self, moment) -> int:
        """Return how many phases should have opened by their date."""
        ours = [("campaign_id", "=", self.campaign_id)]
        rows = self.admin.read("flow.campaign.phase", ours, ["sequence", "is_current"])
        current = max((row["sequence"] for row in rows if row["is_current"]), default=0)
        late = [*ours, ("opening", "=", "date"), ("date_planned", "<=", moment)]
        return self.admin.count("flow.campaign.phase", [*late, ("sequence", ">", current)])
