"""What an administrator may set for all sending: how often, when, and by which clock."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.cap import MOST, PARAMETERS
from ..engine.settings import QUIET, QUIET_FROM, QUIET_TO, ZONE_OF_COMPANY

RULES = {
    "flow_quiet": QUIET,
    "flow_quiet_from": QUIET_FROM,
    "flow_quiet_to": QUIET_TO,
}
MESSAGES, DAYS = PARAMETERS


class ResCompany(models.Model):
    _inherit = "res.company"

    flow_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working calendar of new actions",
        domain="[('flexible_hours', '=', False)]",
        ondelete="set null",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    flow_cap_email = fields.Integer(
        string="Emails to one address",
        config_parameter=MESSAGES % "email",
        help="Of all campaigns, mailings and what is sent by hand together. 0: no limit.",
    )
    flow_cap_email_days = fields.Integer(
        string="Within days (emails)", config_parameter=DAYS % "email", default=7
    )
    flow_quiet = fields.Boolean(
        string="Quiet hours",
        help="No message leaves in these hours of the contact's time zone; it waits.",
    )
    flow_quiet_from = fields.Float(string="Quiet from")
    flow_quiet_to = fields.Float(string="Quiet to")
    flow_zone = fields.Selection(
        [
            ("contact", "The contact's, else the responsible's, else the company's"),
            ("company", "The company's, for everybody"),
        ],
        string="Sending time zone",
        help="By which clock opening hours, quiet hours and days are counted.",
    )
    flow_calendar_id = fields.Many2one(related="company_id.flow_calendar_id", readonly=False)

    @api.constrains("flow_cap_email", "flow_cap_email_days")
    def _check_flow_cap(self):
        for wizard in self:
            wizard._check_cap(wizard.flow_cap_email, wizard.flow_cap_email_days)

    @api.model
    def _check_cap(self, messages, days):
        """Refuse a frequency cap that nobody can keep.

        :raises ValidationError: for numbers beyond the bounds
        """
        if not 0 <= messages <= MOST or (messages and not 1 <= days <= MOST):
            raise ValidationError(
                self.env._(
                    "A frequency cap is up to %(most)s messages within up to %(most)s days.",
                    most=MOST,
                )
            )

    @api.constrains("flow_quiet", "flow_quiet_from", "flow_quiet_to")
    def _check_flow_quiet(self):
        for wizard in self.filtered("flow_quiet"):
            hours = wizard.flow_quiet_from, wizard.flow_quiet_to
            if any(not 0 <= hour <= 24 for hour in hours) or hours[0] % 24 == hours[1] % 24:
                raise ValidationError(
                    self.env._(
                        "Quiet hours begin and end at different hours between 0:00 and 24:00."
                    )
                )

    @api.model
    def get_values(self):
        rules = {name: rule.value(self.env) for name, rule in RULES.items()}
        zone = "company" if ZONE_OF_COMPANY.value(self.env) else "contact"
        return {**super().get_values(), **rules, "flow_zone": zone}

    def set_values(self):
        result = super().set_values()
        for name, rule in RULES.items():
            if self[name] != rule.value(self.env):
                rule.set(self.env, self[name])
        of_company = self.flow_zone == "company"
        if of_company != ZONE_OF_COMPANY.value(self.env):
            ZONE_OF_COMPANY.set(self.env, of_company)
        return result
