from odoo import api, fields, models

FORGET = "DELETE FROM flow_held_address WHERE held_at < now() AT TIME ZONE 'UTC' - interval '1 day'"


class FlowHeldAddress(models.Model):
    """Addresses that were written to lately: who does so at the same time meets here, see
    `engine.cap`."""

    _name = "flow.held.address"
    _description = "Held Address"
    _log_access = False
    _rec_name = "address"

    channel = fields.Char(required=True, readonly=True)
    address = fields.Char(required=True, readonly=True)
    held_at = fields.Datetime(required=True, readonly=True)

    _once = models.Constraint("UNIQUE(channel, address)", "An address is held once.")

    @api.autovacuum
    def _forget(self):
        """No message takes a day to leave."""
        self.env.cr.execute(FORGET)
