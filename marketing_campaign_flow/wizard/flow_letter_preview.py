"""The dialog that shows an email as one contact after the other gets it."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Domain


class FlowLetterPreview(models.TransientModel):
    _name = "flow.letter.preview"
    _description = "Preview of an Email"

    mailing_id = fields.Many2one(
        "mailing.mailing", string="Email", required=True, readonly=True, ondelete="cascade"
    )
    contact_ref = fields.Reference(
        selection="_selection_contact_models",
        string="As",
        compute="_compute_contact_ref",
        store=True,
        readonly=False,
        help="Whose email you see. Search for anybody.",
    )
    position = fields.Char(compute="_compute_position")
    subject = fields.Char(compute="_compute_letter")
    preview = fields.Char(string="Preview text", compute="_compute_letter")
    email_from = fields.Char(string="From", compute="_compute_letter")
    reply_to = fields.Char(string="Reply to", compute="_compute_letter")
    body = fields.Html(compute="_compute_letter", sanitize=False)
    text = fields.Text(string="Text only", compute="_compute_letter")
    problem = fields.Char(string="Not sent", compute="_compute_letter")
    error = fields.Text(compute="_compute_letter")
    own_rights = fields.Char(compute="_compute_own_rights")
    links_checked = fields.Integer(readonly=True)
    warning_ids = fields.One2many(
        "flow.letter.warning", "preview_id", string="Warnings", readonly=True
    )
    warnings_in_words = fields.Char(compute="_compute_warnings_in_words")

    @api.model
    def _selection_contact_models(self):
        return self.env["flow.audience"]._target_models()

    @api.model_create_multi
    def create(self, vals_list):
        previews = super().create(vals_list)
        for preview in previews:
            preview.warning_ids._fill(preview)
        return previews

    @api.depends("mailing_id")
    def _compute_contact_ref(self):
        for preview in self:
            first = preview.mailing_id._flow_first_contact()
            preview.contact_ref = first and f"{first._name},{first.id}"

    @api.depends("warning_ids")
    def _compute_warnings_in_words(self):
        for preview in self:
            count = len(preview.warning_ids)
            preview.warnings_in_words = (
                self.env._(
                    "Something may be wrong with this email: see the tab Warnings (%s).", count
                )
                if count
                else False
            )

    @api.depends("mailing_id")
    def _compute_own_rights(self):
        for preview in self:
            campaign = preview.mailing_id.flow_campaign_id
            as_responsible = not campaign or preview.mailing_id._flow_renders_as_responsible()
            preview.own_rights = not as_responsible and self.env._(
                "This is what you may see. The campaign writes with the rights of %s.",
                campaign.user_id.name,
            )

    @api.depends("contact_ref", "mailing_id")
    def _compute_letter(self):
        for preview in self:
            sample, error = None, False
            try:
                if preview.contact_ref:
                    sample = preview.mailing_id._flow_sample(preview.contact_ref)
                else:
                    error = self.env._("There is nobody yet to whom it could be written.")
            except (UserError, AccessError, MissingError) as refused:
                error = str(refused)
            preview.error = error
            for name in ("subject", "preview", "email_from", "reply_to", "body", "text", "problem"):
                preview[name] = sample and getattr(sample, name)

    @api.depends("contact_ref", "mailing_id")
    def _compute_position(self):
        """Say which of how many of the audience it is; two counts, however large that is."""
        for preview in self:
            domain = preview.mailing_id._flow_audience_domain()
            contacts, shown = preview._contacts(), preview.contact_ref
            total = contacts.search_count(domain)
            before = shown and contacts.search_count(domain & Domain("id", "<", shown.id))
            inside = shown and contacts.search_count(domain & Domain("id", "=", shown.id))
            if not total:
                preview.position = self.env._("Nobody is in the audience yet")
            elif inside:
                preview.position = self.env._(
                    "%(number)s of %(total)s", number=before + 1, total=total
                )
            else:
                preview.position = self.env._("Not one of the %s in the audience", total)

    def action_next(self):
        """Show the next of the audience, after the last one the first."""
        return self._step(">", "id")

    def action_previous(self):
        """Show the one before, before the first one the last."""
        return self._step("<", "id desc")

    def action_send_test(self):
        """Send this very email to oneself."""
        self.ensure_one()
        action = self.mailing_id.action_test()
        shown = self.contact_ref
        name = shown and f"{shown._name},{shown.id}"
        return {**action, "context": {**action["context"], "default_flow_contact_ref": name}}

    def _contacts(self):
        return self.env[self.mailing_id.mailing_model_real]

    def _step(self, operator, order):
        self.ensure_one()
        domain, contacts = self.mailing_id._flow_audience_domain(), self._contacts()
        beyond = Domain("id", operator, self.contact_ref.id) if self.contact_ref else Domain.TRUE
        found = contacts.search(domain & beyond, order=order, limit=1) or contacts.search(
            domain, order=order, limit=1
        )
        if found:
            self.contact_ref = f"{found._name},{found.id}"
        return self._open()

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preview"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }
