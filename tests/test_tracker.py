"""The tracker on a site that is not Odoo's: real browser, real emails, real HTTP."""

import functools
import http.server
import json
import os
import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import lxml.html
import pytest
import requests

from tests.conftest import PERSON
from tools import places
from tools.demo.client import wait_until
from tools.odoo_log import RunLog

PATIENCE = 30.0
SCRIPT = '<script src="{odoo}/flow/tracker.js" async {attributes}></script>'
PAGES = {
    "index.html": "<h1>Home</h1><a id=more href=pricing.html>Pricing</a>",
    "pricing.html": "<h1>Pricing</h1><a id=file href=list.pdf download>Price list</a>",
    "offer.html": "<form data-flow-form=offer onsubmit='return false'>"
    "<input name=email><input name=name><input name=password type=password>"
    "<button>Send</button></form>",
    "list.pdf": "a list",
    "favicon.ico": "",
}
# What a browser in front of which somebody sits does not say; the tab goes to the back.
TO_THE_BACK = """(hidden) => {
    Object.defineProperty(document, "visibilityState",
        { configurable: true, get: () => hidden ? "hidden" : "visible" });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
FLOOD = 10_000 if os.environ.get("FLOW_CHAOS") else 2_000


@dataclass(frozen=True)
class Site:
    """A site of somebody else, and the Odoo that its script reports to."""

    url: str
    odoo: object
    admin: object
    mail: object

    def page(self, name: str) -> str:
        return f"{self.url}/{name}"

    def views(self, *names: str) -> list[dict]:
        """Return the page views of these pages, the oldest first."""
        fields = ["url", "title", "seconds", "visitor_id", "referrer", "utm_source"]
        urls = [self.page(name) for name in names]
        return self.admin.read("flow.page.view", [("url", "in", urls)], fields, order="id")

    def wait_for_views(self, *names: str, count: int = 1) -> list[dict]:
        wait_until(lambda: len(self.views(*names)) < count, "the view", seconds=PATIENCE)
        return self.views(*names)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def site(campaign_server, folder):
    """The foreign site; every page has the script, and `consent-` pages ask first."""
    for name, body in PAGES.items():
        if not name.endswith(".html"):
            (folder / name).write_text(body)
            continue
        for prefix, attributes in (("", ""), ("consent-", "data-consent=required")):
            script = SCRIPT.format(odoo=campaign_server.odoo.url, attributes=attributes)
            page = f"<!doctype html><html><head><title>{name}</title>{script}</head>{body}</html>"
            (folder / f"{prefix}{name}").write_text(page)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_port}"
    settings = campaign_server.admin.create("res.config.settings", {"flow_tracker_sites": host})
    campaign_server.admin.call("res.config.settings", "execute", [settings])
    yield Site(f"http://{host}", campaign_server.odoo, campaign_server.admin, campaign_server.mail)
    server.shutdown()


@pytest.fixture
def log(campaign_server):
    """What Odoo logs during the test must hold no error, and no warning of the addon."""
    path = campaign_server.odoo.log_path
    start = path.stat().st_size
    yield lambda: path.read_bytes()[start:].decode()
    run = RunLog(places.CORE_ADDON)
    for line in path.read_bytes()[start:].decode().splitlines():
        run.read(line)
    assert run.complaints == []


@pytest.fixture
def visitor(browser, log):
    """Somebody's browser, without a past; its console must hold no error."""
    context, errors = browser.new_context(), []
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def campaign(campaign_server):
    """Make a campaign with a start and a goal, and ways from one to the other."""
    made = []

    def make(*ways, email=None, reader=None, entry=None):
        marta, name = campaign_server.marta, f"Site {secrets.token_hex(3)}"
        values = {"name": name}
        if reader:
            audience = {"name": name, "partner_ids": [(6, 0, [reader])]}
            values["audience_id"] = marta.create("flow.audience", audience)
        campaign_id = marta.create("flow.campaign", values)
        made.append(campaign_id)
        [own] = marta.read(
            "flow.campaign", [("id", "=", campaign_id)], ["workflow_id", "state_ids"]
        )
        marta.call("flow.state", "unlink", own["state_ids"])
        workflow = {"workflow_id": own["workflow_id"][0]}
        start = marta.create("flow.state", {**workflow, "name": "Start", "kind": "start"})
        hot = marta.create("flow.state", {**workflow, "name": "Hot", "kind": "goal"})
        for way in ways or [{"trigger": "manual"}]:
            between = {**workflow, "state_id": start, "target_id": hot}
            marta.create("flow.transition", {**between, "trigger": "event", **way})
        if entry:
            marta.create("flow.entry", {"campaign_id": campaign_id, **entry})
        if email:
            mailing = marta.create("mailing.mailing", {
                "subject": name, "body_html": email, "flow_campaign_id": campaign_id,
                "mailing_model_id": model_id(campaign_server.admin), "reply_to_mode": "update",
            })  # fmt: skip
            marta.create("flow.action", {"state_id": start, "kind": "email", "mailing_id": mailing})
        marta.call("flow.campaign", "action_launch", [campaign_id])
        return campaign_id

    yield make
    campaign_server.marta.call("flow.campaign", "action_stop", made)


