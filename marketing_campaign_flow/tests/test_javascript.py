"""The unit tests of our components, run by Odoo's own runner in a real browser."""

import urllib.parse

from odoo.tests import HttpCase, no_retry, tagged

SUITE = "@marketing_campaign_flow"


def _id_of(name: str) -> str:
    """Return how Odoo's runner names a suite in an address."""
    number = 0
    for character in name:
        number = ((number << 5) - number + ord(character)) & 0xFFFFFFFF
    return f"{number:08x}"


@tagged("post_install", "-at_install")
class TestJavaScript(HttpCase):
    @no_retry
    def test_components(self):
        options = {"preset": "desktop", "timeout": "60000", "loglevel": "2", "id": _id_of(SUITE)}
        self.browser_js(
            f"/web/tests?headless&{urllib.parse.urlencode(options)}",
            "",
            login="admin",
            timeout=600,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=lambda message: "[HOOT]" not in message,
        )
