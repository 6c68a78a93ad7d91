"""What the actions on leads have in common: which lead is meant, and what a lead is given."""

from odoo import api, fields, models
from odoo.addons.marketing_campaign_flow.engine.execute import Outcome
from odoo.exceptions import ValidationError
from odoo.fields import Command, Domain
from odoo.tools import plaintext2html

KINDS = ("lead_create", "lead_update", "lead_close")


class FlowAction(models.Model):
    _inherit = "flow.action"

    lead_missing = fields.Selection(
        [("skip", "Leave it out"), ("create", "Create one")],
        string="Where there is no lead",
        default="skip",
    )
    lead_type = fields.Selection(
        [("lead", "Lead"), ("opportunity", "Opportunity")],
        string="Kind of lead",
        default="opportunity",
    )
    lead_name = fields.Char(
        string="Title of the lead",
        help="{contact} stands for the name of the contact. Empty: the campaign and the contact.",
    )
    lead_team_id = fields.Many2one("crm.team", string="Team of the lead", ondelete="restrict")
    lead_salesperson = fields.Selection(
        [
            ("none", "Not set here"),
            ("fixed", "This person"),
            ("contact", "The contact's own"),
            ("team", "Whom the team assigns"),
        ],
        string="Salesperson of the lead",
        default="none",
        help="Whom the team assigns: by its rules for assignment where they are in use, else its"
        " leader. A contact without a salesperson leaves it as it is.",
    )
    lead_user_id = fields.Many2one(
        "res.users",
        string="Salesperson chosen",
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    lead_stage_id = fields.Many2one("crm.stage", string="Stage of the lead", ondelete="restrict")
    lead_tag_ids = fields.Many2many("crm.tag", "flow_action_crm_tag_rel", string="Tags of the lead")
    lead_priority = fields.Selection(
        [("0", "Low"), ("1", "Medium"), ("2", "High"), ("3", "Very high")],
        string="Priority of the lead",
    )
    lead_medium_id = fields.Many2one("utm.medium", string="Medium of the lead", ondelete="restrict")
    lead_source_id = fields.Many2one("utm.source", string="Source of the lead", ondelete="restrict")
    lead_description = fields.Text(string="Description of the lead")

    @api.constrains("kind", "lead_salesperson", "lead_user_id", "lead_team_id")
    def _check_lead_salesperson(self):
        for action in self.filtered(lambda action: action.kind in KINDS):
            if action.lead_salesperson == "fixed" and not action.lead_user_id:
                raise ValidationError(self.env._("Say who the salesperson is."))
            if action.lead_salesperson == "team" and not action.lead_team_id:
                raise ValidationError(self.env._("Say which team assigns the salesperson."))

    def _rights_needed(self):
        if self.kind in KINDS:
            return {("crm.lead", "create" if self.kind == "lead_create" else "write")}
        return super()._rights_needed()

    @api.model
    def _icons(self):
        return {
            **super()._icons(),
            "lead_create": "fa-star-o",
            "lead_update": "fa-star-half-o",
            "lead_close": "fa-trophy",
        }

    def _points_holders(self, steps):
        """Points are those of contacts: a lead's go to the contact behind it."""
        if not self._is_about_leads():
            return super()._points_holders(steps)
        return "res.partner", {step.id: step.participant_id.partner_id.id for step in steps}

    # -- which lead --------------------------------------------------------------------------

    def _run_on_leads(self, steps, change):
        """Change the lead that is meant by each step; create it where the action says so.

        :param change: takes the leads that are meant, all at once
        """
        refused = self._lead_refusal("write")
        if refused:
            return dict.fromkeys(steps.ids, refused)
        lead_of = self._leads_of(steps)
        missing = steps.filtered(lambda step: step.id not in lead_of)
        if missing and self.lead_missing == "create" and not self._is_about_leads():
            refused = self._lead_refusal("create")
            if not refused:
                created = self.env["crm.lead"].create(self._lead_values(missing))
                lead_of |= dict(zip(missing.ids, created, strict=True))
        else:
            refused = Outcome("skipped", self.env._("No open lead"))
        if lead_of:
            change(self.env["crm.lead"].union(*lead_of.values()))
        return {step_id: refused for step_id in steps.ids if step_id not in lead_of}

    def _is_about_leads(self):
        return self.campaign_id.target_model == "crm.lead"

    def _lead_refusal(self, operation):
        """Return why the responsible cannot do it, or None; once for a batch."""
        if self.env["crm.lead"].has_access(operation):
            return None
        return Outcome(
            "failed",
            self.env._(
                "%s, who is responsible for the campaign, has no right to create or change leads.",
                self.env.user.name,
            ),
        )

    def _leads_of(self, steps):
        """Return the lead that is meant by each step, by its id.

        In campaigns about leads it is the lead itself. Else it is the newest open one of this
        campaign for the contact, or else the newest open one of the contact, among those that the
        responsible may see.
        """
        if self._is_about_leads():
            leads = self.env["crm.lead"].browse(steps.participant_id.mapped("res_id")).exists()
            known = {lead.id: lead for lead in leads}
            return {
                step.id: known[step.participant_id.res_id]
                for step in steps
                if step.participant_id.res_id in known
            }
        people = steps.participant_id
        emails = [email for email in people.mapped("email_key") if email]
        of_people = Domain("partner_id", "in", people.partner_id.ids) | Domain(
            "email_normalized", "in", emails
        )
        leads = self.env["crm.lead"].search(
            of_people & Domain("won_status", "=", "pending"), order="id desc"
        )
        # The first one that is found for somebody counts: those of the campaign, the newest first.
        ours = leads.filtered(lambda lead: lead.campaign_id == self.campaign_id.utm_campaign_id)
        by_contact, by_email = {}, {}
        for lead in ours | leads:
            by_contact.setdefault(lead.partner_id.id, lead)
            by_email.setdefault(lead.email_normalized, lead)
        found = {}
        for step in steps:
            person = step.participant_id
            lead = (person.partner_id and by_contact.get(person.partner_id.id)) or (
                person.email_key and by_email.get(person.email_key)
            )
            if lead:
                found[step.id] = lead
        return found

    # -- what it is given --------------------------------------------------------------------

    def _create_leads(self, steps):
        """Create a lead for each step."""
        leads = self.env["crm.lead"].create(self._lead_values(steps))
        self._assign_leads(leads)

    def _lead_values(self, steps):
        return [self._lead_values_for(step.participant_id) for step in steps]

    def _lead_values_for(self, person):
        campaign = self.campaign_id
        values = {
            "name": self._lead_title(person.name),
            "type": self.lead_type,
            "company_id": campaign.company_id.id,
            "campaign_id": campaign.utm_campaign_id.id,
            "medium_id": self.lead_medium_id.id,
            "source_id": self.lead_source_id.id,
            "description": plaintext2html(self.lead_description) if self.lead_description else "",
            "user_id": False,
            **self._lead_changes(),
        }
        if person.partner_id:
            return {**values, "partner_id": person.partner_id.id}
        return {**values, "contact_name": person.name, "email_from": person.email_key}

    def _lead_title(self, name):
        if self.lead_name:
            return self.lead_name.replace("{contact}", name)
        return f"{self.campaign_id.name}: {name}"

    def _lead_changes(self):
        """Return what all leads of the action are given alike; what is empty is left as it is."""
        values = {
            "stage_id": self.lead_stage_id.id,
            "team_id": self.lead_team_id.id,
            "priority": self.lead_priority,
            "user_id": self.lead_salesperson == "fixed" and self.lead_user_id.id,
            "tag_ids": [Command.link(tag.id) for tag in self.lead_tag_ids],
        }
        return {name: value for name, value in values.items() if value}

    def _assign_leads(self, leads):
        """Give the leads to the salesperson whom the contact has, or whom the team assigns."""
        if self.lead_salesperson == "contact":
            for user, theirs in leads.grouped(lambda lead: lead.partner_id.user_id).items():
                if user:
                    theirs.write({"user_id": user.id})
        elif self.lead_salesperson == "team":
            leads.filtered("user_id").write({"user_id": False})
            leads._assign_userless_lead_in_team(self.campaign_id.name)
