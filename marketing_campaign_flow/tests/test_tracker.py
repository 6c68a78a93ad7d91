"""What visitors do on websites: reported over HTTP, it moves them and lets them in."""

import json
import secrets
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from ..controllers import tracker
from ..engine import database_clock, settings, signature, visit_report
from ..engine.limiter import Limiter
from .common import FlowCase

SITE = "https://shop.example"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@tagged("post_install", "-at_install")
class TestTracker(FlowCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.hot = cls.state("Hot", "goal")
        cls.invitation = cls.email(cls.start, "Invitation")
        cls.transition(cls.start, cls.hot, "manual")
        cls.env["ir.config_parameter"].set_param(settings.SITES_PARAMETER, "shop.example")

    def setUp(self):
        super().setUp()
        for name in ("REPORTS_OF_ADDRESS", "REPORTS_OF_VISITOR", "NEW_CONTACTS_OF_ADDRESS"):
            self.patch(tracker, name, Limiter(10_000))
        self.browser, self.page = secrets.token_hex(12), secrets.token_hex(12)

    # -- what the tests do as a browser --------------------------------------------------------

    def tell(self, path="/pricing", *events, status=204, headers=None, **said):
        said = {"visitor": self.browser, "view": self.page, "url": SITE + path, **said}
        body = json.dumps({**said, "events": list(events)})
        return self.post(body, status=status, headers=headers)

    def post(self, body, status=204, headers=None):
        sent = {
            "User-Agent": BROWSER,
            "Content-Type": "text/plain;charset=UTF-8",
            "Origin": SITE,
            **(headers or {}),
        }
        response = self.url_open("/flow/t", data=body, headers=sent, method="POST")
        self.assertEqual(response.status_code, status, response.text[:200])
        self.assertNotIn("Set-Cookie", response.headers)
        return response

    def new_page(self):
        self.page = secrets.token_hex(12)

    def token(self, contact):
        return signature.link_token(self.env, self.steps(contact)[0].id)

    def when(self, kind, **values):
        return self.transition(self.start, self.hot, "event", event_kind=kind, **values)

    def events(self, contact):
        self.env.invalidate_all()
        return self.participant(contact).event_ids.sorted("id").mapped("kind")

    def visitor(self):
        self.env.invalidate_all()
        return self.env["flow.visitor"].search([("key", "=", self.browser)])

    def assert_moved(self, contact, moved=True):
        self.run_engine()
        self.assertEqual(self.state_of(contact), "Hot" if moved else "Start")

    # -- who it is -------------------------------------------------------------------------------

    def test_page_visited_through_a_link_moves_its_recipient(self):
        self.when("visited", link_pattern="*/pricing*")
        self.launch()
        self.pass_time(minutes=1)
        self.tell("/about", token=self.token(self.ann))
        self.assert_moved(self.ann, moved=False)
        self.new_page()
        self.tell("/pricing?flow=x&plan=2")
        self.assert_moved(self.ann)
        self.assert_moved(self.bob, moved=False)
        self.assertEqual(self.visitor().partner_id, self.ann)
        self.assertEqual(self.visitor().company_id, self.campaign.company_id)
        urls = self.visitor().page_view_ids.mapped("url")
        self.assertEqual(set(urls), {f"{SITE}/about", f"{SITE}/pricing?plan=2"})

    def test_links_of_emails_tell_listed_sites_only(self):
        self.launch()
        [mail] = [mail for mail in self.sent if "ann@" in mail["email_to"][0]]
        path = mail["body"].split('href="')[1].split('"')[0].partition("/flow/")[2]
        headers = {"User-Agent": BROWSER}
        location = self.url_open(f"/flow/{path}", headers=headers, allow_redirects=False).headers[
            "Location"
        ]
        self.assertIn(f"flow={self.token(self.ann)}", location)
        self.env["ir.config_parameter"].set_param(settings.SITES_PARAMETER, "else.example")
        location = self.url_open(f"/flow/{path}", headers=headers, allow_redirects=False).headers[
            "Location"
        ]
        self.assertNotIn("flow=", location)

    def test_tokens_cannot_be_forged(self):
        self.when("visited")
        self.launch()
        good = self.token(self.ann)
        step = self.steps(self.ann)[0].id
        for token in (
            signature.step_token(self.env, step),
            good[:-1] + ("0" if good[-1] != "0" else "1"),
            good.replace("l", "u", 1),
            good.replace("l", "l0", 1),
            good.upper(),
            f"l{step + 1:x}-{good.partition('-')[2]}",
            f"l{step:x}-",
            "l-" + "0" * 24,
            "lffffffffffff-" + "0" * 24,
        ):
            self.tell(token=token)
            self.assertFalse(self.visitor().recognised_by, token)
        self.assertFalse(self.events(self.ann))
        self.assertIsNone(signature.step_id(self.env, good))

    def test_ten_thousand_forged_tokens_recognise_nobody(self):
        self.launch()
        step = self.steps(self.ann)[0].id
        for _ in range(10_000):
            token = f"l{step:x}-{secrets.token_hex(12)}"
            self.assertIsNone(signature.visitor(self.env, token))

    def test_deleted_contact_is_forgotten(self):
        self.launch()
        token = self.token(self.ann)
        self.tell(token=token)
        visitor = self.visitor()
        self.ann.unlink()
        self.env.invalidate_all()
        self.assertFalse(visitor.recognised_by or visitor.email or visitor.key)
        self.tell(token=token)
        self.assertFalse(self.visitor().recognised_by)

    def test_earlier_anonymous_visits_are_told_with_their_own_times(self):
        self.when("submitted", event_detail="offer")
        self.launch()
        self.tell("/pricing", seconds=0)
        yesterday = database_clock.now(self.env)
        self.pass_time(days=1)
        self.assertFalse(self.events(self.ann))
        self.new_page()
        self.tell(
            "/offer", {"n": 1, "kind": "submitted", "detail": "Offer", "email": "ANN@example.com"}
        )
        self.assertEqual(self.visitor().visit, 2)
        visited = self.participant(self.ann).event_ids.filtered(lambda e: e.kind == "visited")
        first = visited.filtered(lambda e: e.url == f"{SITE}/pricing")
        self.assertEqual(len(visited), 2)
        self.assertLess(abs((first.occurred_at - yesterday).total_seconds()), 60)
        self.assert_moved(self.ann)
        self.assertIn("/pricing", str(self.participant(self.ann).timeline))

    def test_what_happened_before_the_state_was_entered_does_not_move(self):
        self.when("visited", link_pattern="*/pricing")
        self.tell("/pricing")
        self.pass_time(days=1)
        self.launch()
        self.new_page()
        self.tell("/about", token=self.token(self.ann))
        self.assertEqual(self.events(self.ann).count("visited"), 2)
        self.assert_moved(self.ann, moved=False)

    def test_browser_that_becomes_somebody_elses_is_another_visitor(self):
        self.launch()
        self.tell(token=self.token(self.ann))
        was_ann = self.visitor()
        self.new_page()
        self.tell("/b", token=self.token(self.bob))
        self.assertNotEqual(self.visitor(), was_ann)
        self.assertEqual((was_ann.partner_id, self.visitor().partner_id), (self.ann, self.bob))
        self.assertEqual(was_ann.page_view_ids.mapped("url"), [f"{SITE}/pricing"])

    def test_form_tells_more_than_a_forwarded_link(self):
        self.launch()
        form = {"n": 1, "kind": "submitted", "detail": "x", "email": "bob@example.com"}
        self.tell("/form", form, token=self.token(self.ann))
        self.assertEqual(self.visitor().partner_id, self.bob)
        self.new_page()
        self.tell("/c", token=self.token(self.ann))
        self.assertEqual(self.visitor().partner_id, self.bob)
        self.assertEqual(self.events(self.ann), [])

    def test_login_is_surer_than_anything(self):
        self.launch()
        self.tell(token=signature.user_token(self.env, self.cleo.id))
        self.assertEqual(self.visitor().recognised_by, "login")
        self.new_page()
        self.tell("/d", token=self.token(self.ann))
        self.assertEqual(self.visitor().partner_id, self.cleo)

    # -- what counts -----------------------------------------------------------------------------

    def test_time_on_a_page_is_one_event_that_grows(self):
        self.when("stayed", event_least=30, link_pattern="*/pricing")
        self.launch()
        token = self.token(self.ann)
        self.tell(token=token)
        for seconds in (5, 15):
            self.pass_time(seconds=15)
            self.tell(token=token, seconds=seconds)
            self.assert_moved(self.ann, moved=False)
        self.pass_time(seconds=15)
        self.tell(token=token, seconds=30)
        self.assert_moved(self.ann)
        stayed = self.participant(self.ann).event_ids.filtered(lambda e: e.kind == "stayed")
        self.assertEqual(stayed.mapped("value"), [30])

    def test_two_long_looks_are_two_pages(self):
        self.when("stayed", event_least=10, event_times=2)
        self.launch()
        token = self.token(self.ann)
        for moved in (False, True):
            self.new_page()
            self.tell(token=token)
            for seconds in (10, 20, 30):
                self.pass_time(seconds=10)
                self.tell(token=token, seconds=seconds)
            self.assert_moved(self.ann, moved)

    def test_time_is_measured_by_our_clock(self):
        self.launch()
        self.tell(token=self.token(self.ann), seconds=9999, age=0)
        self.assertLessEqual(self.visitor().page_view_ids.seconds, 30)
        self.pass_time(seconds=60)
        self.tell(seconds=9999, age=10**12)
        self.assertLessEqual(self.visitor().page_view_ids.seconds, 120)
        self.new_page()
        self.tell("/old", age=10**12)
        view = self.visitor().page_view_ids.filtered(lambda v: v.url.endswith("/old"))
        age = (database_clock.now(self.env) - view.started_at).total_seconds()
        self.assertLess(age, visit_report.MOST_AGE + 60)

    def test_pages_of_a_visit_are_counted(self):
        self.when("pages", event_least=2)
        self.launch()
        token = self.token(self.ann)
        self.tell("/a", token=token)
        self.new_page()
        self.tell("/a", token=token)  # loaded again
        self.pass_time(minutes=31)
        self.new_page()
        self.tell("/b", token=token)  # another visit
        self.assert_moved(self.ann, moved=False)
        self.new_page()
        self.tell("/c", token=token)
        self.assert_moved(self.ann)

    def test_time_on_the_site_is_added_up(self):
        self.when("stayed_site", event_least=15)
        self.launch()
        token = self.token(self.ann)
        for path, seconds, moved in (("/a", 8, False), ("/b", 7, True)):
            self.new_page()
            self.tell(path, token=token)
            self.pass_time(seconds=10)
            self.tell(path, token=token, seconds=seconds)
            self.assert_moved(self.ann, moved)
        [site] = self.participant(self.ann).event_ids.filtered(lambda e: e.kind == "stayed_site")
        self.assertEqual((site.value, site.url), (15, SITE))

    def test_downloads_forms_and_own_events_count(self):
        self.launch()
        self.tell(
            "/a",
            {"n": 1, "kind": "downloaded", "url": f"{SITE}/list.pdf", "detail": "list.pdf"},
            {"n": 2, "kind": "custom", "detail": "quiz", "value": 7},
            {"n": 3, "kind": "submitted", "detail": "search"},
            token=self.token(self.ann),
        )
        self.assertEqual(
            set(self.events(self.ann)), {"visited", "pages", "downloaded", "custom", "submitted"}
        )
        event = self.participant(self.ann).event_ids.filtered(lambda e: e.kind == "downloaded")
        self.assertEqual((event.url, event.detail), (f"{SITE}/list.pdf", "list.pdf"))

    def test_source_of_a_visit_can_be_asked_for(self):
        self.when("visited", event_detail="*medium=email;*")
        self.launch()
        token = self.token(self.ann)
        self.tell("/a?utm_medium=social", token=token)
        self.assert_moved(self.ann, moved=False)
        self.new_page()
        self.tell(
            "/a?utm_medium=Email&utm_source=x", token=token, referrer="https://m.example/?q=1"
        )
        self.assert_moved(self.ann)
        view = self.visitor().page_view_ids.sorted("id")[-1]
        self.assertEqual((view.utm_medium, view.referrer), ("Email", "https://m.example/"))

    def test_report_that_comes_again_changes_nothing(self):
        self.when("custom", event_times=2)
        self.campaign.reentry = "ended"
        self.launch()
        quiz = {"n": 1, "kind": "custom", "detail": "quiz"}
        for _ in range(3):
            self.tell("/a", quiz, quiz, token=self.token(self.ann), seconds=3)
        self.assertEqual(
            sorted(self.events(self.ann)),
            sorted(["visited", "pages", "stayed", "stayed_site", "custom"]),
        )
        self.assertEqual(len(self.visitor().page_view_ids), 1)
        self.assert_moved(self.ann, moved=False)

    def test_one_report_is_a_fixed_number_of_statements(self):
        self.launch()
        token = self.token(self.ann)
        visitors = self.env["flow.visitor"]

        def report(count):
            events = [{"n": n + 1, "kind": "custom", "detail": "x"} for n in range(count)]
            said = {"visitor": self.browser, "view": secrets.token_hex(12), "url": SITE + "/x"}
            return visit_report.read(
                json.dumps({**said, "token": token, "events": events}).encode()
            )

        visitors._take(report(1))
        self.env.flush_all()
        counts = []
        for number in (1, 50):
            before = self.env.cr.sql_log_count
            visitors._take(report(number))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    # -- who comes in ----------------------------------------------------------------------------

    def test_unknown_person_comes_in_by_a_form(self):
        self.campaign.audience_id = False
        self.env["flow.entry"].create(
            {"campaign_id": self.campaign.id, "event_kind": "submitted", "event_detail": "offer"}
        )
        self.launch()
        self.tell("/pricing")
        self.new_page()
        form = {"n": 1, "kind": "submitted", "detail": "offer", "email": "Dora@Example.com",
                "name": "Dora", "phone": "123"}  # fmt: skip
        self.tell("/offer", form)
        dora = self.env["res.partner"].search([("email_normalized", "=", "dora@example.com")])
        self.assertEqual((dora.name, dora.phone), ("Dora", "123"))
        self.assertEqual(self.campaign.participant_ids.partner_id, dora)
        self.assertEqual(self.events(dora).count("visited"), 2, "the history comes along")
        self.run_engine()
        self.assertEqual(self.state_of(dora), "Start")

    def test_contact_that_is_there_is_never_changed(self):
        self.launch()
        form = {"n": 1, "kind": "submitted", "email": "ann@example.com", "name": "Evil"}
        self.tell("/offer", form)
        self.ann.active = False
        self.browser = secrets.token_hex(12)
        self.tell("/offer", form)
        everybody = self.env["res.partner"].with_context(active_test=False)
        self.assertEqual(everybody.search([("email_normalized", "=", "ann@example.com")]), self.ann)
        self.assertEqual(self.ann.name, "Ann")

    def test_unknown_person_stays_an_address_where_that_is_set(self):
        self.env["res.config.settings"].create({"flow_tracker_new_contacts": False}).execute()
        self.tell("/a", {"n": 1, "kind": "submitted", "email": "dora@example.com"})
        self.assertEqual(self.visitor().email, "dora@example.com")
        self.assertFalse(self.visitor().partner_id)
        self.assertFalse(self.env["res.partner"].search([("email", "=", "dora@example.com")]))

    def test_stay_lets_in_once_however_long_it_lasts(self):
        self.campaign.reentry = "ended"
        over = self.state("Over", "done")
        self.transition(self.start, over, "manual")
        self.env["flow.entry"].create(
            {"campaign_id": self.campaign.id, "event_kind": "stayed", "event_least": 10}
        )
        self.campaign.audience_id = False
        self.launch()
        token = signature.user_token(self.env, self.ann.id)
        self.tell(token=token)
        for seconds in (10, 20, 30):
            self.pass_time(seconds=10)
            self.tell(token=token, seconds=seconds)
            if seconds == 10:
                self.participant(self.ann).action_move(over.id)
        self.assertEqual(len(self.participant(self.ann)), 1)

    # -- who is not listened to ------------------------------------------------------------------

    def test_bad_reports_are_refused_without_a_word_in_the_log(self):
        with self.assertNoLogs("odoo.addons.marketing_campaign_flow", "DEBUG"):
            self.post("nonsense", 400)
            self.post("", 400)
            self.post(b"\xff\x00", 400)
            self.post("x" * (visit_report.MOST_BYTES + 1), 413)
            self.tell(status=403, headers={"Origin": "https://evil.example"})
            self.tell(status=403, url="https://evil.example/")
            self.tell(status=400, url="file:///etc/passwd")
        self.assertFalse(self.visitor())

    def test_page_of_our_own_host_needs_no_list(self):
        self.env["ir.config_parameter"].set_param(settings.SITES_PARAMETER, "")
        self.tell(status=403)
        self.tell(url=f"{self.base_url()}/x", headers={"Origin": "null"})
        self.assertTrue(self.visitor())

    def test_any_site_may_ask_without_a_preflight(self):
        self.assertEqual(self.tell().headers["Access-Control-Allow-Origin"], "*")
        answer = self.opener.options(f"{self.base_url()}/flow/t", headers={"Origin": SITE})
        self.assertEqual(answer.status_code, 204)
        self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "*")

    def test_who_tells_too_much_is_not_listened_to(self):
        with patch.object(tracker, "REPORTS_OF_VISITOR", Limiter(1)):
            self.tell("/a")
            self.tell("/b", status=429)
        with patch.object(tracker, "REPORTS_OF_ADDRESS", Limiter(1)):
            self.tell("/c")
            self.tell("/d", status=429)
        with patch.object(tracker, "NEW_CONTACTS_OF_ADDRESS", Limiter(0)):
            self.tell("/e", {"n": 1, "kind": "submitted", "email": "zoe@example.com"})
            self.assertFalse(self.env["res.partner"].search([("email", "=", "zoe@example.com")]))

    def test_machines_and_who_does_not_want_it_are_not_tracked(self):
        for headers in (
            {"User-Agent": "Googlebot/2.1"},
            {"DNT": "1"},
            {"Sec-GPC": "1"},
        ):
            self.tell(headers=headers)
            self.assertFalse(self.visitor())
        self.env["res.config.settings"].create({"flow_tracker_privacy": False}).execute()
        self.tell(headers={"DNT": "1"})
        self.assertTrue(self.visitor())

    # -- the script, settings, and who sees what ---------------------------------------------------

    def test_script_knows_the_settings(self):
        self.env["res.config.settings"].create({"flow_tracker_consent": True}).execute()
        response = self.url_open("/flow/tracker.js")
        self.assertIn('{"consent": true, "privacy": true}', response.text)
        self.assertIn("text/javascript", response.headers["Content-Type"])
        again = self.url_open(
            "/flow/tracker.js", headers={"If-None-Match": response.headers["ETag"]}
        )
        self.assertEqual(again.status_code, 304)
        self.assertNotIn("Set-Cookie", response.headers)

    def test_settings_show_the_line_for_the_website(self):
        wizard = self.env["res.config.settings"].create({})
        self.assertTrue(wizard.flow_tracker_privacy and wizard.flow_tracker_new_contacts)
        self.assertFalse(wizard.flow_tracker_consent)
        self.assertIn("/flow/tracker.js", wizard.flow_tracker_snippet)
        arch = wizard.get_view(view_type="form")["arch"]
        self.assertIn("flow_tracker_snippet", arch)

    def test_old_visits_are_forgotten(self):
        self.env["res.config.settings"].create({"flow_tracker_keep_days": 10}).execute()
        self.launch()
        self.tell("/a", {"n": 1, "kind": "custom", "detail": "x"}, token=self.token(self.ann))
        self.pass_time(days=9)
        self.env["flow.visitor"]._gc_visits()
        self.assertTrue(self.visitor().page_view_ids)
        self.pass_time(days=2)
        self.env["flow.visitor"]._gc_visits()
        self.assertFalse(self.visitor())
        self.assertFalse(self.env["flow.page.view"].search([]))
        self.assertIn("visited", self.events(self.ann), "what counts for the campaign stays")

    def test_other_companies_see_nothing_of_a_visitor(self):
        self.launch()
        self.tell("/a", {"n": 1, "kind": "custom", "detail": "x"}, token=self.token(self.ann))
        visitor = self.visitor()
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="marketing_campaign_flow.group_flow_user",
            company_id=other.id,
            company_ids=other.ids,
        )
        outsider = new_test_user(self.env, "outsider", groups="base.group_user")
        for record in (visitor, visitor.page_view_ids, visitor.event_ids):
            record.with_user(self.user).read()
            for nobody in (stranger, outsider):
                with self.assertRaises(AccessError):
                    record.with_user(nobody).read()
            with self.assertRaises(AccessError):
                record.with_user(self.user).unlink()
        with self.assertRaises(AccessError):
            visitor.with_user(self.user).read(["key"])

    def test_event_of_one_companys_link_does_not_count_in_another(self):
        other = self.env["res.company"].create({"name": "Other"})
        elsewhere = self.campaign.copy({"company_id": other.id, "user_id": self.env.uid})
        self.launch()
        self.env.cr.execute(
            "INSERT INTO flow_participant (campaign_id, state_id, status, visit, run_number,"
            " res_id, partner_id, name, entered_at)"
            " SELECT %s, id, 'held', 0, 1, %s, %s, 'Ann', now() FROM flow_state"
            "  WHERE workflow_id = %s LIMIT 1",
            [elsewhere.id, self.ann.id, self.ann.id, elsewhere.workflow_id.id],
        )
        self.env.cr.execute(
            "UPDATE flow_campaign SET status='running' WHERE id = %s", [elsewhere.id]
        )
        self.tell(token=self.token(self.ann))
        self.env.invalidate_all()
        self.assertFalse(elsewhere.participant_ids.event_ids)
        self.assertTrue(self.events(self.ann))
