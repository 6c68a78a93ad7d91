"""Letters: what the recipients of one email get, prepared a batch at a time.

The composer of Odoo works out the values and an in-memory `mail.mail` the message, so that what
other addons hook into these applies. Nothing is written but the traces.
"""

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import quote_plus

from markupsafe import Markup, escape
from odoo.fields import Command
from odoo.tools import mail, urls

from . import signature, variants
from .execute import Outcome

LINK = re.compile(r"""(<a\b[^>]*?\shref=)(["'])(.*?)\2""", re.IGNORECASE | re.DOTALL)
NOT_TRACKED = re.compile(r"^(?:mailto|tel|sms|javascript|cid|data):|^#|^$", re.IGNORECASE)
# The pages of Odoo's own that are about the recipient, not about what the email offers.
OWN_PAGES = re.compile(r"/(?:unsubscribe_from_list|view|cards|mail/unfollow)(?:[#?/]|$)")


@dataclass(frozen=True)
class Route:
    """How Odoo would send a message: the server, the sender's domain and the address it needs."""

    mail_server_id: int | None
    alias_domain_id: int | None
    smtp_from: str
    email_from: str


@dataclass(frozen=True)
class Letter:
    """One message, ready but for what the connection adds.

    :param values: as Odoo's `_prepare_outgoing_list` provides them
    :param domains: the addresses of the sender's domain, as Odoo's mail servers find them in the
        context
    """

    step_id: int
    email: str
    route: Route
    values: dict
    domains: dict


def prepare(action, steps) -> tuple[list[Letter], dict[int, Outcome]]:
    """Return the letters for a batch of steps, and the outcomes of those that get none.

    Consent is looked at for the whole batch. Each letter's trace is written, waiting to be sent;
    a step that was prepared before keeps its trace.

    :param action: an email `flow.action`, with the rights of the campaign's responsible
    :param steps: `flow.step` records of it
    """
    letters, outcomes = [], {}
    for mailing, some in variants.by_email(action, steps):
        written, others = _prepare(action, mailing, some)
        letters += written
        outcomes |= others
    return letters, outcomes


def _prepare(action, mailing, steps) -> tuple[list[Letter], dict[int, Outcome]]:
    env = action.env
    contacts = env[action.campaign_id.target_model].browse(steps.participant_id.mapped("res_id"))
    present = set(contacts.exists().ids)
    outcomes, step_of = {}, {}
    for step in steps:
        if step.participant_id.res_id in present:
            step_of[step.participant_id.res_id] = step.id
        else:
            outcomes[step.id] = Outcome("skipped", env._("The contact was deleted"))
    if not step_of:
        return [], outcomes
    values_of = mailing._flow_mail_values(list(step_of))
    reasons = dict(env["mailing.trace"]._fields["failure_type"]._description_selection(env))
    traces, letters, routes = [], [], {}
    for contact_id, values in values_of.items():
        step_id = step_of[contact_id]
        [(_create, _id, trace)] = values.pop("mailing_trace_ids")
        values["message_id"] = values["references"] = trace["message_id"] = signature.message_id(
            env, step_id, mailing._flow_host()
        )
        traces.append({**trace, "flow_step_id": step_id})
        if values.pop("state", None) in ("cancel", "exception"):
            reason = reasons.get(values.get("failure_type")) or env._("Not sent")
            outcomes[step_id] = Outcome("skipped", reason)
            continue
        letters.append(_write(env, mailing, step_id, values, routes))
    _keep_traces(env, traces)
    return letters, outcomes


