"""An email in several languages, looked at: who gets which, and whose language is missing."""

from odoo import models
from odoo.fields import Domain

from ..engine import variants
from .odoo_mailing_warnings import LetterWarning


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def _flow_for_contact(self, contact):
        action, arm = self._flow_leading()
        if not action:
            return super()._flow_for_contact(contact)
        versions, main_lang = action._versions(), action._main_lang()
        return self.browse(variants.choose(versions, arm, self._flow_lang_of(contact), main_lang))

    def _flow_leading(self):
        """Return the action and the version for which this email is what whoever has no email in
        their language gets; a translation leads nobody."""
        self.ensure_one()
        action = self.flow_action_ids.sorted("id")[-1:]
        if action:
            return action, variants.MAIN_ARM
        variant = self.env["flow.email.variant"].search(
            [("mailing_id", "=", self.id), ("lang_id", "=", False)], order="id desc", limit=1
        )
        return variant.action_id, variant.arm

    def _flow_lang_of(self, contact):
        # sudo: a language is no secret; who is asked for was checked by the caller
        contact = contact.sudo()
        if "lang" in contact._fields:
            return contact.lang
        own = contact.lang_id.code if "lang_id" in contact._fields else None
        return own or ("partner_id" in contact._fields and contact.partner_id.lang) or None

    def _flow_texts(self):
        """Return this email and, where it leads, its translations."""
        action, arm = self._flow_leading()
        return self | action.variant_ids.filtered(lambda one: one.arm == arm).mailing_id

    def _flow_readers_domain(self):
        """Among several languages each text has readers of its own; one statement finds theirs."""
        among = super()._flow_readers_domain()
        action, arm = self._flow_leading()
        if not action:
            variant = self.flow_variant_ids.sorted("id")[-1:]
            action, arm = variant.action_id, variant.arm
        contacts = self.env[self.mailing_model_real]
        if not action.variant_ids.lang_id or "lang" not in contacts._fields:
            return among
        versions, main_lang = action._versions(), action._main_lang()
        counted = contacts._read_group(self._flow_audience_domain(), ["lang"])
        langs = [
            lang
            for (lang,) in counted
            if variants.choose(versions, arm, lang or None, main_lang) == self.id
        ]
        return among & Domain("lang", "in", langs)

    def _flow_warnings(self):
        return super()._flow_warnings() + self._flow_missing_languages()

    def _flow_missing_languages(self):
        """Return for each language of the audience that there is no email in, who reads it."""
        action, arm = self._flow_leading()
        contacts = self.env[self.mailing_model_real]
        if not action.variant_ids.lang_id or "lang" not in contacts._fields:
            return []
        versions, main_lang = action._versions(), action._main_lang()
        codes = [version.lang for version in versions if version.lang] + [main_lang]
        among = self._flow_audience_domain()
        counted = contacts._read_group(among, ["lang"], ["__count"])
        return [
            LetterWarning(
                self.env._(
                    "No text in %(language)s: its readers (%(count)s) get the one in %(main)s.",
                    language=self._flow_lang_name(lang),
                    count=count,
                    main=self._flow_lang_name(main_lang),
                ),
                among & Domain("lang", "=", lang),
            )
            for lang, count in counted
            if lang
            and lang not in codes
            and variants.choose(versions, arm, lang, main_lang) == self.id
            and not variants.are_sisters(lang, main_lang)
        ]

    def _flow_lang_name(self, code):
        return self.env["res.lang"]._get_data(code=code).name or code
