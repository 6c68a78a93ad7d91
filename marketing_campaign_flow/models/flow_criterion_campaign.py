"""Criteria: where people are in campaigns."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import sets

CONTACTS = "SELECT p.partner_id FROM flow_participant p WHERE p.id IN %(runs)s"
# Records of other models took part themselves, or their address did.
RECORDS = """
    SELECT p.res_id FROM flow_participant p WHERE p.id IN %(own)s
    UNION ALL
    SELECT c.id FROM %(table)s c JOIN flow_participant p ON p.email_key = c.email_normalized
     WHERE p.id IN %(runs)s
"""


class FlowCriterion(models.Model):
    _inherit = "flow.criterion"

    kind = fields.Selection(
        selection_add=[("participation", "Takes part in a campaign")],
        ondelete={"participation": "set default"},
    )
    participation = fields.Selection(
        [
            ("in", "is in"),
            ("state", "is in a state of"),
            ("was", "has finished"),
            ("goal", "reached the goal of"),
            ("ever", "was ever in"),
        ],
        string="The contact",
        default="in",
        help="Does not hold, with “was ever in”: has never been in it.",
    )
    flow_state_id = fields.Many2one(
        "flow.state",
        string="In the state",
        ondelete="set null",
        domain="[('workflow_id.campaign_id', '=', campaign_id),"
        " ('workflow_id.status', '=', 'published')]",
    )

    def _domain_participation(self):
        runs = self._runs()
        participants = self.env["flow.participant"]
        found = participants._search(runs).subselect()
        participants.flush_model()
        if self.target_model == "res.partner":
            return sets.among(SQL(CONTACTS, runs=found))
        of_model = Domain("campaign_id.audience_id.target_model", "=", self.target_model)
        own = participants._search(runs & of_model)
        return sets.among(
            SQL(
                RECORDS,
                own=own.subselect(),
                runs=found,
                table=self._target_table(),
            )
        )

    def _runs(self):
        """Return the domain of the runs that are meant."""
        runs = Domain("end_kind", "!=", "held_out")
        if self.campaign_scope == "one" or self.participation == "state":
            runs &= Domain("campaign_id", "=", self.campaign_id.id)
        match self.participation:
            case "in":
                runs &= Domain("status", "!=", "ended")
            case "state":  # by its key, which is the same in each version of the workflow
                runs &= Domain("status", "!=", "ended")
                runs &= Domain("state_id.key", "=", self.sudo().flow_state_id.key)  # sudo: a key
            case "was":
                runs &= Domain("status", "=", "ended")
            case "goal":
                runs &= Domain("end_kind", "=", "goal")
        if since := self._since():
            moment = "ended_at" if self.participation in ("was", "goal") else "started_at"
            runs &= Domain(moment, ">=", since)
        return runs

    def _gap_participation(self):
        self.env["flow.participant"].check_access("read")
        gap = self._gap_unless(self.participation) or self._gap_in_scope()
        if self.participation == "state":
            gap = gap or self._gap_unless(
                self.campaign_id._filtered_access("read") and self.flow_state_id
            )
        return gap

    def _words_participation(self):
        campaign = self._names(self.campaign_id) or "…"
        if self.campaign_scope == "any" and self.participation != "state":
            campaign = self.env._("any campaign")
        else:
            campaign = self.env._("“%s”", campaign)
        match self.participation:
            case "in":
                words = self.env._("Is in %s", campaign)
            case "state":
                state = self._names(self.flow_state_id) or "…"
                words = self.env._(
                    "Is in %(state)s of %(campaign)s", state=state, campaign=campaign
                )
            case "was":
                words = self.env._("Has finished %s", campaign)
            case "goal":
                words = self.env._("Reached the goal of %s", campaign)
            case _:
                words = self.env._("Was ever in %s", campaign)
        return self._says(self._period_words(words))

    @api.model
    def _icons(self):
        return {**super()._icons(), "participation": "fa-random"}
