import socket

from lxml import html
from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.link_tracker.tools.html import find_links_with_urls_and_labels
from odoo.exceptions import UserError
from odoo.tools.mail import URL_SKIP_PROTOCOL_REGEX, is_html_empty

# What is rendered for each recipient.
RENDERED = {"body_html", "body_arch", "subject", "preview", "email_from", "reply_to"}


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    flow_campaign_id = fields.Many2one(
        "flow.campaign",
        string="Sent by campaign",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        readonly=True,
        help="A campaign decides who gets this email and when; it cannot be sent from here.",
    )

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        campaign_id = self.env.context.get("default_flow_campaign_id")
        if campaign_id:
            defaults |= self.env["flow.campaign"].browse(campaign_id)._mailing_defaults()
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        mailings = super().create(vals_list)
        mailings._flow_check_placeholders()
        return mailings

    def write(self, vals):
        if vals.get("state") in ("in_queue", "sending") and self.flow_campaign_id:
            raise UserError(
                self.env._(
                    "The campaign “%s” sends this email to its participants; it cannot be sent"
                    " or scheduled from here.",
                    self.flow_campaign_id[:1].name,
                )
            )
        result = super().write(vals)
        if RENDERED & vals.keys():
            self._flow_check_placeholders()
        return result

    def _flow_check_placeholders(self):
        """Refuse placeholders that run code to people who may not edit templates.

        Odoo lets anybody in marketing write them, because it renders mailings as the system; the
        emails of campaigns are rendered with the rights of the responsible.
        """
        self.filtered("flow_campaign_id")._check_access_right_dynamic_template()

    def _compute_total(self):
        """Count nobody for a campaign's email: the campaign decides who gets it, and Odoo would
        count every contact there is, whenever one is written or copied."""
        of_campaigns = self.filtered("flow_campaign_id")
        of_campaigns.total = 0
        return super(MailingMailing, self - of_campaigns)._compute_total()

    def action_send_mail(self, res_ids=None):
        if self.flow_campaign_id:
            raise UserError(self.env._("A campaign sends this email to its participants."))
        return super().action_send_mail(res_ids)

    def _get_seen_list(self):
        # Who got a campaign's email is in its ledger of steps, once per visit of a state.
        return set() if self.flow_campaign_id else super()._get_seen_list()

    def _get_opt_out_list(self):
        # Whoever opted out is found for each batch of recipients, not for the whole database.
        return set() if self.flow_campaign_id else super()._get_opt_out_list()

    def _flow_mail_values(self, contact_ids):
        """Return the values of the messages for contacts, as Odoo's composer works them out.

        The composer's own values are those of `mailing.mailing._action_send_mail`, but for the
        attachments, which are not copied for each recipient.

        :return: ``{contact id: values of mail.mail}``
        """
        self.ensure_one()
        composer = self.env["mail.compose.message"].with_context(
            **self.env["res.users"].with_user(self.user_id).context_get(),
            active_ids=contact_ids,
            default_composition_mode="mass_mail",
            flow_compile_once=True,
            flow_recipients={},
            flow_blocks=self._flow_blocks(contact_ids),
        )
        # Nothing is stored for a letter that only shows what somebody would get.
        make = composer.new if self.env.context.get("flow_sample") else composer.create
        return make(
            {
                "auto_delete": not self.keep_archives,
                "auto_delete_keep_log": self.reply_to_mode == "update",
                "author_id": self.user_id.partner_id.id or self.env.user.partner_id.id,
                "body": self._flow_body(),
                "composition_mode": "mass_mail",
                "email_from": self.email_from,
                "mail_server_id": self.mail_server_id.id,
                "mass_mailing_id": self.id,
                "model": self.mailing_model_real,
                "reply_to": self.reply_to if self.reply_to_mode == "new" else False,
                "reply_to_force_new": self.reply_to_mode == "new",
                "subject": self.subject,
                "template_id": False,
                "use_exclusion_list": self.use_exclusion_list,
            }
        )._prepare_mail_values(contact_ids)

    def _flow_body(self):
        """Return the body with preview text and with its fixed links shortened.

        The short links are made when the workflow is published; afterwards this only finds them.
        Their title is their address: Odoo would fetch the page to find one.
        """
        self.ensure_one()
        body = self._prepend_preview(self.body_html or "", self.preview)
        if is_html_empty(body) or self.env.context.get("flow_sample"):
            return body
        base_url = self.get_base_url()
        root = html.fromstring(body)
        nodes, links = find_links_with_urls_and_labels(
            root,
            base_url,
            skip_regex=rf"^{URL_SKIP_PROTOCOL_REGEX}",
            skip_prefix=f"{base_url}/r/",
            skip_list=["/unsubscribe_from_list", "/view", "/cards"],
        )
        if not nodes:
            return body
        values = self._get_link_tracker_values()
        # sudo: the links are the email's, whoever publishes it
        trackers = self.env["link.tracker"].sudo()
        trackers = trackers.search_or_create(
            [{**values, **link, "title": link["url"]} for link in links]
        )
        for node, tracker in zip(nodes, trackers, strict=True):
            node.set("href", tracker.short_url)
        return Markup(html.tostring(root, encoding="unicode"))  # noqa: S704 (the designer's markup, as it was)

    def _flow_links(self):
        """Return the addresses of the links in the body, each once, in their order."""
        if is_html_empty(self.body_html):
            return []
        found = html.fromstring(f"<div>{self.body_html}</div>").xpath("//a/@href")
        return list(dict.fromkeys(link for link in found if link.startswith(("http:", "https:"))))

    @api.model
    def _flow_host(self):
        """Return the host that stands in the Message-IDs of campaigns."""
        return socket.gethostname()
