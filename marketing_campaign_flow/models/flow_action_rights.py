"""What the campaign's responsible has to be allowed, so that an action can work at all."""

from odoo import models

from .finding import Finding


class FlowAction(models.Model):
    _inherit = "flow.action"

    def _rights_needed(self):
        """Return what this action does to records with the rights of the campaign's responsible.

        :return: the names of models and what is done to their records: ``{(model, operation)}``,
            with ``write`` or ``create`` as operation
        """
        self.ensure_one()
        return set()

    def _right_to_post(self):
        """Return what Odoo asks for before something is written beside a contact."""
        contacts = self._target()
        return contacts._name, getattr(contacts, "_mail_post_access", "write")

    def _problems(self):
        return super()._problems() + self._rights_problems()

    def _rights_problems(self):
        """Return what the responsible may do with no record, so that each step would fail."""
        campaign, needed = self.campaign_id, self._rights_needed()
        if not needed or not campaign.user_id:
            return []
        env = campaign._as_responsible().env
        return [
            Finding(
                self._right_in_words(model, operation),
                campaign,
                part=self,
                field="user_id",
                label=self.env._("Change the responsible"),
            )
            for model, operation in sorted(needed)
            if not env[model].has_access(operation)
        ]

    def _right_in_words(self, model, operation):
        # sudo: names, of a colleague and of a kind of records
        names = {
            "action": self.display_name,
            "user": self.campaign_id.user_id.sudo().name,
            "kind": self.env["ir.model"].sudo()._get(model).name,
        }
        if operation == "create":
            return self.env._(
                "“%(action)s”: %(user)s, who is responsible for the campaign, has no right to"
                " create records of the kind “%(kind)s”.",
                **names,
            )
        return self.env._(
            "“%(action)s”: %(user)s, who is responsible for the campaign, has no right to change"
            " records of the kind “%(kind)s”.",
            **names,
        )
