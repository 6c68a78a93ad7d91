"""Mail servers that could not be reached."""

from odoo import fields, models


class FlowMailOutage(models.Model):
    _name = "flow.mail.outage"
    _description = "Mail Server Outage"
    _log_access = False
    _order = "retry_at desc"
    _rec_name = "error"

    mail_server_id = fields.Many2one(
        "ir.mail_server",
        ondelete="cascade",
        readonly=True,
        help="Empty: the server that Odoo chooses by the sender.",
    )
    failures = fields.Integer(readonly=True)
    retry_at = fields.Datetime(string="Next attempt", readonly=True)
    error = fields.Char(readonly=True)

    # One row per server; workers that fail at once meet here.
    _one_per_server = models.UniqueIndex("(COALESCE(mail_server_id, 0))")
