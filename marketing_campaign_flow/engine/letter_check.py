"""What is probably wrong with an email, as far as its text tells. No database here."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import html
from odoo.tools.rendering_tools import parse_inline_template

LONGEST_SUBJECT = 70  # characters; phones show fewer, hardly a program shows more
PATH = re.compile(r"\s*object((?:\.[A-Za-z_]\w*)+)\s*")
ATTACHMENT = re.compile(r"/web/(?:image|content)/(\d+)")
# Addresses that only the computer of whoever wrote them can reach.
LOCAL = re.compile(
    r"localhost|.*\.(?:local|localhost|internal)|127\..*|10\..*|192\.168\..*"
    r"|172\.(?:1[6-9]|2\d|3[01])\..*|::1|0\.0\.0\.0",
    re.IGNORECASE,
)
NO_PAGE = ("mailto:", "tel:", "sms:", "cid:", "data:")
UNFINISHED = re.compile(r"\{\{|\}\}|%7B%7B|\$\{|\[[A-Z _]+\]|^https?:/{0,2}$|^#?$", re.IGNORECASE)
# Odoo's own pages, which it addresses to the recipient.
UNSUBSCRIBE = "/unsubscribe_from_list"


@dataclass(frozen=True)
class Finding:
    """Something that is probably wrong.

    :param code: which sentence says so
    :param about: a link, a picture, a placeholder …
    """

    code: str
    about: str = ""


@dataclass(frozen=True)
class Placeholder:
    """A value of the contact in the text.

    :param path: the fields that lead to it, or none where it is more than a field
    :param source: as it was written
    """

    path: tuple[str, ...]
    source: str
    has_default: bool


def placeholders(lines, body) -> list[Placeholder]:
    """Return the placeholders of an email, each once.

    :param lines: subject, preview text and other texts with ``{{ object.name ||| default }}``
    :param body: HTML with ``<t t-out="object.name">default</t>``
    """
    found = [
        _placeholder(expression, bool(default))
        for line in lines
        for _text, expression, default in parse_inline_template(str(line or ""))
        if expression
    ]
    for node in _tree(body).xpath("//*[@t-out or @t-esc or @t-field]"):
        expression = node.get("t-out") or node.get("t-esc") or node.get("t-field")
        found.append(_placeholder(expression, bool(node.text_content().strip() or len(node))))
    return list(dict.fromkeys(found))


def _placeholder(expression, has_default) -> Placeholder:
    simple = PATH.fullmatch(expression)
    path = tuple(simple[1][1:].split(".")) if simple else ()
    return Placeholder(path, expression.strip(), has_default)


def findings(subject, body) -> list[Finding]:
    """Return what is probably wrong with the texts of an email."""
    tree = _tree(body)
    return list(
        dict.fromkeys(
            [*_of_subject(str(subject or "")), *_of_text(tree), *_of_links(tree), *_of_images(tree)]
        )
    )


def _of_subject(subject):
    shown = "".join(text + default for text, _code, default in parse_inline_template(subject))
    if not subject.strip():
        yield Finding("subject_empty")
    elif len(shown) > LONGEST_SUBJECT:
        yield Finding("subject_long", str(len(shown)))
    if "t-out" in subject:
        yield Finding("placeholder_text", subject)


def _of_text(tree):
    text = tree.text_content()
    if not text.strip() and not tree.xpath("//*[@t-out]"):
        yield Finding("only_images" if tree.xpath("//img") else "body_empty")
    if left := re.search(r"\{\{.*?\}\}", text):
        yield Finding("placeholder_text", left[0])


def _of_links(tree):
    links = [link.get("href", "").strip() for link in tree.xpath("//a[not(@t-att-href)]")]
    if not any(UNSUBSCRIBE in link for link in links):
        yield Finding("no_unsubscribe")
    for link in links:
        if code := _wrong_with(link, "link"):
            yield Finding(code, link)


def _of_images(tree):
    for image in tree.xpath("//img"):
        source = image.get("src", "").strip()
        if image.get("t-att-src") or image.get("t-attf-src"):
            continue
        if code := _wrong_with(source, "image"):
            yield Finding(code, source)
        elif image.get("alt") is None:
            yield Finding("image_without_words", source)


def _wrong_with(address, kind) -> str | None:
    """Return what is wrong with the address of a link or a picture, if anything is."""
    if UNFINISHED.search(address):
        return f"{kind}_unfinished"
    if address.startswith(NO_PAGE) or (address.startswith("/") and not address.startswith("//")):
        return None  # Odoo makes whole addresses of its own pages
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return f"{kind}_broken"
    if parts.scheme not in ("http", "https") or not host or re.search(r"\s", address):
        return f"{kind}_broken"
    return f"{kind}_local" if LOCAL.fullmatch(host) else None


def attachments(body) -> set[int]:
    """Return the numbers of Odoo's files that pictures and links of a body show."""
    tree = _tree(body)
    addresses = [*tree.xpath("//img/@src"), *tree.xpath("//a/@href")]
    return {int(found[1]) for address in addresses if (found := ATTACHMENT.search(address))}


def web_addresses(body) -> list[str]:
    """Return the addresses of links and pictures that can be asked whether they are there."""
    tree = _tree(body)
    found = [*tree.xpath("//a/@href"), *tree.xpath("//img/@src")]
    return list(dict.fromkeys(one for one in found if one.startswith(("http://", "https://"))))


def _tree(body):
    return html.fragment_fromstring(str(body or ""), create_parent="div")
