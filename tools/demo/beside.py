"""Other campaigns beside that of the demo, each at another point of its life, so that no board is
empty: two run, one is held, one is being prepared."""

from tools.console import say
from tools.demo import compared, recipients
from tools.demo.client import Client
from tools.demo.contacts import Contacts
from tools.demo.stage import Stage, begin
from tools.smtp_sink import SmtpSink

DAY = 24 * 60 * 60
TEMPLATE = "marketing_campaign_flow.template_{}"


def make(admin: Client, marta: Client, mail: SmtpSink, contacts: Contacts) -> None:
    """Make the campaigns from templates, launch two of them and let people react."""
    [audience] = marta.search("flow.audience", [("name", "=", contacts.tag)], limit=1)

    def use(template, name, **values):
        campaign = begin(marta, admin.ref(TEMPLATE.format(template)))
        marta.call("flow.campaign", "write", [campaign], {"name": name, **values})
        return campaign

    say("Other campaigns: two run, one is held, one is being prepared")
    compared.make(admin, marta, mail, contacts, audience, DAY)
    running = use(
        "welcome",
        "Welcome to the club",
        audience_id=audience,
        budget_line_ids=[(0, 0, {"name": "Emails", "amount": 300})],
        objective_ids=[
            (0, 0, {"metric": "open_rate", "target": 60}),
            (0, 0, {"metric": "conversions", "target": 40}),
        ],
    )
    stage = Stage(admin, marta, mail, running)
    stage.set_clock(-2 * DAY)
    marta.call("flow.campaign", "action_launch", [running])
    stage.settle("welcoming them")
    stage.set_clock(-DAY)  # they are written to in the morning
    stage.settle("welcoming them")
    stage.open_next_phase("Sending")
    recipients.react(stage.new_messages(), contacts, admin)
    stage.set_clock(0)
    stage.settle("moving those who reacted")

    held = use("reengagement", "Sleeping customers", audience_id=audience)
    marta.call("flow.campaign", "action_launch", [held])
    marta.call("flow.campaign", "action_pause", [held])

    use(
        "phases",
        "Autumn fair",
        budget_line_ids=[
            (0, 0, {"name": "Stand", "amount": 4000}),
            (0, 0, {"name": "Invitations", "amount": 350}),
        ],
        objective_ids=[(0, 0, {"metric": "participants", "target": 500})],
    )
