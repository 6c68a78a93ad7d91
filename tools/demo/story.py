"""What happens in the demo, in the order in which it happens."""

from datetime import timedelta

from tools.console import say
from tools.demo import beside, campaign, importer, recipients
from tools.demo.client import Client
from tools.demo.contacts import Contacts
from tools.demo.stage import Stage
from tools.smtp_sink import SmtpSink

MARKETING_LOGIN = "marta"
ALIAS_DOMAIN = "flow.example"
REMIND_AFTER, END_AFTER = timedelta(days=4), timedelta(days=8)
DURATION = REMIND_AFTER + END_AFTER + 2 * recipients.PATIENCE


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
    stage = Stage(admin, marta, mail, ours)
    stage.set_clock(-DURATION.total_seconds())  # it ends now

    say("Launching: everybody waits for the phase Sending")
    marta.call("flow.campaign", "action_launch", [ours])
    stage.settle("enrolling the audience", expect=len(contacts.people) - _repeated(contacts))
    stage.open_next_phase("Sending")
    invitations = stage.new_messages()
    reactions = recipients.react(invitations, contacts, admin, wait=stage.pass_hours)
    stage.settle("moving those who reacted")

    stage.open_next_phase("Follow-up")
    stage.pass_days(REMIND_AFTER.days)
    reminders = stage.new_messages()
    reactions += recipients.react(reminders, contacts, admin, eager=False, wait=stage.pass_hours)
    stage.settle("moving those who reacted")

    stage.open_next_phase("Results Analysis")
    stage.pass_days(END_AFTER.days)
    marta.call("flow.campaign", "action_stop", [ours])
    stage.set_clock(0)
    beside.make(admin, marta, mail, contacts)
    finished = campaign.Finished(ours, reactions)
    campaign.mark_finished(admin, contacts, finished)
    return finished


def _repeated(contacts: Contacts) -> int:
    return sum(times - 1 for times in contacts.addresses().values())