def _write(env, mailing, step_id, values, routes) -> Letter:
    token = signature.step_token(env, step_id)
    base_url = mailing.get_base_url()
    body = _with_tracked_links(env, values.get("body_html") or "", base_url, token)
    if body:
        pixel = urls.urljoin(base_url, f"flow/open/{token}/blank.gif")
        body = mail.append_content_to_html(body, f'<img src="{pixel}"/>', plaintext=False)
    values = {**values, "body_html": body, "mailing_id": mailing.id}
    values["attachment_ids"] = [Command.set(mailing.attachment_ids.ids)]
    # sudo: mail.mail is a technical model that only the system reads; this one is never stored
    message = env["mail.mail"].sudo().new(values)
    [listed] = message._prepare_outgoing_list(mail_server=mailing.mail_server_id)[:1]
    alias_domain = env["mail.alias.domain"].sudo().browse(values.get("record_alias_domain_id"))
    domains = addresses_of(alias_domain, listed["headers"].get("Return-Path"))
    key = (alias_domain.id, message.email_from)
    if key not in routes:
        routes[key] = _route(env, mailing, alias_domain, message.email_from)
    normalised = (listed["email_to_normalized"] or [""])[0]
    return Letter(step_id, normalised, routes[key], listed, domains)


def addresses_of(alias_domain, return_path=None) -> dict[str, str]:
    """Return the addresses of a sender's domain, as Odoo's mail servers find them in the context.

    :param alias_domain: a `mail.alias.domain`, or none
    :param return_path: where bounces of one message go, instead of where the domain has them
    """
    if not alias_domain:
        return {}
    return {
        "domain_notifications_email": alias_domain.default_from_email,
        "domain_bounce_address": return_path or alias_domain.bounce_email,
    }


def _route(env, mailing, alias_domain, email_from) -> Route:
    """Return by which server a message goes, as Odoo chooses it."""
    senders = mail.email_split_and_format_normalize(email_from)
    email_from = senders[0] if senders else email_from
    if mailing.mail_server_id:
        return Route(mailing.mail_server_id.id, alias_domain.id or None, email_from, email_from)
    # sudo: mail servers are the administrators'; which one sends is the system's choice
    servers = env["ir.mail_server"].sudo()
    allowed = servers.search([], order="sequence, id").filtered(
        lambda server: not server.owner_user_id
    )
    servers = servers.with_context(**addresses_of(alias_domain))
    server, smtp_from = servers._find_mail_server(email_from, allowed)
    return Route(server.id if server else None, alias_domain.id or None, smtp_from, email_from)


def _with_tracked_links(env, html, base_url, token) -> Markup:
    """Point the links of a rendered body to our own pages.

    Short links of the email get the recipient's token; other addresses, which came from the
    recipient's own data, are signed, so that nobody can make us redirect anywhere else.
    """
    short = f"{base_url}/r/"

    def tracked(found):
        before, quote, href = found.groups()
        address = unescape(href)
        if address.startswith(short):
            code = address.removeprefix(short)
            address = f"{base_url}/flow/click/{code}/{token}"
        elif NOT_TRACKED.match(address) or OWN_PAGES.search(address):
            return found[0]
        elif address.startswith(("http://", "https://")):
            sign = signature.sign(env, "link", token, address)
            address = f"{base_url}/flow/link/{token}/{sign}?url={quote_plus(address)}"
        else:
            return found[0]
        return f"{before}{quote}{escape(address)}{quote}"

    return Markup(LINK.sub(tracked, html))  # noqa: S704 (was markup; addresses are escaped)


def _keep_traces(env, traces) -> None:
    """Write the traces of steps that have none yet; a cancelled one may have been outgoing."""
    # sudo: traces are the system's; people see them through Odoo's reports
    model = env["mailing.trace"].sudo()
    steps = [trace["flow_step_id"] for trace in traces]
    known = {
        trace.flow_step_id.id: trace for trace in model.search([("flow_step_id", "in", steps)])
    }
    model.create([trace for trace in traces if trace["flow_step_id"] not in known])
    for trace in traces:
        if (old := known.get(trace["flow_step_id"])) and trace.get("trace_status") == "cancel":
            old.write({"trace_status": "cancel", "failure_type": trace["failure_type"]})
