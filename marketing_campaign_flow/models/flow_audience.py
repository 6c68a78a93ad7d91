"""Audiences: whom campaigns address."""

import ast
import contextlib
import random

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


class AudienceError(UserError):
    """An audience that cannot be worked out, with the reason in words."""


class FlowAudience(models.Model):
    _name = "flow.audience"
    _description = "Campaign Audience"
    _inherit = ["mail.thread"]
    _order = "name, id"

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", default=lambda self: self.env.company, help="Empty: shared by all companies."
    )
    target_model = fields.Selection(
        [("res.partner", "Contacts"), ("mailing.contact", "Mailing Contacts")],
        string="Made of",
        default="res.partner",
        required=True,
        help="Contacts are the people of the Contacts app; mailing contacts are addresses that"
        " exist on mailing lists only.",
    )
    use_criteria = fields.Boolean(
        string="By criteria", help="Everybody who matches a filter, now and in future."
    )
    domain = fields.Char(string="Criteria", default="[]")
    criterion_ids = fields.One2many(
        "flow.criterion",
        "audience_id",
        string="Criteria in plain words",
        domain=[("parent_id", "=", False)],
        copy=True,
    )
    campaign_ids = fields.One2many("flow.campaign", "audience_id", string="Campaigns")
    seed = fields.Integer(
        default=lambda self: random.randrange(1, 2**31),  # noqa: S311 (no secret)
        readonly=True,
        copy=False,
        help="What the draw goes by when the audience is limited to a number of people.",
    )

    @api.model
    def _target_models(self):
        """Return what campaigns can be about, as a selection; other addons add to the field."""
        return self._fields["target_model"]._description_selection(self.env)

    @api.constrains("domain", "use_criteria", "target_model")
    def _check_domain(self):
        for audience in self.filtered("use_criteria"):
            audience._check_finds(
                type(self)._filter,
                self.env._("The criteria of the audience “%(audience)s” do not work: %(reason)s"),
            )

    def _check_finds(self, criteria, sentence):
        """Refuse a domain by which nothing can be searched, with the rights of whoever saves it.

        :param criteria: the method that returns it
        :param sentence: what is said, with places for the ``audience`` and the ``reason``
        :raises ValidationError: with that sentence
        """
        asked = self.sudo(False)  # Odoo checks constraints with all rights
        try:
            asked._target().search(criteria(asked), limit=1)
        except Exception as error:
            raise ValidationError(sentence % {"audience": self.name, "reason": error}) from error

    @api.constrains("target_model")
    def _check_target_model(self):
        self.campaign_ids._check_emails_fit_the_audience()

    def write(self, vals):
        if "target_model" in vals:
            self.filtered(
                lambda audience: audience.target_model != vals["target_model"]
            )._check_may_be_made_of_others()
        return super().write(vals)

    def _check_may_be_made_of_others(self):
        """Refuse to change the kind of people below a campaign that was launched.

        :raises UserError: naming the campaign
        """
        # sudo: also campaigns of other companies would lose their people
        campaigns = self.sudo().with_context(active_test=False).campaign_ids
        launched = campaigns.filtered(lambda campaign: campaign.status != "draft")
        if launched:
            raise UserError(
                self.env._(
                    "The campaign “%s” has been launched for this audience: make another audience"
                    " for another kind of people.",
                    launched[0].name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        """Audiences that others are made of, or leave out, stay: those would silently change."""
        self._refuse_to_lose(self, ("source_audience_ids", "excluded_audience_ids"))
        # sudo: also campaigns of other companies would lose their people
        self._refuse_for(self, self.sudo().with_context(active_test=False).campaign_ids)

    @api.model
    def _refuse_to_lose(self, records, field_names):
        """Refuse to delete what an audience is made of, or leaves out.

        :param records: what is deleted
        :param field_names: the fields of audiences that may refer to them
        :raises UserError: naming the audience
        """
        # sudo: also audiences of other companies, and archived ones, would change
        audiences = self.sudo().with_context(active_test=False)
        domain = Domain.OR(Domain(name, "in", records.ids) for name in field_names)
        if records._name == self._name:
            domain &= Domain("id", "not in", records.ids)
        self._refuse_for(records, audiences.search(domain, limit=1))

    def _refuse_for(self, records, users):
        if users:
            raise UserError(
                self.env._(
                    "“%(user)s” uses %(what)s. Take it out there first, or archive it: what is"
                    " archived goes on working where it is used.",
                    user=users[0].name,
                    what=", ".join(f"“{name}”" for name in records.mapped("display_name")),
                )
            )

    def _target(self):
        """Return the model of the contacts in this audience."""
        return self.env[self.target_model]

    def _criteria(self):
        """Return the domain of those who match the filter and all blocks of criteria.

        :raises UserError: when a block cannot be looked at any more; see `flow.criterion`
        """
        company = self.company_id or self.env.company
        return self._filter() & self.criterion_ids.with_company(company)._all_of()

    def _filter(self):
        return Domain(ast.literal_eval((self.domain or "[]").strip()))

    @contextlib.contextmanager
    def _explaining(self):
        """Say of which audience it is, and why, when people cannot be worked out.

        :raises AudienceError: instead of what goes wrong
        """
        try:
            yield
        except AudienceError:
            raise
        except (UserError, ValueError, SyntaxError, KeyError, TypeError) as error:
            reason = error.args[0] if error.args else type(error).__name__
            raise AudienceError(
                self.env._(
                    "The audience “%(audience)s” cannot be worked out: %(reason)s",
                    audience=self.sudo().name,  # sudo: a name, which may be what cannot be read
                    reason=reason,
                )
            ) from error
