import ipaddress

from hypothesis import given
from hypothesis import strategies as st
from odoo.tests import BaseCase, tagged

from ..engine import webhook_target
from ..engine.webhook_error import WebhookError

PRIVATE = [
    "0.0.0.0",  # noqa: S104 (nobody listens there)
    "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.168.1.1", "198.18.0.1",
    "203.0.113.5", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::127.0.0.1",
    "64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::1",
    "3fff::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
]  # fmt: skip
PUBLIC = [
    "93.184.216.34", "8.8.8.8", "172.32.0.1", "192.167.255.255", "2606:2800:220:1::1",
    "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
]  # fmt: skip


@tagged("post_install", "-at_install")
class TestWebhookTarget(BaseCase):
    def refusal(self, url, addresses=(), allowed=""):
        try:
            target = webhook_target.parse(url)
            webhook_target.check(target, addresses, webhook_target.parse_allowed(allowed))
        except WebhookError as error:
            return error.code
        return None

    def test_public_addresses_only(self):
        for address in PRIVATE:
            self.assertEqual(self.refusal("http://x.example/", [address]), "address", address)
        for address in PUBLIC:
            self.assertIsNone(self.refusal("http://x.example/", [address]), address)

    def test_one_private_address_among_public_ones_is_enough(self):
        self.assertEqual(self.refusal("http://x.example/", [*PUBLIC, "10.0.0.1"]), "address")

    @given(st.ip_addresses())
    def test_what_python_does_not_call_global_is_not_public(self, address):
        if webhook_target.is_public(address):
            inner = webhook_target.unwrapped(address)
            self.assertTrue(inner.is_global)
            self.assertFalse(
                inner.is_multicast or inner.is_private or inner.is_loopback or inner.is_link_local
            )

    @given(st.ip_addresses(v=4))
    def test_address_inside_one_of_the_next_version_is_judged_as_itself(self, address):
        for wrapped in (f"::ffff:{address}", f"64:ff9b::{address}"):
            self.assertEqual(
                webhook_target.is_public(ipaddress.ip_address(wrapped)),
                webhook_target.is_public(address),
            )

    @given(st.ip_addresses(v=4))
    def test_unusual_forms_of_an_address_are_refused(self, address):
        a, b, c, d = address.packed
        for host in (
            str(int(address)),
            hex(int(address)),
            f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
            f"{a}.{(b << 16) + (c << 8) + d}",
            f"{a}.{b}.{(c << 8) + d}",
            f"0x{a:x}.{b}.{c}.{d}",
            f"{a}.{b}.{c}.{d}.5",
        ):
            self.assertEqual(self.refusal(f"http://{host}/"), "host", host)

    @given(st.text(max_size=60))
    def test_any_text_is_a_target_or_refused(self, text):
        for url in (text, f"http://{text}", f"http://x.example{text}"):
            try:
                target = webhook_target.parse(url)
            except WebhookError:
                continue
            self.assertRegex(target.host, r"\A[0-9a-z_.:-]+\Z")
            self.assertRegex(target.path, r"\A/[\x21-\x7e]*\Z")
            self.assertEqual(webhook_target.parse(target.url), target)

    def test_forms_of_urls(self):
        for url, code in (
            ("", "scheme"),
            ("//x.example/", "scheme"),
            ("file:///etc/passwd", "scheme"),
            ("gopher://x.example/", "scheme"),
            ("http://", "url"),
            ("http:///x", "url"),
            ("http://a@x.example/", "credentials"),
            ("http://x.example@evil.example/", "credentials"),
            ("http://x.example:0/", "url"),
            ("http://x.example:99999/", "url"),
            ("http://x.example/ a", "url"),
            ("http://x.example\\@evil.example/", "url"),
            ("http://x.example/\r\nHost: evil", "url"),
            ("http://[fe80::1%25eth0]/", "host"),
            ("http://[v1.x]/", "url"),
            ("http://-x.example/", "host"),
            ("http://x..example/", "host"),
            ("http://x.example/" + "a" * 2000, "url"),
            ("https://X.Example.:8443/ä?b=ö#c", None),
        ):
            self.assertEqual(self.refusal(url), code, url)
        target = webhook_target.parse("https://X.Example.:8443/ä?b=ö#c")
        self.assertEqual(target.url, "https://x.example:8443/%C3%A4?b=%C3%B6")

    def test_ports(self):
        for port, code in ((80, None), (443, None), (1024, None), (8443, None), (25, "port")):
            self.assertEqual(self.refusal(f"http://x.example:{port}/", ["8.8.8.8"]), code)

    def test_what_is_allowed(self):
        allowed = "hooks.internal mail.internal:25, 127.0.0.1:8080;10.1.0.0/16\n[::1]:9000 fd00::/8"
        for url, address, code in (
            ("http://hooks.internal/", "192.168.0.9", None),
            ("http://HOOKS.internal.:8080/", "192.168.0.9", None),
            ("http://hooks.internal:25/", "192.168.0.9", "port"),
            ("http://mail.internal:25/", "192.168.0.9", None),
            ("http://mail.internal/", "192.168.0.9", "address"),
            ("http://evil.hooks.internal/", "192.168.0.9", "address"),
            ("http://127.0.0.1:8080/", "127.0.0.1", None),
            ("http://127.0.0.1:8081/", "127.0.0.1", "address"),
            ("http://other.example/", "10.1.255.1", None),
            ("http://other.example/", "::ffff:10.1.255.1", None),
            ("http://other.example/", "10.2.0.1", "address"),
            ("http://[::1]:9000/", "::1", None),
            ("http://[::1]/", "::1", "address"),
            ("http://other.example/", "fd00::5", None),
        ):
            self.assertEqual(self.refusal(url, [address], allowed), code, (url, address))

    def test_redirections(self):
        start = webhook_target.parse("https://x.example/a/b?c")
        for location, url in (
            ("/d", "https://x.example/d"),
            ("d?e", "https://x.example/a/d?e"),
            ("//y.example/d", "https://y.example/d"),
        ):
            self.assertEqual(webhook_target.follow(start, location).url, url)
        for location, code in (
            ("http://x.example/", "downgrade"),
            ("file:///etc/passwd", "scheme"),
            ("https://a b/", "url"),
            ("https://[", "url"),
        ):
            with self.assertRaises(WebhookError) as refused:
                webhook_target.follow(start, location)
            self.assertEqual(refused.exception.code, code)
