"""Rows that name people, by contact or by address, such as those of an import."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import email_normalize


class FlowContactFinder(models.AbstractModel):
    _name = "flow.contact.finder"
    _description = "Names a Contact"

    # Who inherits it has `res_id` too, and the `target_model` that it is of.
    partner_id = fields.Many2one(
        "res.partner", string="Contact", ondelete="cascade", index="btree_not_null"
    )
    email = fields.Char(
        help="In the place of a contact: who has this address. Nobody has it: a contact is created."
    )
    name = fields.Char(help="Of a contact that is created.")

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._check_who()
        return rows

    def _check_who(self):
        for row in self:
            if not (row.partner_id or row.email or row.res_id):
                raise ValidationError(self.env._("Say who it is: a contact or an address."))
            if row.email and not email_normalize(row.email):
                raise ValidationError(self.env._("“%s” is no email address.", row.email))

    def _find_contacts(self, model, create=True):
        """Note which contact each row names.

        :param model: the model of the contacts
        :param create: make contacts of addresses that nobody has
        """
        by_address = self.filtered(lambda row: not (row.partner_id or row.res_id))
        addresses = {email_normalize(row.email): row for row in reversed(by_address)}
        known = {}
        for contact in model.search([("email_normalized", "in", list(addresses))], order="id desc"):
            known[contact.email_normalized] = contact.id
        if create:
            missing = [address for address in addresses if address not in known]
            created = model.create(
                [{"name": addresses[a].name or a, model._primary_email: a} for a in missing]
            )
            known |= dict(zip(missing, created.ids, strict=True))
        for row in self.filtered(lambda one: not one.res_id):
            if row in by_address:
                res_id = known.get(email_normalize(row.email))
            elif model._name == "res.partner":
                res_id = row.partner_id.id
            else:
                res_id = self._same_address(model, row.partner_id).id
            row.sudo().res_id = res_id  # sudo: found out by the system; nobody else may say it

    def _same_address(self, model, partner):
        """Return the contact of another kind that has the address of a contact."""
        email = partner.email_normalized
        return model.search([("email_normalized", "=", email)], limit=1) if email else model
