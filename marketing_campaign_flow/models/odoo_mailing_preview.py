"""What a contact would get of an email: previewed, and sent to oneself."""

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..engine import sample
from ..engine.time_limit import TooSlowError
from .flow_addressee import WRITTEN_BY


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def action_flow_preview(self):
        """Open the email as one contact after the other gets it."""
        self.ensure_one()
        preview = self.env["flow.letter.preview"].create({"mailing_id": self.id})
        return preview._open()

    def action_test(self):
        action = super().action_test()
        is_ours = self.flow_campaign_id and self.mailing_type == "mail"
        if is_ours and (contact := self._flow_first_contact()):
            name = f"{contact._name},{contact.id}"
            action["context"] = {**action["context"], "default_flow_contact_ref": name}
        return action

    def _flow_for_contact(self, contact):
        """Return the email that is written to this contact; others may have variants of it."""
        return self

    def _flow_sample(self, contact, email_to=""):
        """Return what a contact would get, as an `engine.sample.Sample`.

        It is rendered with the rights of the campaign's responsible, as it will be sent, for those
        who may act for that person; else with their own rights.

        :raises UserError: with the reason why the email cannot be written to this contact
        :raises AccessError: for a contact that the current user may not read
        """
        self.ensure_one()
        self.check_access("read")
        contact.check_access("read")
        mailing = self._flow_for_contact(contact)._flow_as_reader()
        try:
            return sample.write(mailing, mailing.env[contact._name].browse(contact.id), email_to)
        except TooSlowError as error:
            raise UserError(str(error)) from error

    def _flow_as_reader(self):
        campaign = self.flow_campaign_id
        reader = self.with_context(**{WRITTEN_BY: campaign.id})
        if self._flow_renders_as_responsible():
            return reader.with_user(campaign.user_id).with_company(campaign.company_id)
        return reader

    def _flow_renders_as_responsible(self):
        campaign = self.flow_campaign_id
        try:
            campaign and campaign._check_may_act_for(campaign.user_id)
        except AccessError:
            return False
        return bool(campaign)

    def _flow_audience_domain(self):
        """Return the domain of those whom the campaign addresses, on the model of the contacts."""
        audience = self.flow_campaign_id.audience_id
        if audience and audience.target_model == self.mailing_model_real:
            return Domain("id", "in", audience._contact_query())
        return Domain.TRUE

    def _flow_first_contact(self):
        """Return the first whom the campaign addresses; where there is nobody, oneself or anybody.

        Without a record of its kind, nothing tells of what kind the contacts are.
        """
        contacts = self.env[self.mailing_model_real]
        first = contacts.search(self._flow_audience_domain(), order="id", limit=1)
        if not first and contacts._name == "res.partner":
            return self.env.user.partner_id
        return first or contacts.search([], order="id", limit=1)
