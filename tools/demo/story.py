"""What happens in the demo, in the order in which it happens."""

from datetime import datetime, timedelta, timezone

from tools.console import say
from tools.demo import campaign, importer, recipients
from tools.demo.client import Client, wait_until
from tools.demo.contacts import Contacts
from tools.smtp_sink import Accepted, SmtpSink

MARKETING_LOGIN = "marta"
CLOCK_PARAMETER = "marketing_campaign_flow.clock_offset"
ALIAS_DOMAIN = "flow.example"


def set_up_mail(admin: Client, url: str, mail: SmtpSink) -> None:
    """Let Odoo send through the local mail server and put its own address into links."""
    server = {
        "name": "Local mail server of the demo",
        "smtp_host": mail.host,
        "smtp_port": mail.port,
        "smtp_encryption": "none",
        "active": True,
    }
    found = admin.search(
        "ir.mail_server", [("name", "=", server["name"])], context={"active_test": False}
    )
    if found:
        admin.call("ir.mail_server", "write", found, server)
    else:
        admin.create("ir.mail_server", server)
    for name, value in (("web.base.url", url), ("web.base.url.freeze", "True")):
        admin.call("ir.config_parameter", "set_param", name, value)
    if not admin.search("mail.alias.domain", [("name", "=", ALIAS_DOMAIN)]):
        domain = admin.create("mail.alias.domain", {"name": ALIAS_DOMAIN})
        companies = admin.search("res.company", [])
        admin.call("res.company", "write", companies, {"alias_domain_id": domain})


def marketing_user(admin: Client) -> Client:
    """Return Marta, who works in marketing; she is made when there is no such user yet."""
    if not admin.search("res.users", [("login", "=", MARKETING_LOGIN)]):
        groups = (
            "base.group_user", "base.group_partner_manager",
            "marketing_campaign_flow.group_flow_manager",
        )  # fmt: skip
        admin.create(
            "res.users",
            {
                "name": "Marta Marketing",
                "login": MARKETING_LOGIN,
                "password": MARKETING_LOGIN,
                "email": f"{MARKETING_LOGIN}@{ALIAS_DOMAIN}",
                "tz": "Europe/Rome",
                "notification_type": "inbox",
                "group_ids": [(6, 0, [admin.ref(group) for group in groups])],
            },
            no_reset_password=True,
        )
    return Client(admin.url, admin.database, MARKETING_LOGIN, MARKETING_LOGIN)


def tell(admin: Client, marta: Client, mail: SmtpSink, contacts: Contacts) -> campaign.Finished:
    """Run the campaign to its end."""
    importer.import_contacts(marta, contacts)
    campaign.discard_unfinished(marta, contacts)
    ours = campaign.build(marta, contacts)
    stage = _Stage(admin, marta, mail, ours)

    say("Launching: everybody waits for the phase Sending")
    marta.call("flow.campaign", "action_launch", [ours])
    stage.settle("enrolling the audience", expect=len(contacts.people) - _repeated(contacts))
    stage.open_next_phase("Sending")
    invitations = stage.new_messages()
    reactions = recipients.react(invitations, contacts, admin)
    stage.settle("moving those who reacted")

    stage.open_next_phase("Follow-up")
    stage.pass_days(4)
    reminders = stage.new_messages()
    reactions += recipients.react(reminders, contacts, admin, eager=False)
    stage.settle("moving those who reacted")

    stage.open_next_phase("Results Analysis")
    stage.pass_days(8)
    marta.call("flow.campaign", "action_stop", [ours])
    stage.set_clock(0)
    finished = campaign.Finished(ours, reactions)
    campaign.mark_finished(admin, contacts, finished)
    return finished


def _repeated(contacts: Contacts) -> int:
    return sum(times - 1 for times in contacts.addresses().values())


class _Stage:
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
        moment = now.strftime("%Y-%m-%d %H:%M:%S")
        count = self.admin.count
        left = count("flow.participant", [ours, ("next_at", "<=", moment)])
        left += count("flow.event", [ours, ("is_new", "=", True)])
        left += count("flow.step", [ours, ("status", "=", "scheduled"), ("due_at", "<=", moment)])
        left += count("flow.step", [ours, ("status", "=", "sending")])
        if expect is not None:
            left += max(expect - count("flow.participant", [ours]), 0)
        return left
