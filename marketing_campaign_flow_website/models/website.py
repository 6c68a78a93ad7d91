from odoo import models
from odoo.addons.marketing_campaign_flow.engine import signature


class Website(models.Model):
    _inherit = "website"

    def _flow_is_tracked(self):
        """Return whether the visitor of a page is somebody to be tracked: not one of us."""
        return not self.env.user._is_internal()

    def _flow_contact_token(self):
        """Return the token that tells the tracker who has logged in; None for strangers.

        Odoo keeps pages for strangers only, so nobody gets the page of another one.
        """
        user = self.env.user
        if user._is_public():
            return None
        return signature.user_token(self.env, user.partner_id.id)
