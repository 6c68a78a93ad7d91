"""Samples: the letter that one contact would get, written to look at or to send to oneself.

It is rendered as a real one. But nothing is stored for it, no trace, no short link, and what its
reader does counts nowhere: its links lead straight to where they lead, and the link to unsubscribe
to a page that takes nobody off.
"""

from contextlib import closing, contextmanager
from dataclasses import dataclass

import psycopg2.errors
from lxml import html
from markupsafe import Markup
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

# Where Odoo puts the preview text: before everything else, where nobody sees it.
PREVIEW = "//div[starts-with(@style, 'display:none;font-size:1px;height:0')]"
# Undone with the savepoint it stands in.
READ_ONLY = "SET LOCAL transaction_read_only = on"


@dataclass(frozen=True)
class Sample:
    """A letter to look at.

    :param problem: why the contact would not get it, or an empty string
    :param alias_domain_id: the sender's domain
    """

    subject: str
    preview: str
    body: Markup
    text: str
    email_from: str
    reply_to: str
    problem: str
    alias_domain_id: int | None


def write(mailing, contact, email_to: str = "") -> Sample:
    """Return what a contact would get, with the rights of `mailing`'s environment.

    :param mailing: a `mailing.mailing`
    :param contact: one record of the model that the email is written for
    :param email_to: another address that it goes to
    :raises UserError: when the email cannot be rendered, or would change something
    :raises AccessError: when it has what the user may not read
    """
    env = mailing.env
    with _nothing_written(env):
        ours = mailing.with_context(flow_sample=True)
        values = ours._flow_mail_values([contact.id])[contact.id]
        values.pop("mailing_trace_ids", None)
        problem = _problem(env, values)
        to = email_to or contact.email_normalized or env.user.email_normalized or ""
        # sudo: mail.mail is a technical model that only the system reads; this one is never stored
        message = env["mail.mail"].sudo().with_context(mailing_test_mail=True)
        message = message.new(
            {**values, "mailing_id": mailing.id, "email_to": to, "recipient_ids": False}
            | {"attachment_ids": False}
        )
        [listed] = message._prepare_outgoing_list()[:1]
        reply_to = listed["reply_to"] or values["email_from"]
    return Sample(
        subject=listed["subject"] or "",
        preview=_preview(listed["body"]),
        body=Markup(listed["body"] or ""),  # noqa: S704 (as rendered and as it is sent)
        text=listed["body_alternative"] or html2plaintext(listed["body"] or ""),
        email_from=values["email_from"] or "",
        reply_to=reply_to or "",
        problem=problem,
        alias_domain_id=values.get("record_alias_domain_id") or None,
    )


def _problem(env, values) -> str:
    if values.pop("state", None) not in ("cancel", "exception"):
        return ""
    reasons = dict(env["mailing.trace"]._fields["failure_type"]._description_selection(env))
    return reasons.get(values.get("failure_type")) or env._("Not sent")


def _preview(body) -> str:
    """Return the text that mail programs show behind the subject, where the email has one."""
    hidden = html.fromstring(f"<div>{body or ''}</div>").xpath(PREVIEW)
    return " ".join(hidden[0].text_content().split()) if hidden else ""


@contextmanager
def _nothing_written(env):
    """Let nothing be written, by a template neither, and lose nothing that waits in memory."""
    env.flush_all()
    try:
        with closing(env.cr.savepoint(flush=False)):
            env.cr.execute(READ_ONLY)
            yield
            env.flush_all()  # a change that a template made, if there is one
    except psycopg2.errors.ReadOnlySqlTransaction as error:
        env.invalidate_all(flush=False)
        raise UserError(
            env._("The text of the email would change data while it is written.")
        ) from error
