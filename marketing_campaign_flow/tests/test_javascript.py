"""The browser's side: our HOOT tests, run by Odoo's own runner."""

from odoo.addons.web.tests.test_js import unit_test_error_checker
from odoo.tests import HttpCase, no_retry, tagged


@tagged("post_install", "-at_install")
class TestJavaScript(HttpCase):
    @no_retry
    def test_components(self):
        self.browser_js(
            "/web/tests?headless&loglevel=2&preset=desktop&timeout=60000"
            "&filter=marketing_campaign_flow",
            "",
            "",
            login="admin",
            timeout=600,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=unit_test_error_checker,
        )
