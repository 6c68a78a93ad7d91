"""Templates: designs of campaigns to start from."""

import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from .document_design import design_of
from .flow_campaign_document import FORMAT


class FlowTemplate(models.Model):
    _name = "flow.template"
    _description = "Campaign Template"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    icon = fields.Char(default="fa-random", help="A class of Font Awesome.")
    description = fields.Text(translate=True, help="What it does and for whom, in two sentences.")
    kind = fields.Selection(
        [
            ("time", "Driven by time"),
            ("lead", "Driven by what people do"),
            ("mixed", "Driven by both"),
        ],
        string="Driven by",
        default="mixed",
        required=True,
    )
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    document = fields.Text(required=True, help="The design, as a campaign is exported.")
    step_words = fields.Char(string="Steps", compute="_compute_step_words")

    @api.model_create_multi
    def create(self, vals_list):
        templates = super().create(vals_list)
        templates._check_placeholders()
        return templates

    def write(self, vals):
        result = super().write(vals)
        if "document" in vals:
            self._check_placeholders()
        return result

    def _check_placeholders(self):
        """Refuse placeholders that run code to people who may not edit templates.

        Somebody else, who may, would make a campaign of the design and run the code.

        :raises AccessError: when there are some
        """
        if self.env.su or self.env.user.has_group("mail.group_mail_template_editor"):
            return
        for template in self:
            document = template._parsed()
            model = document.get("target_model") or "res.partner"
            if any(self._runs_code(text, model) for text in _texts_of_messages(document)):
                raise AccessError(
                    self.env._(
                        "The messages of “%s” have placeholders that only those who may edit"
                        " templates can use.",
                        template.name,
                    )
                )

    @api.model
    def _runs_code(self, text, model):
        mixin = self.env["mail.render.mixin"]
        model = model if model in self.env else "res.partner"
        return mixin._has_unsafe_expression_template_inline_template(
            text, model
        ) or mixin._has_unsafe_expression_template_qweb(text, model)

    def _compute_step_words(self):
        for template in self:
            states = design_of(template._design()).states
            template.step_words = " → ".join(str(state.get("name") or "") for state in states)

    def _design(self):
        """Return the document as plain values, None where it is damaged."""
        try:
            return json.loads(self.document or "")
        except ValueError:
            return None

    def _parsed(self):
        """Return the document as plain values.

        :raises ValidationError: when it is none
        """
        self.ensure_one()
        document = self._design()
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ValidationError(
                self.env._("“%s” has no design that Campaign Flow understands.", self.name)
            )
        return document


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def action_save_as_template(self):
        """Keep the design of this campaign, to start others from; open the template."""
        self.ensure_one()
        template = self.env["flow.template"].create(
            {
                "name": self.name,
                "company_id": self.company_id.id,
                "document": json.dumps(self._to_document(), indent=1, ensure_ascii=False),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "flow.template",
            "res_id": template.id,
            "view_mode": "form",
        }


def _texts_of_messages(part, in_message=False):
    """Yield every text of the messages in a document, however deep they are."""
    if isinstance(part, dict):
        for name, value in part.items():
            yield from _texts_of_messages(value, in_message or name == "email")
    elif isinstance(part, list):
        for value in part:
            yield from _texts_of_messages(value, in_message)
    elif in_message and isinstance(part, str):
        yield part
