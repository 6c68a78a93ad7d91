"""Odoo's clickbot over the menus of the app, as somebody of marketing without technical rights."""

from odoo.tests import HttpCase, new_test_user, tagged

# One app only, with all of its menus, views and filters.
CLICK = """
    odoo.loader.modules.get("@web/webclient/clickbot/clickbot_loader").startClickEverywhere(
        "marketing_campaign_flow.menu_root"
    );
"""


@tagged("post_install", "-at_install")
class TestClickEverywhere(HttpCase):
    allow_end_on_form = True

    def test_every_menu_opens_for_a_marketing_user(self):
        new_test_user(
            self.env,
            "clicking_marta",
            groups="marketing_campaign_flow.group_flow_user,base.group_partner_manager",
        )
        self.browser_js(
            "/odoo",
            CLICK,
            "odoo.isReady === true",
            login="clicking_marta",
            timeout=600,
            success_signal="clickbot test succeeded",
        )
