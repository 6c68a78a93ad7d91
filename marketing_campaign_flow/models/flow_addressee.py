"""What a contact lends to the texts that are written to it: placeholders anybody may use.

Odoo lets people who may not edit templates use a short list of fields as placeholders. What is
added here are plain fields of the contact itself, and who looks after it.
"""

from odoo import api, fields, models
from odoo.fields import Domain

# In the context, the id of the campaign that writes.
WRITTEN_BY = "flow_written_by"

# Whoever may read these fields of a contact may have them in a text. With the fields on the way;
# without those whose values are no words, such as codes and dates.
OWN_FIELDS = (
    "email", "phone", "street", "zip", "city", "country_id", "country_id.name", "state_id",
    "state_id.name", "function", "company_name", "first_name", "last_name", "title_id",
    "title_id.name", "website", "parent_id", "parent_id.name", "company_id",
    "company_id.name", "age", "flow_points", "flow_salesperson_name",
    "flow_signature",
)  # fmt: skip


class FlowAddressee(models.AbstractModel):
    _name = "flow.addressee"
    _description = "Addressee of Campaigns"

    # sudo (compute_sudo): name and signature of a colleague are what every recipient gets to see
    flow_salesperson_name = fields.Char(
        string="Salesperson (name)",
        compute="_compute_flow_salesperson",
        search="_search_flow_salesperson",
        compute_sudo=True,
        help="Who looks after the contact; in an email of a campaign its responsible, if nobody.",
    )
    flow_signature = fields.Html(
        string="Signature of the salesperson",
        compute="_compute_flow_salesperson",
        search="_search_flow_salesperson",
        compute_sudo=True,
        help="Who looks after the contact; in an email of a campaign its responsible, if nobody.",
    )

    @api.depends(lambda self: ("user_id",) if "user_id" in self._fields else ())
    @api.depends_context(WRITTEN_BY)
    def _compute_flow_salesperson(self):
        for contact, user in self._flow_salespeople().items():
            contact.flow_salesperson_name = user.name
            contact.flow_signature = user.signature

    def _search_flow_salesperson(self, operator, value):
        """Say for which contacts the placeholder is empty, where there is no responsible."""
        if operator != "in" or any(value):
            return NotImplemented
        if self.env.context.get(WRITTEN_BY):
            return Domain.FALSE
        return Domain("user_id", "=", False) if "user_id" in self._fields else Domain.TRUE

    def _flow_salespeople(self):
        """Return who looks after each of the contacts, as ``{contact: res.users}``.

        Where nobody does, or somebody who has left: the responsible of the campaign that writes.
        """
        nobody = self.env["res.users"]
        campaign = self.env["flow.campaign"].browse(self.env.context.get(WRITTEN_BY))
        # sudo: who is responsible is told to the contacts anyway
        fallback = campaign.sudo().user_id.with_env(self.env)
        own = {one: one["user_id"] if "user_id" in self._fields else nobody for one in self}
        # sudo: nothing but whether a colleague of whichever company still works here
        return {one: user if user.sudo().active else fallback for one, user in own.items()}

    @api.model
    def mail_allowed_qweb_expressions(self):
        """Let everybody who writes use plain fields of the contact that they may read."""
        return (
            *super().mail_allowed_qweb_expressions(),
            *(
                f"object.{path}"
                for path in self._flow_placeholder_paths()
                if self._flow_may_read(path)
            ),
        )

    @api.model
    def _flow_placeholder_paths(self):
        """Return the paths of the fields that anybody may use as placeholders.

        Other addons add theirs: of the contact itself, without side effects.
        """
        return OWN_FIELDS

    @api.model
    def _flow_may_read(self, path):
        model = self
        for name in path.split("."):
            field = model._fields.get(name)
            if field is None or not model._has_field_access(field, "read"):
                return False
            model = self.env[field.comodel_name] if field.relational else model
        return True


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "flow.addressee"]


class MailingContact(models.Model):
    _name = "mailing.contact"
    _inherit = ["mailing.contact", "flow.addressee"]
