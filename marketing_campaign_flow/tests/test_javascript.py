"""The unit tests of our JavaScript, by Odoo's runner in a browser."""

import odoo.tests
from odoo.addons.web.tests import test_js


@odoo.tests.tagged("post_install", "-at_install")
class TestJavaScript(odoo.tests.HttpCase):
    def test_unit_tests(self):
        suite = test_js.HOOTCommon._generate_hash(self, "@marketing_campaign_flow")
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=60000&id={suite}",
            "",
            "",
            login="admin",
            timeout=1800,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=test_js.unit_test_error_checker,
        )
