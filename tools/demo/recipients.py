"""The recipients: they read what arrived, load its picture, follow its links, answer, leave."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage

import lxml.html
import requests

from tools.console import Progress, SetupError
from tools.demo.client import Client
from tools.demo.contacts import Contacts
from tools.smtp_sink import Accepted

TIMEOUT = 60
READERS = 4
# Hours after which so many more of them have read: most soon, some in the evening or the next day.
SITTINGS = ((0, 0.3), (2, 0.5), (3, 0.65), (5, 0.8), (12, 0.9), (4, 1.0))
PATIENCE = timedelta(hours=sum(hours for hours, _share in SITTINGS))
# People read with a mail program; what calls itself a script counts as a machine.
READER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0"
}


@dataclass
class Reactions:
    """How many messages were reacted to, and how."""

    opened: int = 0
    clicked: int = 0
    replied: int = 0
    unsubscribed: int = 0

    def __add__(self, other: "Reactions") -> "Reactions":
        return Reactions(
            self.opened + other.opened,
            self.clicked + other.clicked,
            self.replied + other.replied,
            self.unsubscribed + other.unsubscribed,
        )


def react(
    messages: list[Accepted],
    contacts: Contacts,
    gateway: Client,
    *,
    eager: bool = True,
    wait: Callable[[float], None] | None = None,
) -> Reactions:
    """Let the people react to the messages they received.

    Those of whom the source says that they visited load the picture; of these three in four
    follow the link, half of the others answer. One in thirty of the others unsubscribes.

    :param gateway: hands answers to Odoo's mail gateway, as the mail server's script does
    :param eager: False for a reminder: only every fourth of those who never react does now
    :param wait: lets so many hours pass between those who read soon and those who read later,
        `PATIENCE` in all; without it everybody reads at once
    """
    people = contacts.by_address()
    reactions = Reactions()
    plans, keen = [], 0
    for position, accepted in enumerate(messages):
        message = accepted.message
        person = people[accepted.recipients[0].lower()]
        interested = person.visits if eager else position % 4 == 0
        if not interested:
            if position % 30 == 11:
                plans.append((unsubscribe, message))
                reactions.unsubscribed += 1
            continue
        plans.append((open_letter, message))
        reactions.opened += 1
        keen += 1
        if keen % 4:
            plans.append((click, message))
            reactions.clicked += 1
        elif keen % 8 == 0:
            plans.append((lambda letter: reply(letter, gateway), message))
            reactions.replied += 1
    with (
        Progress("recipients read and react", len(plans)) as progress,
        ThreadPoolExecutor(READERS) as readers,
    ):
        done = 0
        for hours, share in SITTINGS if wait else ((0, 1.0),):
            if hours:
                wait(hours)
            sitting = plans[done : round(share * len(plans))]
            for _ in readers.map(lambda plan: plan[0](plan[1]), sitting):
                done += 1
                progress.update(done)
    return reactions


def open_letter(message: EmailMessage) -> None:
    """Load the picture of a message."""
    [source] = _html(message).xpath("//img[contains(@src, '/flow/open/')]/@src")
    _get(source)


def click(message: EmailMessage) -> None:
    """Follow the first link of a message, as far as Odoo leads."""
    [link, *_] = _html(message).xpath("//a[contains(@href, '/flow/click/')]/@href")
    _get(link, allow_redirects=False)


def unsubscribe(message: EmailMessage) -> None:
    """Follow the link of the footer and press the button of the page behind it."""
    [link] = _html(message).xpath("//a[contains(@href, '/confirm_unsubscribe')]/@href")
    with requests.Session() as browser:
        page = browser.get(link, timeout=TIMEOUT)
        page.raise_for_status()
        document = lxml.html.fromstring(page.text, base_url=page.url)
        document.make_links_absolute()
        [form] = [form for form in document.forms if "confirm_unsubscribe" in form.action]
        browser.post(form.action, data=dict(form.form_values()), timeout=TIMEOUT).raise_for_status()


def reply(message: EmailMessage, gateway: Client) -> None:
    """Answer a message; the answer comes in through Odoo's mail gateway."""
    answer = EmailMessage()
    answer["From"] = message["To"]
    answer["To"] = message["Reply-To"] or message["From"]
    answer["Subject"] = f"Re: {message['Subject']}"
    answer["Message-ID"] = message["Message-ID"].replace("<", "<re-", 1)
    answer["In-Reply-To"] = answer["References"] = message["Message-ID"]
    answer.set_content("Thank you, please tell me more about the coats.")
    gateway.call("mail.thread", "message_process", False, answer.as_string())


def _html(message: EmailMessage):
    body = message.get_body(("html",))
    if body is None:
        raise SetupError("A message without an HTML part was received.")
    return lxml.html.fromstring(body.get_content())


def _get(url: str, **options) -> None:
    requests.get(url, timeout=TIMEOUT, headers=READER, **options).raise_for_status()
