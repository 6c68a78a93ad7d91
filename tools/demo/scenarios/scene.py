"""A scene: people, a campaign made from a template, and what they do with it."""

import uuid
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from tools.console import SetupError, say
from tools.demo import recipients
from tools.demo.client import Client
from tools.demo.stage import Stage, begin
from tools.smtp_sink import SmtpSink

ZONE = "Europe/Rome"


class Scene:
    """The people of one playing, their campaign, and the clock."""

    def __init__(self, admin: Client, marta: Client, mail: SmtpSink):
        self.admin, self.marta, self.mail = admin, marta, mail
        self.run = uuid.uuid4().hex[:6]  # several playings share a database
        self.people: dict[str, int] = {}
        self.campaign_id = 0
        self._stage: Stage | None = None

    # -- before the launch ---------------------------------------------------------------------

    def add_people(self, *names: str, **values) -> None:
        """Make contacts with these names and an address each."""
        for name in names:
            self.people[name] = self.marta.create(
                "res.partner",
                {"name": name, "email": self.address(name), "tz": ZONE, **values},
            )

    def address(self, name: str) -> str:
        """Return the address of a person."""
        return f"{name.lower()}.{self.run}@example.com"

    def use(self, template: str, audience: bool = True) -> None:
        """Make a campaign from a template; its audience is everybody there is so far."""
        self.campaign_id = begin(self.marta, self.admin.ref(template))
        if audience:
            people = {"name": f"Scene {self.run}", "partner_ids": [(6, 0, [*self.people.values()])]}
            self.write({"audience_id": self.marta.create("flow.audience", people)})

    def write(self, values: dict) -> None:
        """Change the campaign."""
        self.marta.call("flow.campaign", "write", [self.campaign_id], values)

    def launch(self, expect: int | None = None) -> None:
        """Launch the campaign and let it do what is due.

        :param expect: how many come in
        """
        self._stage = Stage(self.admin, self.marta, self.mail, self.campaign_id)
        self.marta.call("flow.campaign", "action_launch", [self.campaign_id])
        self.settle(expect)

    # -- time -----------------------------------------------------------------------------------

    def settle(self, expect: int | None = None) -> None:
        """Wait until nothing is left to do at this moment."""
        self.marta.call("flow.campaign", "action_run_now", [self.campaign_id])
        self._stage.settle("the campaign works", expect=expect)

    def pass_time(self, **delta) -> None:
        """Let time pass at once."""
        say(f"  {timedelta(**delta)} later")
        self._stage.set_clock((self._stage.offset + timedelta(**delta)).total_seconds())
        self.settle()

    def pass_until(self, moment: datetime) -> None:
        """Let time pass until a moment (UTC)."""
        now = datetime.now(timezone.utc).replace(tzinfo=None) + self._stage.offset
        self.pass_time(seconds=max(0, int((moment - now).total_seconds())))

    def pass_to_next_step(self, name: str) -> None:
        """Let time pass until what is planned next for a person, and a minute more; where it was
        due at once, it has happened."""
        planned = [step for step in self.steps(name) if step["status"] == "scheduled"]
        if not planned:
            return
        due = min(step["due"] for step in planned)
        self.pass_until(due.astimezone(timezone.utc).replace(tzinfo=None) + timedelta(minutes=1))

    # -- what people do ----------------------------------------------------------------------

    def letter(self, name: str, subject: str = "") -> EmailMessage:
        """Return the last message that a person got, of those whose subject has these words."""
        found = [
            accepted.message
            for accepted in self.mail.messages()
            if accepted.recipients == (self.address(name),)
            and subject in accepted.message["Subject"]
        ]
        if not found:
            raise SetupError(
                f"{name} has got no message “{subject}”, but {self.letters(name)};"
                f" steps: {self.steps(name)}"
            )
        return found[-1]

    def letters(self, name: str) -> list[str]:
        """Return the subjects of all messages that a person got."""
        return [
            accepted.message["Subject"]
            for accepted in self.mail.messages()
            if accepted.recipients == (self.address(name),)
        ]

    def open_letter(self, name: str, subject: str = "") -> None:
        say(f"  {name} opens “{subject}”")
        recipients.open_letter(self.letter(name, subject))
        self.settle()

    def click(self, name: str, subject: str = "") -> None:
        say(f"  {name} follows the link in “{subject}”")
        recipients.click(self.letter(name, subject))
        self.settle()

    def reply(self, name: str, subject: str = "") -> None:
        say(f"  {name} answers “{subject}”")
        recipients.reply(self.letter(name, subject), self.admin)
        self.settle()

    def unsubscribe(self, name: str, subject: str = "") -> None:
        say(f"  {name} unsubscribes")
        recipients.unsubscribe(self.letter(name, subject))
        self.settle()

    # -- what there is at the end ------------------------------------------------------------

    def states(self) -> dict[str, str]:
        """Return the state of each person who came in, by name."""
        rows = self.admin.read(
            "flow.participant",
            [("campaign_id", "=", self.campaign_id)],
            ["name", "state_id"],
            order="id",
        )
        return {row["name"]: row["state_id"][1] for row in rows}

    def steps(self, name: str) -> list[dict]:
        """Return the steps of a person, oldest first, with local times."""
        rows = self.admin.read(
            "flow.step",
            [("campaign_id", "=", self.campaign_id), ("participant_id.name", "=", name)],
            ["action_id", "status", "due_at", "reason"],
            order="id",
        )
        for row in rows:
            due = datetime.fromisoformat(row["due_at"]) if row["due_at"] else None
            row["due"] = due and due.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(ZONE))
        return rows

    def contact(self, name: str, *fields: str) -> dict:
        """Return values of a person's contact."""
        [row] = self.admin.read("res.partner", [("id", "=", self.people[name])], list(fields))
        return row

    def end(self) -> None:
        """Stop the campaign and set the clock right."""
        if self._stage is None:
            return
        [row] = self.admin.read("flow.campaign", [("id", "=", self.campaign_id)], ["status"])
        if row["status"] in ("running", "paused"):
            self.marta.call("flow.campaign", "action_stop", [self.campaign_id])
        self._stage.set_clock(0)
