"""A message that a test run would have sent, made fit to be looked at and answered."""

from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from lxml import html
from odoo import models
from odoo.exceptions import UserError

from ..engine import ingest, signature


@dataclass
class TrialMessage:
    """A message of any kind; what an addon sends by other means is a class of its own.

    :param links: what its reader can click, as ``{"label", "url", "link_id"}``
    """

    channel: ClassVar[str]
    icon: ClassVar[str]
    clicked: ClassVar[str]  # the kind of event

    step_id: int
    subject: str
    to: str
    text: str
    links: list = field(default_factory=list)

    def reactions(self, env) -> dict[str, tuple[str, str]]:
        """Return what else the contact may do with it: by kind an icon and what it is called."""
        return {}

    def answer(self, walk, kind: str) -> None:
        """Let the contact do something with it, one of `reactions`.

        :param walk: the `flow_trial_walk.Walk`
        """

    def click(self, env, url) -> None:
        """Let the contact follow a link.

        :raises UserError: when there is no such link
        """
        link = next((one for one in self.links if one["url"] == url), None)
        if link is None:
            raise UserError(env._("The message has no such link."))
        link_id = link["link_id"] or None
        ingest.record(env, self.clicked, [self.step_id], url=link["url"], link_id=link_id)

    def shown(self, env) -> dict:
        """Return what the browser shows.

        :param env: that of the user
        """
        return {
            "channel": self.channel,
            "icon": self.icon,
            "subject": self.subject,
            "to": self.to,
            "text": self.text,
            "links": [{"label": one["label"], "url": one["url"]} for one in self.links],
            "reactions": [
                {"kind": kind, "icon": icon, "label": label}
                for kind, (icon, label) in self.reactions(env).items()
            ],
        }


@dataclass
class TrialLetter(TrialMessage):
    """What leaves for a mail server, taken apart."""

    channel = "email"
    icon = "fa-envelope-o"
    clicked = "clicked"

    email_from: str = ""
    reply_to: str = ""
    body: str = ""

    @classmethod
    def open(cls, env, envelope) -> "TrialLetter":
        """Take a message apart.

        :param envelope: an `engine.handover.Envelope`
        """
        message = message_from_bytes(envelope.content, policy=policy.default)
        parts = {kind: message.get_body((kind,)) for kind in ("html", "plain")}
        letter = cls(
            step_id=signature.step_of_references(env, message["Message-Id"]),
            subject=message["Subject"] or "",
            email_from=message["From"] or "",
            to=message["To"] or "",
            reply_to=message["Reply-To"] or "",
            body=parts["html"].get_content() if parts["html"] else "",
            text=parts["plain"].get_content() if parts["plain"] else "",
        )
        letter._lead_nowhere(env)
        return letter

    def _lead_nowhere(self, env) -> None:
        """Let links say where they lead, without the token by which a click would be counted, and
        leave out the picture by which an opening is."""
        if not self.body:
            return
        page = html.fromstring(self.body)
        for picture in page.xpath("//img[contains(@src, '/flow/open/')]"):
            picture.drop_tree()
        for link in page.xpath("//a[@href]"):
            url, link_id = self._where(env, link.get("href"))
            if url is None:
                continue
            link.set("href", url)
            label = " ".join(link.text_content().split()) or url
            if not any(known["url"] == url for known in self.links):
                self.links.append({"label": label[:80], "url": url, "link_id": link_id})
        self.body = html.tostring(page, encoding="unicode")

    @staticmethod
    def _where(env, href):
        """Return where a link that is counted leads, and its id; None for any other link."""
        parts = urlsplit(href)
        steps = parts.path.strip("/").split("/")
        if steps[:2] == ["flow", "click"] and len(steps) == 4:
            # sudo: where a link of the email leads
            codes = env["link.tracker.code"].sudo()
            link = codes.search([("code", "=", steps[2])], limit=1).link_id
            return link.url or None, link.id
        if steps[:2] == ["flow", "link"]:
            return (parse_qs(parts.query).get("url") or [None])[0], False
        return None, False

    def reactions(self, env):
        return {
            "opened": ("fa-envelope-open-o", env._("Opens")),
            "replied": ("fa-reply", env._("Replies")),
            "unsubscribed": ("fa-sign-out", env._("Unsubscribes")),
            "bounced": ("fa-exclamation-circle", env._("Bounces")),
        }

    def answer(self, walk, kind):
        if kind == "unsubscribed":
            walk.unsubscribe()
            ingest.record(walk.env, kind, [self.step_id])
            return
        traces = walk.env["mailing.trace"].search([("flow_step_id", "=", self.step_id)])
        {
            "opened": traces.set_opened,
            "replied": traces.set_replied,
            "bounced": traces.set_bounced,
        }[kind]()

    def shown(self, env):
        email = {"email_from": self.email_from, "reply_to": self.reply_to, "body": self.body}
        return {**super().shown(env), **email}


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def _trial_messages(self, courier):
        """Return the messages that a trial has sent so far, each a `TrialMessage`.

        Addons add what is not sent by email.

        :param courier: the `engine.trial.TrialCourier`
        """
        return [TrialLetter.open(self.env, envelope) for envelope in courier.envelopes]
