"""Texts of emails and Odoo's editor: what keeps the one from the other is put right."""

import re

from odoo import api, models

# The editor writes colors and fonts into every element, also into those that stand for a
# placeholder and are never shown; Odoo refuses those to people who may not edit templates.
STYLED_PLACEHOLDER = re.compile(
    r"""(<t(?=\s)(?:[^<>"']|"[^"]*"|'[^']*')*?)\s+style=(?:"[^"]*"|'[^']*')"""
)

# What Odoo's email editor makes of a new email with one block of text; elsewhere it lets nobody
# write. Around it is the theme without colors and fonts of its own.
LAYOUT = (
    '<div data-name="Mailing" class="o_layout oe_unremovable oe_unmovable o_empty_theme">'
    '<div class="container o_mail_wrapper o_mail_regular oe_unremovable">'
    '<div class="row mw-100 mx-0">'
    '<div class="col o_mail_no_options o_mail_wrapper_td bg-white oe_structure">'
    '<section class="s_text_block o_mail_snippet_general" data-snippet="s_text_block"'
    ' data-name="Text" data-vxml="001"><div class="container s_allow_columns">'
    "{}</div></section></div></div></div></div>"
)


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([_without_styled_placeholders(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(_without_styled_placeholders(vals))


class FlowAction(models.Model):
    _inherit = "flow.action"

    @api.model
    def _mailing_from_document(self, message):
        values = super()._mailing_from_document(message)
        text = values.get("body_arch")
        if text and "o_layout" not in text:
            values["body_arch"] = LAYOUT.replace("{}", text)
        return values


def _without_styled_placeholders(vals):
    body = vals.get("body_html")
    if not body or "<t " not in body:
        return vals
    return {**vals, "body_html": STYLED_PLACEHOLDER.sub(r"\1", str(body))}
