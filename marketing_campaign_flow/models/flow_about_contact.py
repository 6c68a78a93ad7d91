"""Rows that name contacts are for those who may see the contacts."""

from functools import partial

from odoo import api, models
from odoo.fields import Domain


class FlowAboutContact(models.AbstractModel):
    """Of rows about contacts, one reads those whose contact one may read; so nobody learns from
    the row of a list, or from how many rows there are, what rules on contacts keep from them."""

    _name = "flow.about.contact"
    _description = "Tells About a Contact"

    @api.model
    def _about_seen(self):
        """Return the domain of the rows about contacts that the current user may see."""
        return Domain("partner_id", "in", self._seen_ids("res.partner"))

    @api.model
    def _named_by_audience_seen(self):
        """Return the same of rows that name records of the kind that their audience is made of."""
        return Domain.OR(
            Domain("audience_id.target_model", "=", model)
            & Domain("res_id", "in", self._seen_ids(model))
            for model, _label in self.env["flow.audience"]._target_models()
            if self.env[model].has_access("read")
        )

    @api.model
    def _seen_ids(self, model):
        """Return the `Query` of the records of a model, also archived ones, that the current user
        may see."""
        return self.env[model]._search(Domain.TRUE, active_test=False)

    @api.model
    def _search(self, domain, *args, bypass_access=False, **options):
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & self._about_seen()
        return super()._search(domain, *args, bypass_access=bypass_access, **options)

    def _check_access(self, operation):
        if refused := super()._check_access(operation):
            return refused
        if self.env.su or not any(self._ids) or operation == "create":
            return None
        # sudo: the rows themselves may be read, as was just found; whose they are is asked here
        mine = self.sudo()._search(Domain("id", "in", self.ids) & self._about_seen())
        if hidden := self - self.browse(mine):
            rules = self.env["ir.rule"]
            return hidden, partial(rules._make_access_error, operation, hidden)
        return None
