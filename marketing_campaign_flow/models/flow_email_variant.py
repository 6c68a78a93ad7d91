"""Further versions of the email of an action: in other languages, or to be tested against it."""

import uuid

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.variants import MAIN_ARM, Version

# As many as can be told apart by results that emails have.
ARMS = [(letter, letter) for letter in "ABCDEF"]


class FlowEmailVariant(models.Model):
    _name = "flow.email.variant"
    _description = "Version of an Email"
    _order = "action_id, arm, lang_id, id"

    action_id = fields.Many2one("flow.action", required=True, ondelete="cascade", index=True)
    campaign_id = fields.Many2one(related="action_id.campaign_id")
    key = fields.Char(
        required=True,
        default=lambda self: uuid.uuid4().hex[:12],
        readonly=True,
        help="Stable identity across versions of the workflow.",
    )
    arm = fields.Selection(
        ARMS,
        string="Version",
        default=MAIN_ARM,
        required=True,
        help="A is the main email. Other letters are tested against it, each with its own share.",
    )
    lang_id = fields.Many2one(
        "res.lang",
        string="Language",
        ondelete="restrict",
        index="btree_not_null",
        help="Who speaks it gets this email. Empty: whoever has no email in their language.",
    )
    weight = fields.Integer(
        string="Share",
        default=50,
        help="How many get this version, compared with the shares of the others.",
    )
    mailing_id = fields.Many2one(
        "mailing.mailing",
        string="Email",
        required=True,
        ondelete="restrict",
        index=True,
        domain="[('flow_campaign_id', '=', campaign_id)]",
        help="Empty: a copy of the main email, to be written anew.",
    )

    _one_per_language = models.UniqueIndex(
        "(action_id, arm, COALESCE(lang_id, 0))",
        "An email has one text per version and language.",
    )
    _beside_the_main_email = models.Constraint(
        "CHECK(arm <> 'A' OR lang_id IS NOT NULL)",
        "Version A without a language is the main email: choose a language, or another letter.",
    )
    _weight_positive = models.Constraint("CHECK(weight > 0)", "A share is more than nothing.")

    @api.depends("arm", "lang_id.name")
    def _compute_display_name(self):
        several = self.action_id.filtered(lambda action: len(action._arms()) > 1)
        for variant in self:
            names = [variant.lang_id.sudo().name]  # sudo: the name of a language is no secret
            if variant.action_id in several or not variant.lang_id:
                names.insert(0, self.env._("Version %s", variant.arm))
            variant.display_name = ", ".join(filter(None, names))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("mailing_id"):
                action = self.env["flow.action"].browse(vals["action_id"])
                vals["mailing_id"] = action._copy_email(vals.get("arm") or MAIN_ARM).id
        variants = super().create(vals_list)
        variants.action_id._check_draft()
        return variants

    def write(self, vals):
        self.action_id._check_draft()
        return super().write(vals)

    def unlink(self):
        self.action_id._check_draft()
        emails = self.mailing_id
        result = super().unlink()
        emails._flow_unlink_unused()
        return result

    @api.constrains("action_id", "mailing_id")
    def _check_email_fits(self):
        for variant in self:
            if variant.action_id.kind != "email":
                raise ValidationError(self.env._("Only emails have versions."))
            if variant.mailing_id.mailing_model_name != variant.action_id.target_model:
                raise ValidationError(
                    self.env._(
                        "The email “%s” is written for another kind of contact than those of"
                        " the campaign.",
                        variant.mailing_id.subject,
                    )
                )

    def action_preview(self):
        """Open this version as its contacts get it."""
        self.ensure_one()
        return self.mailing_id.action_flow_preview()

    def _version(self):
        """Return the values by which `engine.variants` chooses."""
        return Version(self.arm, self.lang_id.sudo().code or None, self.mailing_id.id)
