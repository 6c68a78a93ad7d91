"""What becomes of leads: events for their contacts, and what it means for runs of leads."""

from odoo import api, models
from odoo.addons.marketing_campaign_flow.engine.contact_events import Occurrence
from odoo.tools import SQL

# What a change of brings another stage along.
MOVES = {"stage_id", "team_id", "user_id", "type"}

# A lead becomes that of a contact while it is under way.
FOLLOW = """
    UPDATE flow_participant p SET partner_id = l.partner_id
      FROM crm_lead l, flow_campaign c
     WHERE l.id = ANY(%s) AND p.res_id = l.id AND p.status <> 'ended'
       AND c.id = p.campaign_id AND c.target_model = 'crm.lead'
       AND p.partner_id IS DISTINCT FROM l.partner_id
"""


class CrmLead(models.Model):
    _inherit = "crm.lead"

    @api.model_create_multi
    def create(self, vals_list):
        # That it is won or lost is told after that it was created.
        leads = super(CrmLead, self.with_context(flow_new_leads=True)).create(vals_list)
        leads = leads.with_env(self.env)
        leads._flow_record("lead_created", lambda lead: lead.team_id.name)
        leads._flow_record_closed(leads.filtered(lambda lead: lead.won_status != "pending"))
        return leads

    def write(self, vals):
        stages = {lead: lead.stage_id for lead in self} if MOVES & vals.keys() else {}
        result = super().write(vals)
        moved = self.filtered(lambda lead: stages and lead.stage_id != stages[lead])
        moved._flow_record("lead_stage", lambda lead: lead.stage_id.name)
        if "partner_id" in vals and not self.env.context.get("flow_new_leads"):
            self._flow_follow_contacts()
        if vals.get("active") is False and not self.env.context.get("flow_losing"):
            gone = self.filtered(lambda lead: lead.won_status != "lost")
            self.env["flow.participant"]._end_for_archived(gone)
        return result

    def action_set_lost(self, **additional_values):
        """Odoo archives a lead before it makes it a lost one; what counts is that it is lost."""
        losing = self.with_context(
            flow_losing=True, flow_lost_reason=additional_values.get("lost_reason_id")
        )
        return super(CrmLead, losing).action_set_lost(**additional_values)

    def _handle_won_lost(self, old_status_by_lead, new_status_by_lead):
        result = super()._handle_won_lost(old_status_by_lead, new_status_by_lead)
        if not self.env.context.get("flow_new_leads"):
            self._flow_record_closed(
                self.filtered(
                    lambda lead: new_status_by_lead.get(lead.id) != old_status_by_lead.get(lead.id)
                )
            )
        return result

    def _merge_dependences(self, opportunities):
        self.env["flow.participant"]._merge_runs(opportunities, self)
        self.env["flow.audience"]._merge_members(opportunities, self)
        return super()._merge_dependences(opportunities)

    @api.ondelete(at_uninstall=False)
    def _end_campaign_runs(self):
        self.env["flow.participant"]._end_for_deleted(self)

    def _flow_record_closed(self, changed):
        """Record which of the leads whose status has changed are won or lost now."""
        reasons = self.env["crm.lost.reason"]
        given = reasons.browse(self.env.context.get("flow_lost_reason") or [])
        changed.filtered(lambda lead: lead.won_status == "won")._flow_record(
            "lead_won", lambda lead: lead.stage_id.name
        )
        changed.filtered(lambda lead: lead.won_status == "lost")._flow_record(
            "lead_lost", lambda lead: (lead.lost_reason_id or given).name
        )

    def _flow_record(self, kind, detail):
        """Record that something happened to each lead: one call, however many there are.

        :param detail: takes a lead, returns the text of its event
        """
        # sudo: whoever changes a lead tells campaigns of it, and need not see names of teams
        self.env["flow.event"]._record_occurrences(
            kind,
            [
                Occurrence.of(
                    lead,
                    exact=True,
                    detail=detail(lead) or None,
                    value=lead.expected_revenue,
                    record_id=lead.id,
                    company_id=lead.company_id.id or None,
                )
                for lead in self.sudo()
            ],
        )

    def _flow_follow_contacts(self):
        """Let the runs of leads be those of the contacts behind them now."""
        self.env.flush_all()
        self.env.cr.execute(SQL(FOLLOW, self.ids), log_exceptions=False)
        if self.env.cr.rowcount:
            self.env["flow.participant"].invalidate_model(["partner_id"])
