"""Signatures: what comes back from a recipient must have gone out with that very message.

A token names a step and proves that we issued it, so that opens, clicks and replies cannot be
forged by counting ids.
"""

import re

from odoo.tools import consteq, hmac

LENGTH = 24  # hexadecimal digits, 96 bits
VISITOR_TOKEN = re.compile(
    rf"(?P<how>[lu])(?P<id>[1-9a-f][0-9a-f]{{0,7}})-(?P<sign>[0-9a-f]{{{LENGTH}}})"
)
MESSAGE_ID = re.compile(rf"flow-(?P<token>[0-9a-f]+-[0-9a-f]{{{LENGTH}}})@")


def sign(env, scope: str, *values) -> str:
    """Return the signature of `values` for one purpose.

    :param scope: what the signature is good for; the same values have another one elsewhere
    """
    # sudo: only reads the secret of the database, which never leaves this function.
    return hmac(env(su=True), f"marketing_campaign_flow-{scope}", values)[:LENGTH]


def matches(env, signature: str, scope: str, *values) -> bool:
    """Return whether a signature is ours for these values."""
    return consteq(signature, sign(env, scope, *values))


def step_token(env, step_id: int) -> str:
    """Return the token that a message carries for its step."""
    return f"{step_id:x}-{sign(env, 'step', step_id)}"


def step_id(env, token: str) -> int | None:
    """Return the step that a token names; None when we did not issue it."""
    number, _, signature = (token or "").partition("-")
    try:
        step = int(number, 16)
    except ValueError:
        return None
    return step if matches(env, signature, "step", step) else None


def message_id(env, step: int, host: str) -> str:
    """Return the Message-ID of a step's message, the same for each attempt."""
    return f"<flow-{step_token(env, step)}@{host}>"


def step_of_references(env, references: str) -> int | None:
    """Return the step whose message an incoming one refers to, the newest reference first."""
    for match in reversed(list(MESSAGE_ID.finditer(references or ""))):
        if step := step_id(env, match["token"]):
            return step
    return None


def link_token(env, step: int) -> str:
    """Return the token by which a site recognises who followed a link of a step's message.

    It is good for nothing else: it neither opens nor clicks.
    """
    return _visitor_token(env, "l", step)


def user_token(env, partner: int) -> str:
    """Return the token by which a page tells that its reader, a contact, has logged in."""
    return _visitor_token(env, "u", partner)


def visitor(env, token: str) -> tuple[str, int] | None:
    """Return whom a token recognises: ``("link", step id)`` or ``("login", partner id)``; None
    when we did not issue it."""
    found = VISITOR_TOKEN.fullmatch(token or "")
    if not found:
        return None
    number = int(found["id"], 16)
    if not matches(env, found["sign"], f"visitor-{found['how']}", number):
        return None
    return {"l": "link", "u": "login"}[found["how"]], number


def _visitor_token(env, how: str, number: int) -> str:
    return f"{how}{number:x}-{sign(env, f'visitor-{how}', number)}"
