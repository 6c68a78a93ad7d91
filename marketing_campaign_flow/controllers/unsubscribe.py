"""Unsubscribing through the link of a campaign's email counts for that campaign.

The pages speak the language of the email, where it was written in several.
"""

from odoo import http
from odoo.addons.mass_mailing.controllers.main import MassMailController
from odoo.http import request


class FlowMassMailController(MassMailController):
    @http.route()
    def mailing_confirm_unsubscribe(self, mailing_id, **kwargs):
        self._speak_like(mailing_id)
        return super().mailing_confirm_unsubscribe(mailing_id, **kwargs)

    @http.route()
    def mailing_confirm_unsubscribe_post(self, mailing_id, **kwargs):
        self._speak_like(mailing_id)
        return super().mailing_confirm_unsubscribe_post(mailing_id, **kwargs)

    @http.route()
    def mailing_unsubscribe(self, mailing_id, **kwargs):
        self._speak_like(mailing_id)
        return super().mailing_unsubscribe(mailing_id, **kwargs)

    def _speak_like(self, mailing_id):
        if not str(mailing_id).isdigit():
            return  # Odoo says what is wrong
        # sudo: in which language an email is written is no secret
        mailing = request.env["mailing.mailing"].sudo().browse(int(mailing_id)).exists()
        if lang := mailing and mailing._flow_lang():
            request.update_context(lang=lang)

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