def test_link_of_a_real_email_recognises_its_reader_and_looking_moves_him(site, visitor, campaign):
    reader = person(site, "Rudi")
    body = f'<p><a href="{site.page("index.html")}">Look</a></p>'
    campaign_id = campaign(
        {"event_kind": "stayed", "event_least": 3, "link_pattern": "*/pricing.html"},
        email=body,
        reader=reader,
    )
    visitor.goto(link_to(site, "rudi@example.com"))
    visitor.wait_for_url(lambda url: url.startswith(site.url) and "flow=" not in url)
    assert visitor.title() == "index.html"
    site.wait_for_views("index.html")
    assert state(site, campaign_id) == "Start"
    visitor.click("#more")
    wait_until(lambda: state(site, campaign_id) != "Hot", "moving", seconds=PATIENCE)
    [view] = site.views("pricing.html")
    assert view["seconds"] >= 3
    assert view["referrer"] == site.page("index.html")
    [found] = site.admin.read(
        "flow.visitor", [("id", "=", view["visitor_id"][0])], ["partner_id", "recognised_by"]
    )
    assert (found["partner_id"][0], found["recognised_by"]) == (reader, "link")


def test_hidden_tab_does_not_count(site, visitor):
    visitor.goto(site.page("offer.html"))
    site.wait_for_views("offer.html")
    visitor.wait_for_timeout(3200)
    visitor.evaluate(TO_THE_BACK, True)
    wait_until(lambda: site.views("offer.html")[-1]["seconds"] < 3, "the time", seconds=PATIENCE)
    visitor.wait_for_timeout(4000)
    visitor.evaluate(TO_THE_BACK, False)
    visitor.wait_for_timeout(1200)
    visitor.goto("about:blank")  # leaving tells the rest
    wait_until(lambda: site.views("offer.html")[-1]["seconds"] < 4, "the rest", seconds=PATIENCE)
    assert site.views("offer.html")[-1]["seconds"] < 7


def test_page_in_a_tab_at_the_back_is_not_visited_before_it_is_looked_at(site, visitor):
    visitor.add_init_script(f"({TO_THE_BACK})(true)")
    visitor.goto(site.page("pricing.html?back"))
    visitor.wait_for_function("window.flowTracker")
    visitor.wait_for_timeout(500)
    assert site.views("pricing.html?back=") == []
    visitor.evaluate(TO_THE_BACK, False)
    site.wait_for_views("pricing.html?back=")


def test_unknown_person_comes_in_by_a_form(site, visitor, campaign):
    campaign_id = campaign(entry={"event_kind": "submitted", "event_detail": "offer"})
    visitor.goto(site.page("pricing.html?utm_source=fair"))
    site.wait_for_views("pricing.html")
    visitor.goto(site.page("offer.html"))
    visitor.wait_for_function("window.flowTracker")
    visitor.fill("[name=email]", "Nora@Example.com")
    visitor.fill("[name=name]", "Nora New")
    visitor.fill("[name=password]", "secret-of-nora")
    visitor.click("button")
    wait_until(lambda: state(site, campaign_id) != "Start", "coming in", seconds=PATIENCE)
    [participant] = site.admin.read(
        "flow.participant", [("campaign_id", "=", campaign_id)], ["name", "email_key", "event_ids"]
    )
    assert (participant["name"], participant["email_key"]) == ("Nora New", "nora@example.com")
    told = site.admin.read(
        "flow.event", [("id", "in", participant["event_ids"])], ["kind", "url", "detail"]
    )
    seen = {(event["kind"], event["url"]) for event in told}
    assert {("visited", site.page("pricing.html")), ("submitted", site.page("offer.html"))} <= seen
    assert "source=fair;" in [e["detail"] for e in told if e["kind"] == "visited"]
    assert "secret-of-nora" not in json.dumps(told)


def test_pages_without_loading_downloads_and_own_events(site, visitor):
    visitor.goto(site.page("pricing.html?spa"))
    visitor.wait_for_function("window.flowTracker")
    visitor.evaluate("history.pushState({}, '', '?page=two')")
    visitor.evaluate("history.pushState({}, '', '?page=two#part')")
    visitor.evaluate("history.back(); history.back()")
    views = site.wait_for_views("pricing.html?spa=", "pricing.html?page=two", count=3)
    assert len(views) == 3
    with visitor.expect_download():
        visitor.click("#file")
    visitor.evaluate("flowTracker.event('quiz', { value: 7 })")
    visitor_id = views[0]["visitor_id"][0]

    def done():
        domain = [("visitor_id", "=", visitor_id)]
        rows = site.admin.read("flow.visitor.event", domain, ["kind", "detail", "value"])
        return {(row["kind"], row["detail"], row["value"]) for row in rows}

    expected = {("downloaded", "list.pdf", 0.0), ("custom", "quiz", 7.0)}
    wait_until(lambda: done() != expected, "what was done", seconds=PATIENCE)


def test_nothing_is_stored_before_consent(site, visitor):
    for _ in range(2):
        visitor.goto(site.page("consent-index.html"))
        visitor.wait_for_function("window.flowTracker")
    first, second = site.wait_for_views("consent-index.html", count=2)
    assert first["visitor_id"] != second["visitor_id"], "nobody can tell that it is the same"
    assert visitor.evaluate("[localStorage.length, document.cookie]") == [0, ""]
    visitor.evaluate("flowTracker.consent()")
    assert visitor.evaluate("localStorage.length") == 1
    visitor.goto(site.page("consent-pricing.html"))
    [third] = site.wait_for_views("consent-pricing.html")
    assert third["visitor_id"] == second["visitor_id"]
    visitor.evaluate("flowTracker.consent(false)")
    assert visitor.evaluate("localStorage.length") == 0


def test_who_asks_not_to_be_tracked_is_not(site, browser, log):
    for name, value in (("doNotTrack", "'1'"), ("globalPrivacyControl", "true")):
        context = browser.new_context()
        context.add_init_script(
            f"Object.defineProperty(navigator, '{name}', {{ get: () => {value} }})"
        )
        page, asked = context.new_page(), []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(site.page("index.html?dnt"))
        page.wait_for_function("window.flowTracker")
        page.evaluate("flowTracker.event('x'); flowTracker.consent()")
        assert page.evaluate("localStorage.length") == 0
        context.close()
        assert not [url for url in asked if url.endswith("/flow/t")]
    assert site.views("index.html?dnt=") == []


