from odoo import fields, models


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    # The frequency cap asks what left for a number.
    sms_number = fields.Char(index="btree_not_null")
