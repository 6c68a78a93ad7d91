"""Enrolments: people whom somebody puts into a campaign, by hand, by an import or by a program."""

from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..engine import enrol

NO_REST = timedelta(0)  # a person knows what they do


class FlowEnrolment(models.Model):
    _name = "flow.enrolment"
    _description = "Campaign Enrolment"
    _inherit = ["flow.contact.finder"]
    _order = "id desc"

    campaign_id = fields.Many2one(
        "flow.campaign",
        required=True,
        ondelete="cascade",
        index=True,
        domain="[('status', 'in', ('running', 'paused'))]",
    )
    company_id = fields.Many2one(related="campaign_id.company_id", store=True)
    target_model = fields.Selection(related="campaign_id.target_model")
    res_id = fields.Many2oneReference(
        string="Contact ID", model_field="target_model", readonly=True
    )
    result = fields.Selection(
        [
            ("entered", "Came in"),
            ("inside", "Not now: is in, or may not come in again"),
            ("held_out", "Is held out, to be compared"),
            ("unknown", "Is no contact of the responsible"),
        ],
        readonly=True,
    )

    @api.model_create_multi
    def create(self, vals_list):
        enrolments = super().create(vals_list)
        for campaign in enrolments.campaign_id:
            enrolments.filtered(lambda one, c=campaign: one.campaign_id == c)._enrol(campaign)
        return enrolments

    def write(self, vals):
        if not self.env.su and vals.keys() & {
            "campaign_id", "partner_id", "email", "res_id", "result",
        }:  # fmt: skip
            raise ValidationError(self.env._("An enrolment has happened; create another one."))
        return super().write(vals)

    def _enrol(self, campaign):
        """Let these people in, all at once, and note what became of each."""
        self._find_contacts(self.env[campaign.target_model])
        ids = [one.res_id for one in self if one.res_id]
        # Only whom both see: who asks for it, and the campaign's responsible, who acts.
        wanted = Domain("id", "in", self.env[campaign.target_model].search([("id", "in", ids)]).ids)
        contacts = campaign._as_responsible().env[campaign.target_model]
        visible = set(contacts.search(wanted).ids)
        # sudo: participants are kept by the system; who may enrol is said by the rights on
        # enrolments, and who can be was looked up
        system = self.sudo().env
        came = enrol.add(
            system, campaign.sudo(), contacts._search(wanted), ids, rest=NO_REST, drawn=False
        )
        if came is None:
            raise ValidationError(self.env._("“%s” is not running.", campaign.name))
        came_in, _were_in = came
        held_out = {
            run.res_id
            for run in system["flow.participant"].search(
                [
                    ("campaign_id", "=", campaign.id),
                    ("res_id", "in", ids),
                    ("end_kind", "=", "held_out"),
                ]
            )
        }
        results = defaultdict(self.browse)
        for one in self:
            known = "held_out" if one.res_id in held_out else "inside"
            known = "entered" if one.res_id in came_in else known
            results[known if one.res_id in visible else "unknown"] |= one
        for result, enrolments in results.items():
            enrolments.sudo().result = result  # sudo: nobody else may say what happened
        campaign._wake_engine()
