"""Messages that are filled in, held against those that the standard library makes one by one."""

import re
from email.message import EmailMessage

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.tests import BaseCase, tagged

from ..engine import mime

HEADERS = {
    "Message-Id": "<flow-1@here>",
    "Subject": "News",
    "From": '"The shop" <shop@example.com>',
    "To": '"Ann" <ann@example.com>',
    "List-Unsubscribe": "<https://shop.example/leave?hash_token=" + "0" * 100 + ">",
}
# What ends a line, begins one with a dot, is wide, is long, or means something to an encoding.
PIECES = (
    "\n", "\r\n", "\r", "\t", " ", "\x0c", "\x85", "\u2028", ".", "=", "=20", "--", "From ", "a",
    "word ", "é", "…", "漢字", "🙂", "long" * 200,
)  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=90
)
files = [("plan.txt", b"the plan\n" * 50, "text", "plain"), ("é.bin", b"\0\xff", "a", "b")]


def build(headers, plain, html, attachments=()):
    """Build a message as Odoo's `_build_email__` does."""
    message = EmailMessage(policy=mime.POLICY)
    for name, value in headers.items():
        message[name] = value
    message["MIME-Version"] = "1.0"
    message.add_alternative(plain, subtype="plain", charset="utf-8")
    message.add_alternative(html, subtype="html", charset="utf-8")
    for name, content, maintype, subtype in attachments:
        message.add_attachment(content, maintype, subtype, filename=name)
    return message


def same_boundaries(content):
    for number, boundary in enumerate(re.findall(rb'boundary="([^"]+)"', content)):
        content = content.replace(boundary, b"boundary %d" % number)
    return content


@tagged("post_install", "-at_install")
class TestMime(BaseCase):
    @settings(max_examples=100, deadline=None)
    @given(plain=texts, html=texts, subject=words, name=words, attached=st.booleans())
    def test_filled_message_is_what_the_library_builds(self, plain, html, subject, name, attached):
        attachments = files if attached else []
        first = build(HEADERS, "Hello", "<p>Hello</p>", attachments)
        mime.flatten(first)
        headers = {
            **HEADERS,
            "Message-Id": "<flow-2@here>",
            "Subject": subject,
            "To": f'"{re.sub("[^a-zà-ÿ]", "", name)}" <bob@example.com>',
        }
        filled = mime.Stencil(first).fill(
            {key.lower(): value for key, value in headers.items()}, plain, html
        )
        built = mime.flatten(build(headers, plain, html, attachments))
        self.assertEqual(same_boundaries(filled), same_boundaries(built))

    def test_address_to_unsubscribe_is_not_encoded(self):
        content = mime.flatten(build(HEADERS, "Hello", "<p>Hello</p>"))
        line = f"List-Unsubscribe: {HEADERS['List-Unsubscribe']}\r\n"
        self.assertIn(line.encode(), content)

    def test_literal_header_that_is_too_long_or_has_other_letters_is_left_to_the_library(self):
        for value in (f"<https://shop.example/{'0' * 1000}>", "<https://shop.example/é>"):
            content = mime.flatten(build({**HEADERS, "List-Unsubscribe": value}, "a", "b"))
            self.assertLess(max(map(len, content.split(b"\r\n"))), 999)
            self.assertTrue(content.isascii())

    def test_only_messages_of_two_texts_are_stencils(self):
        message = EmailMessage(policy=mime.POLICY)
        message.set_content("Hello")
        with self.assertRaises(ValueError):
            mime.Stencil(message)
