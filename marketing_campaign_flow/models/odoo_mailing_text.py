"""The text of an email is frozen with the version of the workflow that sends it."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.difference import Value

# What a recipient gets to see. Everything else (the responsible, statistics …) stays free.
TEXT_FIELDS = (
    "subject",
    "preview",
    "body_arch",
    "body_html",
    "email_from",
    "reply_to_mode",
    "reply_to",
    "mail_server_id",
    "attachment_ids",
)

# In the context, lets the text of a launched version be replaced. Being compared by identity it
# cannot come from outside.
PUBLISHED_ALONE = object()


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    flow_action_ids = fields.One2many("flow.action", "mailing_id", copy=False)
    flow_variant_ids = fields.One2many("flow.email.variant", "mailing_id", copy=False)
    flow_draft_of_id = fields.Many2one(
        "mailing.mailing",
        string="Written in place of",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
        copy=False,
        help="The email that this one was copied from for a new version of the workflow.",
    )
    flow_versions = fields.Char(
        string="Version",
        compute="_compute_flow_versions",
        compute_sudo=True,
        help="The versions of the workflow that this email belongs to.",
    )
    flow_written_as = fields.Char(
        string="Written as",
        compute="_compute_flow_written_as",
        compute_sudo=True,
        help="Which version of an email this is, where there are several.",
    )
    flow_is_frozen = fields.Boolean(compute="_compute_flow_versions", compute_sudo=True)
    flow_published_id = fields.Many2one(
        "mailing.mailing",
        compute="_compute_flow_published_id",
        compute_sudo=True,
        help="The email that the running version sends in place of this draft.",
    )

    @api.depends(
        "flow_action_ids.workflow_id.status",
        "flow_action_ids.workflow_id.version",
        "flow_variant_ids.action_id.workflow_id.status",
        "flow_variant_ids.action_id.workflow_id.version",
    )
    def _compute_flow_versions(self):
        # sudo (compute_sudo): whether a text is frozen does not depend on who asks
        for mailing in self:
            actions = mailing._flow_sent_by().filtered(lambda action: not action.is_manual)
            workflows = actions.workflow_id.filtered("campaign_id")
            mailing.flow_is_frozen = any(workflow.status != "draft" for workflow in workflows)
            mailing.flow_versions = ", ".join(
                str(workflow.version) for workflow in workflows.sorted("version")
            )

    @api.depends(
        "flow_action_ids.workflow_id.status",
        "flow_action_ids.key",
        "flow_variant_ids.action_id.workflow_id.status",
        "flow_variant_ids.key",
    )
    def _compute_flow_published_id(self):
        for mailing in self:
            drafts = mailing._flow_sent_by().filtered(lambda a: a.workflow_id.status == "draft")
            running = drafts.campaign_id.workflow_id - drafts.workflow_id
            mailing.flow_published_id = (mailing._flow_twins_in(running) - mailing)[:1]

    @api.depends("flow_variant_ids.display_name", "flow_action_ids.main_lang_id.name")
    def _compute_flow_written_as(self):
        # sudo (compute_sudo): what an email is called does not depend on who asks
        for mailing in self:
            variant = mailing.flow_variant_ids[-1:]
            mailing.flow_written_as = (
                variant.display_name or mailing.flow_action_ids[-1:].main_lang_id.name
            )

    def _flow_sent_by(self):
        """Return the actions that send this email, as their main one or as another version."""
        return self.flow_action_ids | self.flow_variant_ids.action_id

    def _flow_lang(self):
        """Return the code of the language of this email, None where it was written in one only."""
        self.ensure_one()
        languages = self.flow_variant_ids.lang_id
        if not languages:
            actions = self.flow_action_ids | self.flow_variant_ids.action_id
            languages = actions.filtered(lambda one: one.variant_ids.lang_id).main_lang_id
        return languages[:1].code or None

    def _flow_twins_in(self, workflow):
        """Return the emails that stand in the place of this one in another version."""
        places = {(action.key, "") for action in self.flow_action_ids}
        places |= {(one.action_id.key, one.key) for one in self.flow_variant_ids}
        return self.browse().union(
            *(
                email
                for action in workflow.action_ids
                for key, email in action._emails_by_key().items()
                if (action.key, key) in places
            )
        )

    def copy(self, default=None):
        """Attachments belong to one email and are deleted with it, so a copy gets its own."""
        copies = super().copy(default)
        for mailing, duplicate in zip(self, copies, strict=True):
            if (
                duplicate.flow_campaign_id
                and duplicate.flow_campaign_id == mailing.flow_campaign_id
            ):
                duplicate.flow_draft_of_id = mailing
            if mailing.flow_campaign_id and mailing.attachment_ids:
                duplicate.attachment_ids = mailing._flow_copy_attachments(duplicate)
                mailing._fix_attachment_ownership()  # Odoo handed them to the copy
        return copies

    def write(self, vals):
        published_alone = self.env.context.get("flow_text") is PUBLISHED_ALONE
        if not published_alone and not set(self._flow_text_fields()).isdisjoint(vals):
            self._check_text_is_free(vals)
        return super().write(vals)

    @api.model
    def _flow_text_fields(self):
        """Return the names of the fields that recipients see; they freeze with the workflow."""
        return TEXT_FIELDS

    def _check_text_is_free(self, vals):
        """Refuse to change the text of an email that belongs to a launched version.

        :raises UserError: when a value in `vals` is another one than now
        """
        for mailing in self.filtered("flow_is_frozen"):
            for name in set(self._flow_text_fields()).intersection(vals):
                field = self._fields[name]
                value = field.convert_to_cache(vals[name], mailing)
                if field.type == "many2many" or value != field.convert_to_cache(
                    mailing[name], mailing
                ):
                    raise UserError(
                        self.env._(
                            "The text of “%(email)s” is frozen, because the campaign “%(campaign)s”"
                            " has been launched with it. Press “Edit the text” to write a new one.",
                            email=mailing.subject,
                            campaign=mailing.sudo().flow_campaign_id.name,  # sudo: its name only
                        )
                    )

    def _flow_text(self):
        """Return what recipients see, as ``{name: engine.difference.Value}``."""
        self.ensure_one()
        labels = self.fields_get(TEXT_FIELDS, ["string"])
        values = {
            name: Value(labels[name]["string"], self[name] or "", self[name] or "–")
            for name in ("subject", "preview", "email_from", "reply_to")
        }
        values["body"] = Value(
            self.env._("Text"), (str(self.body_arch or ""), str(self.body_html or ""))
        )
        values["attachment_ids"] = Value(
            labels["attachment_ids"]["string"],
            tuple(sorted((file.name, file.checksum) for file in self.attachment_ids)),
            ", ".join(sorted(self.attachment_ids.mapped("name"))) or "–",
        )
        sending = (self.reply_to_mode, self.mail_server_id.id)
        values["sending"] = Value(self.env._("Way of sending"), sending)
        return values

    def action_flow_edit_text(self):
        """Open the draft of this email, which is made with a new version if there is none."""
        self.ensure_one()
        campaign = self.flow_campaign_id
        running = self._flow_sent_by().filtered(lambda a: a.workflow_id == campaign.workflow_id)
        if not running:
            raise UserError(self.env._("This email belongs to a version that no longer runs."))
        if not campaign.draft_workflow_id:
            campaign.action_edit_workflow()
        draft = self._flow_twins_in(campaign.draft_workflow_id)
        if not draft:
            raise UserError(self.env._("The draft of the workflow no longer has this email."))
        return draft[0]._flow_open()

    def action_flow_publish_text(self):
        """Let the running version send this text from now on, without a new version."""
        self.ensure_one()
        campaign, published = self.flow_campaign_id, self.flow_published_id
        campaign.check_access("write")
        if not published:
            raise UserError(self.env._("No email that is being sent belongs to this draft."))
        actions = published._flow_sent_by().filtered(
            lambda a: a.workflow_id == campaign.workflow_id
        )
        before = {problem for action in actions for problem in action._text_problems()}
        published._flow_take_text_of(self)
        problems = [problem for action in actions for problem in action._text_problems()]
        if problems := [problem for problem in problems if problem not in before]:
            raise UserError("\n".join(problems))
        campaign.message_post(
            body=self.env._(
                "The text of the email “%(email)s” was replaced in version %(version)s, without a"
                " new version.",
                email=published.subject,
                version=campaign.workflow_id.version,
            )
        )
        if not campaign.workflow_id._changes_to(campaign.draft_workflow_id):
            campaign.action_discard_draft()
        return published._flow_open()

    def _flow_take_text_of(self, draft):
        """Take over the text of `draft`, past the freeze: that is what the caller is there for."""
        text = [name for name in self._flow_text_fields() if name != "attachment_ids"]
        values = {
            name: draft[name].id if self._fields[name].type == "many2one" else draft[name]
            for name in text
        }
        # Pictures in the text belong to the draft, and would be deleted with it.
        pictures = self.env["ir.attachment"].search(
            [("res_model", "=", self._name), ("res_id", "=", draft.id)]
        )
        (pictures - draft.attachment_ids).write({"res_id": self.id})
        values["attachment_ids"] = [(6, 0, draft._flow_copy_attachments(self).ids)]
        self.with_context(flow_text=PUBLISHED_ALONE).write(values)

    def _flow_copy_attachments(self, mailing):
        """Copy the attached files for another email."""
        return self.env["ir.attachment"].union(
            *(
                file.copy({"name": file.name, "res_model": self._name, "res_id": mailing.id})
                for file in self.attachment_ids
            )
        )

    def _flow_unlink_unused(self):
        """Delete the emails that nobody ever got, that no workflow sends and that no removal which
        may be taken back keeps."""
        sent = self.env["mailing.trace"]._read_group(
            [("mass_mailing_id", "in", self.ids)], ["mass_mailing_id"]
        )
        unused = self.filtered(
            lambda mailing: not mailing.sudo()._flow_sent_by()
        )  # sudo: see above
        unused -= self.env["flow.workflow.removed"]._keeps(unused)
        (unused - self.browse().union(*(mailing for (mailing,) in sent))).unlink()

    def _flow_open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.subject,
            "res_model": self._name,
            "res_id": self.id,
            "views": [(self.env.ref("mass_mailing.view_mail_mass_mailing_form").id, "form")],
        }
