"""Several versions of an email: languages, and versions that are tested against each other."""

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import is_html_empty

from ..engine.difference import Value
from ..engine.variants import MAIN_ARM, Version


class FlowAction(models.Model):
    _inherit = "flow.action"

    main_lang_id = fields.Many2one(
        "res.lang",
        string="Language of the email",
        ondelete="restrict",
        index="btree_not_null",
        help="In which language the main email is written. Whoever has no email in their own"
        " language gets this one.",
    )
    variant_ids = fields.One2many("flow.email.variant", "action_id", string="Other versions")

    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        actions._say_main_language()
        return actions

    def write(self, vals):
        result = super().write(vals)
        if vals.get("variant_ids"):
            self._say_main_language()
        return result

    def _say_main_language(self):
        """The main email of an action that has others is in the language of who wrote it, as long
        as nobody says otherwise."""
        for action in self:
            if action.variant_ids.lang_id and not action.main_lang_id:
                action.main_lang_id = (
                    self.env["res.lang"]._get_data(code=self.env.lang or self.env.user.lang).id
                )

    # -- what there is -----------------------------------------------------------------------

    def _emails(self):
        """Return all emails that these actions send."""
        return self.mailing_id | self.variant_ids.mailing_id

    def _emails_by_key(self):
        """Return the emails of this action by what names them in each version of the workflow; the
        main one has no key."""
        return {"": self.mailing_id} | {one.key: one.mailing_id for one in self.variant_ids}

    def _arms(self):
        """Return the letters of the versions to be tested, with their shares."""
        self.ensure_one()
        others = self.variant_ids.filtered(lambda variant: not variant.lang_id)
        return {MAIN_ARM: self.main_weight} | {one.arm: one.weight for one in others.sorted("arm")}

    def _versions(self):
        """Return all emails of this action as `engine.variants.Version`."""
        self.ensure_one()
        main = Version(MAIN_ARM, None, self.mailing_id.id)
        return [main, *(variant._version() for variant in self.variant_ids)]

    def _main_lang(self):
        return self.main_lang_id.sudo().code or None  # sudo: the code of a language is no secret

    def _copy_email(self, arm):
        """Return a copy of the main email of a version, to be written anew."""
        self.ensure_one()
        mains = self.variant_ids.filtered(lambda one: one.arm == arm and not one.lang_id)
        email = mains.mailing_id or self.mailing_id
        copy = email.copy({
            "flow_campaign_id": self.campaign_id.id,
            "campaign_id": self.campaign_id.utm_campaign_id.id,
            "subject": email.subject,
        })  # fmt: skip
        copy.flow_draft_of_id = False  # it stands beside the other, not in its place
        return copy

    # -- what others ask of an action ------------------------------------------------------------

    def get_links(self):
        """Return the addresses of the links in all versions of this email, each once."""
        links = super().get_links()
        for email in self.variant_ids.mailing_id:
            links += email._flow_links()
        return list(dict.fromkeys(links))

    def _content_missing(self):
        return super()._content_missing() or any(
            is_html_empty(email.body_html) for email in self.variant_ids.mailing_id
        )

    def _text_problems(self):
        """Return what keeps the emails of this action from being sent, as sentences."""
        self.ensure_one()
        empty = [sentence for email in self._emails() for sentence in email._flow_emptiness()]
        return empty + self._problems()

    def _problems(self):
        problems = super()._problems()
        for arm in dict.fromkeys([*self._arms(), *self.variant_ids.mapped("arm")]):
            problems += self._problems_of_arm(arm)
        servers = {(email.mail_server_id.id, email.use_exclusion_list) for email in self._emails()}
        if self.variant_ids and len(servers) > 1:
            problems.append(
                self.env._(
                    "All versions of the email “%s” leave by the same mail server.",
                    self.mailing_id.subject,
                )
            )
        return problems

    def _problems_of_arm(self, arm):
        if arm not in self._arms():
            return [
                self.env._(
                    "Version %(arm)s of the email “%(email)s” has no text for whoever speaks none"
                    " of its languages.",
                    arm=arm,
                    email=self.mailing_id.subject,
                )
            ]
        of_arm = self.variant_ids.filtered(lambda variant: variant.arm == arm)
        missing = self.variant_ids.lang_id - of_arm.lang_id
        return [
            self.env._(
                "Version %(arm)s of the email “%(email)s” is missing in %(language)s.",
                arm=arm,
                email=self.mailing_id.subject,
                language=language.name,
            )
            for language in missing
        ]

    def _copy_content(self, campaign):
        values = super()._copy_content(campaign)
        if self.variant_ids:
            values["variant_ids"] = [
                Command.create({
                    "key": variant.key,
                    "arm": variant.arm,
                    "lang_id": variant.lang_id.id,
                    "weight": variant.weight,
                    "mailing_id": variant.mailing_id.copy({
                        "flow_campaign_id": campaign.id,
                        "campaign_id": campaign.utm_campaign_id.id,
                        "subject": variant.mailing_id.subject,
                    }).id,
                })
                for variant in self.variant_ids
            ]  # fmt: skip
        return values

    def _compared_values(self):
        """Other versions of the email are compared by their text, like the main one."""
        values = super()._compared_values()
        for variant in self.variant_ids:
            email = variant.mailing_id
            text = tuple(value.raw for value in email._flow_text().values())
            share = variant.weight if not variant.lang_id else 0
            name = variant.display_name
            raw = (variant.arm, variant.lang_id.id, *text)
            values[f"variant.{variant.key}"] = Value(name, raw, email.subject)
            if share:
                label = self.env._("%s: share", name)
                values[f"variant.{variant.key}.weight"] = Value(label, share, str(share))
        return values
