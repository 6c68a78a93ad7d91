"""A message that a test run would have sent, made fit to be looked at."""

from dataclasses import dataclass, field
from email import message_from_bytes, policy
from urllib.parse import parse_qs, urlsplit

from lxml import html

from ..engine import signature


@dataclass
class TrialLetter:
    """What leaves for a mail server, taken apart.

    :param links: what its reader can click, as ``{"label", "url", "link_id"}``
    """

    step_id: int
    subject: str
    email_from: str
    to: str
    reply_to: str
    body: str
    text: str
    links: list = field(default_factory=list)

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

    def shown(self) -> dict:
        """Return what the browser shows."""
        return {
            "subject": self.subject,
            "email_from": self.email_from,
            "to": self.to,
            "reply_to": self.reply_to,
            "body": self.body,
            "text": self.text,
            "links": [{"label": one["label"], "url": one["url"]} for one in self.links],
        }
