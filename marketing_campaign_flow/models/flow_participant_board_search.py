"""The board of participants while somebody searches by name: people are looked for once.

A part of a name is found by reading all participants, and the columns of a board are read one after
the other. So who is meant is found first, as long as it is not too many. Of too many each column
shows the newest, and those are found soon.
"""

from odoo import api, models
from odoo.fields import Domain

from .flow_participant import _campaign_of

LIKE = {"like", "ilike", "=like", "=ilike", "not like", "not ilike", "not =like", "not =ilike"}
MOST = 50_000


class FlowParticipant(models.Model):
    _inherit = "flow.participant"

    @api.model
    def web_read_group(self, domain, *args, **kwargs):
        return super().web_read_group(self._looked_for(domain), *args, **kwargs)

    @api.model
    def _looked_for(self, domain):
        """Return a domain for the same participants that does not read all of them again."""
        domain = Domain(domain)
        if not any(condition.operator in LIKE for condition in domain.iter_conditions()):
            return domain
        found = list(self._search(domain, limit=MOST + 1))
        if len(found) > MOST:
            return domain
        named = Domain("id", "in", found)
        campaign_id = _campaign_of(domain)
        return Domain("campaign_id", "=", campaign_id) & named if campaign_id else named
