"""What an administrator may set for the tracker of websites."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.settings import CONSENT, KEEP_VIEWS, NEW_CONTACTS, PRIVACY, SITES_PARAMETER

FLAGS = {
    "flow_tracker_consent": CONSENT,
    "flow_tracker_privacy": PRIVACY,
    "flow_tracker_new_contacts": NEW_CONTACTS,
}


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    flow_tracker_sites = fields.Char(
        string="Allowed sites",
        config_parameter=SITES_PARAMETER,
        help="Hosts beside Odoo's own, separated by spaces: www.example.com *.example.org. Only"
        " these are listened to, and only links of emails to these tell who follows them.",
    )
    flow_tracker_consent = fields.Boolean(
        string="Ask for consent",
        help="Nothing is stored in the browser before the page calls flowTracker.consent().",
    )
    flow_tracker_privacy = fields.Boolean(
        string="Honour Do Not Track",
        help="Who asks not to be tracked (Do Not Track, Global Privacy Control) is not.",
    )
    flow_tracker_new_contacts = fields.Boolean(
        string="Create contacts from forms",
        help="Somebody unknown who fills in a form of yours becomes a contact. Contacts that are"
        " there are never changed.",
    )
    flow_tracker_keep_days = fields.Integer(
        string="Keep page views (days)",
        config_parameter=KEEP_VIEWS.parameter,
        default=KEEP_VIEWS.default,
        help="Then page views and visitors are deleted. Events of campaigns stay.",
    )
    flow_tracker_snippet = fields.Char(
        string="Line for your website", compute="_compute_flow_tracker_snippet"
    )

    @api.depends("company_id")
    def _compute_flow_tracker_snippet(self):
        for wizard in self:
            address = f"{wizard.get_base_url()}/flow/tracker.js"
            wizard.flow_tracker_snippet = f'<script src="{address}" async></script>'

    @api.constrains("flow_tracker_keep_days")
    def _check_flow_tracker_keep_days(self):
        for wizard in self:
            if not KEEP_VIEWS.lowest <= wizard.flow_tracker_keep_days <= KEEP_VIEWS.highest:
                raise ValidationError(
                    self.env._(
                        "Page views are kept for %(lowest)s to %(highest)s days.",
                        lowest=KEEP_VIEWS.lowest,
                        highest=KEEP_VIEWS.highest,
                    )
                )

    @api.model
    def get_values(self):
        flags = {name: flag.value(self.env) for name, flag in FLAGS.items()}
        return {**super().get_values(), **flags}

    def set_values(self):
        result = super().set_values()
        for name, flag in FLAGS.items():
            if self[name] != flag.value(self.env):
                flag.set(self.env, self[name])
        return result
