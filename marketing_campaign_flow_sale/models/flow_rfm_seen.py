"""Scores are for those who may see the customer."""

from odoo import models


class FlowRfm(models.Model):
    _name = "flow.rfm"
    _inherit = ["flow.rfm", "flow.about.contact"]