def test_bad_reports_change_nothing_and_say_nothing(site, log, campaign):
    reader = person(site, "Tina")
    campaign_id = campaign({"event_kind": "visited"}, reader=reader)
    wait_until(lambda: state(site, campaign_id) != "Start", "coming in", seconds=PATIENCE)
    good = report(site, "/index.html?bad")
    for body, headers, status in (
        (b"{", {}, 400),
        (b"[" * 10_000, {}, 400),
        (b"\xff\x00\xfe", {}, 400),
        (b"", {}, 400),
        (json.dumps({**good, "title": "x" * 20_000}).encode(), {}, 413),
        (json.dumps({**good, "url": "https://evil.example/"}).encode(), {}, 403),
        (json.dumps(good).encode(), {"Origin": "https://evil.example"}, 403),
        (json.dumps({**good, "age": -1e9, "seconds": 1e9}).encode(), {}, 204),
        (json.dumps({**good, "title": "\x00\ud800"}).encode(), {}, 204),
    ):
        answer = tell(site, body, **headers)
        assert answer.status_code == status, (body[:60], answer.text[:200])
        assert "Set-Cookie" not in answer.headers
    [view] = site.views("index.html?bad=")
    assert view["seconds"] <= 10
    assert state(site, campaign_id) == "Start"


def test_flood_of_forged_tokens_moves_nobody_and_floods_no_log(site, log, campaign):
    """The last test of this file: the address is not listened to for the rest of the minute."""
    reader = person(site, "Uli")
    campaign_id = campaign({"event_kind": "visited"}, reader=reader)
    wait_until(lambda: state(site, campaign_id) != "Start", "coming in", seconds=PATIENCE)
    steps = [0, 1, 2, 3]

    def flood(part):
        session, answers = requests.Session(), []
        for number in range(FLOOD // 4):
            token = f"l{1 + number % 50:x}-{secrets.token_hex(12)}"
            body = json.dumps({**report(site, "/index.html?flood"), "token": token}).encode()
            answers.append(tell(site, body, session=session).status_code)
        return answers

    begin = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        answers = [status for part in pool.map(flood, steps) for status in part]
    assert time.monotonic() - begin < 300
    assert len(answers) == FLOOD
    assert set(answers) <= {204, 429}
    known = [("recognised_by", "!=", False), ("page_view_ids.url", "like", "flood")]
    assert site.admin.count("flow.visitor", known) == 0
    assert state(site, campaign_id) == "Start"
    told = [line for line in log().splitlines() if "/flow/t" not in line]
    assert len(told) < 500, "nothing but the lines of the web server"


# -- people, letters and reports -----------------------------------------------------------------


def person(site, name):
    return site.admin.create("res.partner", {"name": name, "email": f"{name.lower()}@example.com"})


def model_id(admin):
    return admin.search("ir.model", [("model", "=", "res.partner")])[0]


def state(site, campaign_id):
    """Return the state of the only participant."""
    domain = [("campaign_id", "=", campaign_id)]
    rows = site.admin.read("flow.participant", domain, ["state_id"])
    return rows[0]["state_id"][1] if rows else None


def link_to(site, address):
    """Wait for the letter to this address and return its link."""

    def found():
        return [letter for letter in site.mail.messages() if address in letter.recipients]

    wait_until(lambda: not found(), "the letter", seconds=PATIENCE)
    body = found()[0].message.get_body(("html",)).get_content()
    [link] = lxml.html.fromstring(body).xpath("//a[contains(@href, '/flow/click/')]/@href")
    return link


def report(site, path):
    return {
        "visitor": secrets.token_hex(12),
        "view": secrets.token_hex(12),
        "url": site.url + path,
        "token": "",
        "title": "",
        "referrer": "",
        "age": 0,
        "seconds": 0,
        "events": [],
    }


def tell(site, body, session=requests, **headers):
    sent = {"User-Agent": PERSON, "Origin": site.url, "Content-Type": "text/plain", **headers}
    return session.post(f"{site.odoo.url}/flow/t", data=body, headers=sent, timeout=60)
