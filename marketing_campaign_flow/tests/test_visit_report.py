"""What the tracker lets through: reports, addresses, and who asks too often; without a database."""

import gzip
import json

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.tests import BaseCase, tagged
from odoo.tools import file_open

from ..engine import visit_report, web_address
from ..engine.limiter import Limiter

GOOD = {
    "visitor": "a" * 24,
    "view": "b" * 24,
    "url": "https://shop.example/pricing?plan=2&flow=l1-x#top",
    "token": "",
    "title": "Pricing",
    "referrer": "https://search.example/?q=secret",
    "age": 4000,
    "seconds": 3,
    "events": [{"n": 1, "kind": "custom", "detail": "basket", "value": 3}],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def encode(**changes) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


@tagged("post_install", "-at_install")
class TestVisitReport(BaseCase):
    def refused(self, body):
        with self.assertRaises(visit_report.MalformedError):
            visit_report.read(body)

    def test_good_report_is_read(self):
        report = visit_report.read(encode())
        self.assertEqual((report.visitor, report.seconds, report.age), ("a" * 24, 3, 4.0))
        [event] = report.happenings
        self.assertEqual((event.number, event.detail, event.value), (1, "basket", 3))

    def test_what_is_no_report_is_refused(self):
        for body in (b"", b"x", b"\xff\xfe", b"[]", b"null", b'"x"', b"[" * 16000, b"9" * 9000):
            self.refused(body)
        for changes in (
            {"visitor": "short"},
            {"visitor": None},
            {"view": "../../../etc"},
            {"url": "javascript:alert(1)"},
            {"url": "https://shop.example:port/"},
            {"url": ""},
            {"seconds": "3"},
            {"seconds": True},
            {"age": float("nan")},
            {"title": {"a": 1}},
            {"events": {}},
            {"events": [1]},
            {"events": [{"n": 0, "kind": "custom"}]},
            {"events": [{"n": 1, "kind": "clicked"}]},
            {"events": [{"n": 1.5, "kind": "custom"}]},
            {"events": [{"n": n, "kind": "custom"} for n in range(1, 52)]},
        ):
            self.refused(encode(**changes))

    def test_numbers_stay_within_bounds(self):
        report = visit_report.read(encode(age=-5000, seconds=1e300))
        self.assertEqual((report.age, report.seconds), (0, visit_report.MOST_SECONDS))
        report = visit_report.read(encode(age=10**400, seconds=-1))
        self.assertEqual((report.age, report.seconds), (visit_report.MOST_AGE, 0))

    def test_text_fits_a_database(self):
        report = visit_report.read(encode(title="a\x00b\ud800\nc" + "x" * 999))
        self.assertEqual(report.title[:6], "a b c" + "x")
        self.assertLessEqual(len(report.title.encode()), 200)

    @settings(max_examples=200, deadline=None)
    @given(st.dictionaries(st.sampled_from(sorted(GOOD)), JSON), st.binary(max_size=50))
    def test_anything_else_is_refused_and_never_breaks(self, changes, junk):
        for body in (encode(**changes), junk):
            try:
                report = visit_report.read(body)
            except visit_report.MalformedError:
                continue
            web_address.clean(report.url).encode()
            web_address.source(report.url, report.referrer).in_words().encode()


@tagged("post_install", "-at_install")
class TestWebAddress(BaseCase):
    def test_what_is_kept_of_an_address(self):
        for url, kept in (
            ("https://Shop.Example/a?b=1&flow=l1-x#c", "https://shop.example/a?b=1"),
            ("http://user:pass@shop.example:8080", "http://shop.example:8080/"),
            (
                "https://s.example/?access_token=1&utm_source=x&Email=y&q=2",
                "https://s.example/?q=2",
            ),
        ):
            self.assertEqual(web_address.clean(url), kept)

    def test_source_in_words(self):
        url = "https://s.example/?utm_source=letter&utm_campaign=a%00%3Bb"
        source = web_address.source(url, "https://search.example/find?q=private")
        self.assertEqual(
            source.in_words(),
            "source=letter; campaign=a b; referrer=https://search.example/find;",
        )
        self.assertEqual(web_address.source("https://s.example/", "about:blank").in_words(), "")

    def test_token_is_added_once(self):
        for url, expected in (
            ("https://s.example/a", "https://s.example/a?flow=T"),
            ("https://s.example/a?b=%20c#d", "https://s.example/a?b=%20c&flow=T#d"),
            ("https://s.example/?flow=old&b", "https://s.example/?b&flow=T"),
        ):
            self.assertEqual(web_address.with_token(url, "T"), expected)

    def test_hosts_on_the_list(self):
        sites = "www.shop.example, *.wide.example\nhttps://port.example:8080/x"
        for url, good in (
            ("https://www.shop.example/", True),
            ("http://WWW.shop.example:81/", True),
            ("https://shop.example/", False),
            ("https://www.shop.example.evil.example/", False),
            ("https://a.b.wide.example/", True),
            ("https://wide.example/", False),
            ("https://evilwide.example/", False),
            ("http://port.example:8080/", True),
            ("http://port.example/", False),
            ("https://evil.example/www.shop.example", False),
            ("https://www.shop.example@evil.example/", False),
            ("ftp://www.shop.example/", False),
        ):
            self.assertEqual(web_address.listed(web_address.host(url), sites), good, url)
        self.assertFalse(web_address.listed("", sites))
        self.assertFalse(web_address.listed("a.example", ""))


@tagged("post_install", "-at_install")
class TestLimiter(BaseCase):
    def test_so_many_times_a_minute(self):
        now = [0.0]
        limiter = Limiter(2, clock=lambda: now[0])
        self.assertEqual([limiter.allows("a") for _ in range(3)], [True, True, False])
        self.assertTrue(limiter.allows("b"))
        now[0] = 61
        self.assertTrue(limiter.allows("a"))


@tagged("post_install", "-at_install")
class TestScriptSize(BaseCase):
    def test_script_is_small(self):
        with file_open("marketing_campaign_flow/static/tracker/tracker.js", "rb") as script:
            self.assertLess(len(gzip.compress(script.read())), 3 * 1024)
