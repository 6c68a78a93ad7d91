"""What a contact shows of its campaigns: where it stands in each, and what it did last."""

from odoo import fields, models
from odoo.fields import Domain

SHOWN = 20  # reactions in the form of a contact; a button opens the others

USER = "marketing_campaign_flow.group_flow_user"


class ResPartner(models.Model):
    _inherit = "res.partner"

    flow_participant_ids = fields.One2many(
        "flow.participant",
        "partner_id",
        string="Campaigns",
        domain=[("end_kind", "!=", "held_out")],
        readonly=True,
        groups=USER,
    )
    flow_event_ids = fields.Many2many(
        "flow.event", string="Reactions", compute="_compute_flow_event_ids", groups=USER
    )

    def _compute_flow_event_ids(self):
        for contact in self:
            contact.flow_event_ids = self.env["flow.event"].search(
                [
                    ("participant_id", "in", contact.flow_participant_ids.ids),
                    ("kind", "!=", "delivered"),
                    ("is_machine", "=", False),
                ],
                limit=SHOWN,
            )

    def _flow_participant_domain(self):
        return Domain("partner_id", "in", self.ids)

    def action_view_flow_participants(self):
        """Open where this contact stands in its campaigns."""
        return self.env["flow.participant"]._view_of(self)

    def action_view_flow_events(self):
        """Open everything that this contact did in campaigns."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reactions of %s", self.display_name),
            "res_model": "flow.event",
            "view_mode": "list,graph,pivot",
            "domain": [("participant_id", "in", self.flow_participant_ids.ids)],
        }


class MailingContact(models.Model):
    _inherit = "mailing.contact"

    def _flow_participant_domain(self):
        campaigns = self.env["flow.campaign"].with_context(active_test=False)
        of_contacts = campaigns.search([("target_model", "=", self._name)])
        return Domain("campaign_id", "in", of_contacts.ids) & Domain("res_id", "in", self.ids)

    def action_view_flow_participants(self):
        """Open where this contact stands in its campaigns."""
        return self.env["flow.participant"]._view_of(self)


class FlowParticipant(models.Model):
    _inherit = "flow.participant"

    def _view_of(self, contact):
        """Return the action that shows the runs of one contact.

        :param contact: a record that takes part, with `_flow_participant_domain`
        """
        contact.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Campaigns of %s", contact.display_name),
            "res_model": self._name,
            "view_mode": "list,form",
            "domain": list(contact._flow_participant_domain()),
            "context": {"search_default_takes_part": 1},
        }


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def action_open_flow_campaign(self):
        """Open the campaign that sends this email."""
        return self.flow_campaign_id._open()


class UtmCampaign(models.Model):
    _inherit = "utm.campaign"

    def action_open_flow_campaign(self):
        """Open the campaign that links, leads and orders come from which carry this name."""
        return self.flow_campaign_ids._open()


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def _open(self):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }
