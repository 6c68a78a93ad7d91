"""Templates: designs of campaigns to start from."""

import json

from odoo import fields, models
from odoo.exceptions import ValidationError

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

    def _compute_step_words(self):
        for template in self:
            states = template._parsed().get("states", [])
            template.step_words = " → ".join(state.get("name", "") for state in states)

    def _parsed(self):
        self.ensure_one()
        try:
            document = json.loads(self.document)
        except ValueError:
            document = None
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ValidationError(
                self.env._("“%s” has no design that Campaign Flow understands.", self.name)
            )
        return document

    def action_use(self):
        """Open a new campaign made from this template."""
        self.ensure_one()
        campaign = self.env["flow.campaign"]._from_document(self._parsed(), name=self.name)
        return {
            "type": "ir.actions.act_window",
            "res_model": "flow.campaign",
            "res_id": campaign.id,
            "view_mode": "form",
        }


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
