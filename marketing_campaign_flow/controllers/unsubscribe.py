"""Unsubscribing through the link of a campaign's email counts for that campaign."""

from odoo.addons.mass_mailing.controllers.main import MassMailController
from odoo.http import request


class FlowMassMailController(MassMailController):
    def _mailing_unsubscribe_from_list(self, mailing, document_id, email, hash_token):
        response = super()._mailing_unsubscribe_from_list(mailing, document_id, email, hash_token)
        self._record_unsubscribed(mailing, document_id)
        return response

    def _mailing_unsubscribe_from_document(self, mailing, document_id, email, hash_token):
        response = super()._mailing_unsubscribe_from_document(
            mailing, document_id, email, hash_token
        )
        self._record_unsubscribed(mailing, document_id)
        return response

    def _record_unsubscribed(self, mailing, document_id):
        # The token that ties mailing, document and address together was checked by core.
        if document_id:
            request.env["flow.event"]._record_unsubscribed(mailing, int(document_id))
