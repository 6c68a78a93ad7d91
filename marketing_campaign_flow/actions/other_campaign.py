"""Other campaign: bring contacts into another running campaign, or take them out of it."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..engine import database_clock, enrol
from ..engine.execute import Outcome

UNDER_WAY = ("running", "paused")


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(
        selection_add=[("other_campaign", "Other campaign")],
        ondelete={"other_campaign": "cascade"},
    )
    other_operation = fields.Selection(
        [
            ("add", "Add to the campaign"),
            ("remove", "Take out of the campaign"),
            ("remove_all", "Take out of all other campaigns"),
        ],
        string="What to do",
        default="add",
        help="Added contacts come in by the rules of the other campaign: how often one may take"
        " part, and who never does. Who was taken out stays out until a person puts them back.",
    )
    other_campaign_id = fields.Many2one(
        "flow.campaign",
        string="Which campaign",
        ondelete="set null",
        index="btree_not_null",
        domain="[('id', '!=', campaign_id), ('target_model', '=', target_model),"
        " ('status', '!=', 'done')]",
    )

    @api.constrains("other_campaign_id", "workflow_id")
    def _check_other_campaign(self):
        for action in self.filtered("other_campaign_id"):
            other, own = action.other_campaign_id, action.campaign_id
            if other == own:
                raise ValidationError(self.env._("Choose another campaign than this one."))
            if other.target_model != action.target_model:
                raise ValidationError(
                    self.env._("“%s” addresses another kind of contacts.", other.name)
                )
            if own and other.company_id != own.company_id:
                raise ValidationError(
                    self.env._("“%s” is a campaign of another company.", other.name)
                )

    def _run_other_campaign(self, steps):
        """Bring the contacts of the steps in, or take them out. Contract: transactional.

        The responsible has to see the other campaign.
        """
        contact_of = {step.id: step.participant_id.res_id for step in steps}
        if self.other_operation == "remove_all":
            others = self._all_other_campaigns()
        else:
            others = self.other_campaign_id.exists()
            if not others:
                return dict.fromkeys(
                    contact_of, Outcome("skipped", self.env._("The other campaign is gone"))
                )
            if not others.has_access("read"):
                reason = self.env._("The responsible may not see the other campaign")
                return dict.fromkeys(contact_of, Outcome("failed", reason))
        if self.other_operation == "add":
            return self._add_to(others, contact_of)
        return self._take_out_of(others, contact_of)

    def _add_to(self, other, contact_of):
        ids = list(set(contact_of.values()))
        came = enrol.add(self.env, other, other._contacts_to_add(ids), ids)
        if came is None:
            reason = self.env._("“%s” does not run", other.name)
            return dict.fromkeys(contact_of, Outcome("skipped", reason))
        came_in, were_in = came
        already = self.env._("In “%s” already", other.name)
        not_again = self.env._("“%s” does not let them in, or not again", other.name)
        return {
            step_id: Outcome("skipped", already if contact in were_in else not_again)
            for step_id, contact in contact_of.items()
            if contact not in came_in
        }

    def _take_out_of(self, others, contact_of):
        runs = self.env["flow.participant"].search(
            [
                ("campaign_id", "in", others.ids),
                ("res_id", "in", list(set(contact_of.values()))),
                ("status", "!=", "ended"),
            ]
        )
        runs.check_access("write")
        runs._lock()
        taken = set(runs.mapped("res_id"))
        runs._end("removed", database_clock.now(self.env))
        reason = self.env._("Was not in such a campaign")
        return {
            step_id: Outcome("skipped", reason)
            for step_id, contact in contact_of.items()
            if contact not in taken
        }

    def _all_other_campaigns(self):
        return self.env["flow.campaign"].search(
            [
                ("id", "!=", self.campaign_id.id),
                ("target_model", "=", self.target_model),
                ("status", "in", UNDER_WAY),
            ]
        )

    @api.model
    def _icons(self):
        return {**super()._icons(), "other_campaign": "fa-random"}

    def _content_missing(self):
        if self.kind == "other_campaign":
            return not self.other_operation or (
                self.other_operation != "remove_all" and not self.other_campaign_id
            )
        return super()._content_missing()

    @api.depends("other_operation", "other_campaign_id.name")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind != "other_campaign":
            return super()._content_in_words()
        if self.other_operation == "remove_all":
            return self.env._("− all others")
        # sudo: a name; who sees the action may read it
        name = self.other_campaign_id.sudo().name or ""
        return f"{'+' if self.other_operation == 'add' else '−'} {name}"


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def _contacts_to_add(self, ids):
        """Return the `Query` of those contacts whom this campaign's responsible sees and whose
        audience does not say that they never take part."""
        campaign = self._as_responsible()
        domain = Domain("id", "in", ids)
        if campaign.audience_id:
            domain &= campaign.audience_id._never_domain()
        return campaign.env[campaign.target_model]._search(domain)
