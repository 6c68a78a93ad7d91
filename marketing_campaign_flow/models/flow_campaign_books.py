"""The books of a campaign: closed, its budget and its costs stay as they are."""

from odoo import fields, models
from odoo.exceptions import AccessError, UserError


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    books_closed_at = fields.Datetime("Books closed on", readonly=True, copy=False, tracking=True)

    def write(self, vals):
        if "books_closed_at" in vals and not self._is_decided_by_manager():
            raise AccessError(
                self.env._("Only a campaign manager closes and reopens the books of a campaign.")
            )
        if "budget_amount" in vals and vals["budget_amount"] not in set(
            self.mapped("budget_amount")
        ):
            self._check_books_are_open()
        return super().write(vals)

    def action_close_books(self):
        """Keep budget and costs as they are from now on.

        :raises AccessError: for people who are not campaign managers
        """
        self.write({"books_closed_at": fields.Datetime.now()})

    def action_reopen_books(self):
        """Let budget and costs be changed again.

        :raises AccessError: for people who are not campaign managers
        """
        self.write({"books_closed_at": False})

    def _check_books_are_open(self):
        """Refuse changes to the money of campaigns whose books are closed.

        :raises UserError: with how to go on
        """
        for campaign in self:
            if campaign.books_closed_at:
                raise UserError(
                    self.env._(
                        "The books of “%s” are closed: its budget and its costs stay as they are. A"
                        " campaign manager can press “Reopen the books” on the page Budget.",
                        campaign.name,
                    )
                )

    def _is_decided_by_manager(self):
        return self.env.su or self.env.user.has_group("marketing_campaign_flow.group_flow_manager")
