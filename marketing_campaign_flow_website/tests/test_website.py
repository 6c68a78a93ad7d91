"""Odoo's website: its pages have the tracker, and its forms count."""

import re
import secrets

from odoo.addons.marketing_campaign_flow.engine import signature
from odoo.addons.marketing_campaign_flow.tests.common import FlowCase
from odoo.tests import HttpCase, new_test_user, tagged

SCRIPT = re.compile(r'<script[^>]*src="/flow/tracker.js"[^>]*>')
# The page's own scripts may still be on their way: the button is pressed until the form has left.
SEND_FORM = """
    (async () => {
        const form = document.querySelector("form:has(.s_website_form_send)");
        form.dataset.successMode = "nothing";
        const hasLeft = () => performance.getEntriesByType("resource")
            .some((entry) => entry.name.includes("/website/form/") && entry.responseEnd);
        while (!hasLeft()) {
            for (const field of form.querySelectorAll("input, textarea")) {
                if (!["hidden", "file", "checkbox", "radio"].includes(field.type)) {
                    field.value = field.type === "email" ? "ann@example.com" : "x";
                }
            }
            form.querySelector(".s_website_form_send").click();
            await new Promise((resolve) => setTimeout(resolve, 2000));
        }
        console.log("test successful");
    })().catch((error) => console.error(error))
"""


@tagged("post_install", "-at_install")
class TestWebsite(FlowCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.hot = cls.state("Hot", "goal")
        cls.website = cls.env["website"].get_current_website()
        cls.env["ir.model"]._get("res.partner").website_form_access = True
        cls.env["ir.model.fields"].formbuilder_whitelist("res.partner", ["name", "email"])

    def script(self):
        page = self.url_open("/")
        page.raise_for_status()
        found = SCRIPT.search(page.text)
        return found and found[0]

    def send_form(self, **values):
        response = self.url_open("/website/form/res.partner", data=values)
        self.env.invalidate_all()
        return response.json()

    def visitor(self, key):
        return self.env["flow.visitor"].search([("key", "=", key)])

    def look(self, key, path="/"):
        """Look at a page, as the script tells it."""
        report = {"visitor": key, "view": secrets.token_hex(12), "url": self.base_url() + path}
        agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"}
        response = self.opener.post(f"{self.base_url()}/flow/t", json=report, headers=agent)
        self.assertEqual(response.status_code, 204, response.text)

    def test_pages_of_strangers_have_the_script_and_name_nobody(self):
        script = self.script()
        self.assertIn('data-forms="marked"', script)
        self.assertNotIn("data-contact", script)
        self.assertNotIn("data-consent", script)

    def test_cookies_bar_asks_first(self):
        self.website.cookies_bar = True
        self.assertIn('data-consent="required"', self.script())

    def test_page_tells_who_has_logged_in(self):
        user = new_test_user(self.env, "portal_user", groups="base.group_portal")
        self.authenticate("portal_user", "portal_user")
        [token] = re.findall(r'data-contact="([^"]+)"', self.script())
        self.assertEqual(signature.visitor(self.env, token), ("login", user.partner_id.id))

    def test_our_own_people_are_not_tracked(self):
        new_test_user(self.env, "staff", groups="base.group_user")
        self.authenticate("staff", "staff")
        self.assertIsNone(self.script())

    def test_form_of_a_participant_moves_it(self):
        self.transition(
            self.start, self.hot, "event", event_kind="submitted", event_detail="res.partner"
        )
        self.launch()
        self.send_form(name="Ann again", email="Ann <ANN@example.com>")
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Hot")
        self.assertEqual(self.state_of(self.bob), "Start")
        self.assertEqual(self.ann.name, "Ann")

    def test_form_lets_an_unknown_person_in_with_what_it_did_before(self):
        self.transition(self.start, self.hot, "manual")
        self.campaign.audience_id = False
        self.env["flow.entry"].create({"campaign_id": self.campaign.id, "event_kind": "submitted"})
        self.launch()
        key = secrets.token_hex(12)
        self.look(key, "/pricing")
        self.assertFalse(self.visitor(key).recognised_by)
        made = self.send_form(name="Dora", email="dora@example.com", flow_visitor=key)
        dora = self.env["res.partner"].browse(made["id"])
        self.assertEqual(self.visitor(key).partner_id, dora)
        self.assertEqual(self.visitor(key).company_id, self.website.company_id)
        participant = self.participant(dora)
        kinds = set(participant.event_ids.mapped("kind"))
        self.assertEqual(kinds, {"submitted", "visited", "pages"})
        self.assertNotIn(key, str(dora.message_ids.mapped("body")), "it is no part of the form")

    def test_browser_tells_whose_form_it_is(self):
        self.transition(self.start, self.hot, "event", event_kind="submitted")
        self.launch()
        self.browser_js("/contactus", SEND_FORM, ready="Boolean(window.flowTracker)", timeout=300)
        self.env.invalidate_all()
        visitor = self.env["flow.visitor"].search([("partner_id", "=", self.ann.id)])
        self.assertEqual(visitor.recognised_by, "form")
        event = self.participant(self.ann).event_ids
        self.assertEqual((event.kind, event.detail), ("submitted", "mail.mail"))
        self.assertTrue(event.url.endswith("/contactus"))
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Hot")

    def test_form_that_fails_does_not_count(self):
        self.transition(self.start, self.hot, "event", event_kind="submitted")
        self.launch()
        response = self.url_open("/website/form/res.users", data={"email": "ann@example.com"})
        self.assertIn("error", response.json())
        self.env.invalidate_all()
        self.assertFalse(self.participant(self.ann).event_ids)

    def test_name_of_a_visitor_that_is_none_is_ignored(self):
        self.transition(self.start, self.hot, "manual")
        self.launch()
        for key in ("x", "' OR 1=1 --", "a" * 500):
            self.assertIn("id", self.send_form(name="A", email="ann@example.com", flow_visitor=key))
            self.assertFalse(self.visitor(key))
        told = self.participant(self.ann).event_ids
        self.assertEqual(len(told.filtered(lambda event: event.kind == "submitted")), 3)

    def test_domains_of_websites_are_our_own(self):
        self.website.domain = "https://www.shop.example"
        self.assertTrue(self.env["flow.visitor"]._is_site("https://www.shop.example/x"))
        self.assertFalse(self.env["flow.visitor"]._is_site("https://shop.example/x"))
