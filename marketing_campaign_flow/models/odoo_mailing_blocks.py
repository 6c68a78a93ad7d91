"""Blocks of an email that only the members of an audience get, or only the others."""

from markupsafe import escape
from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..engine import blocks
from .finding import about

MEMBERS = "SELECT c.id FROM %(table)s c WHERE c.id = ANY(%(ids)s) AND c.id IN %(members)s"


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def _flow_audiences(self):
        """Return the audiences that blocks of this email are for.

        :raises UserError: when one of them is gone: its block is for nobody knows whom
        """
        self.ensure_one()
        gone = self.env._(
            "A block of the email “%s” is for an audience that is gone: choose another one.",
            self.subject,
        )
        try:
            audiences = self.env["flow.audience"].browse(blocks.audience_ids(self.body_html))
        except ValueError:
            raise UserError(gone) from None
        if len(audiences.exists()) < len(audiences):
            raise UserError(gone)
        return audiences

    def _flow_blocks(self, contact_ids):
        """Return an `engine.blocks.Blocks` for a batch of recipients, None without such blocks.

        One query per audience, with the rights of the caller, who is the responsible of the
        campaign when it is sent.

        :param contact_ids: ids of records of the model of the email
        """
        audiences = self._flow_audiences()
        if not audiences:
            return None
        self.env.flush_all()
        table = SQL.identifier(self.env[self.mailing_model_real]._table)
        members = {}
        audiences.check_access("read")  # what was read before stands in memory, for anybody
        for audience in audiences:
            if audience.target_model != self.mailing_model_real:
                raise UserError(self._flow_wrong_audience(audience))
            members[audience.id] = {
                row[0]
                for row in self.env.execute_query(
                    SQL(
                        MEMBERS,
                        table=table,
                        ids=list(contact_ids),
                        members=audience._contact_query().subselect(),
                    )
                )
            }
        return blocks.Blocks(members)

    def _flow_wrong_audience(self, audience):
        return self.env._(
            "A block of the email “%(email)s” is for the audience “%(audience)s”, which is made of"
            " another kind of contact.",
            email=self.subject,
            audience=audience.name,
        )

    def _flow_block_problems(self):
        """Return what is wrong with the blocks of this email, as sentences for its designer."""
        try:
            audiences = self._flow_audiences()
        except UserError as error:
            return [str(error)]
        return [
            self._flow_wrong_audience(audience)
            for audience in audiences
            if audience.target_model != self.mailing_model_real
        ]

    def _render_field(self, field, res_ids, *args, **kwargs):
        """Pages and test emails show the blocks that a recipient gets, too."""
        if field == "body_html" and len(self) == 1 and self.flow_campaign_id:
            # sudo: whose blocks they are is decided with the rights of the campaign's responsible
            user = self.sudo().flow_campaign_id.user_id
            shown = self.with_user(user)._flow_blocks(res_ids)
            self = self.with_context(flow_blocks=shown)
        return super()._render_field(field, res_ids, *args, **kwargs)

    def _flow_to_document(self):
        values = super()._flow_to_document()
        names = {audience.id: audience.name for audience in self._flow_audiences()}
        values["body_html"] = blocks.FOUND.sub(
            lambda found: f'{blocks.NAMED}="{escape(names[int(found[2])])}"',
            str(values["body_html"]),
        )
        return values


class FlowAction(models.Model):
    _inherit = "flow.action"

    def _problems(self):
        problems = super()._problems()
        if self.kind == "email":
            for email in self._emails():
                problems += about(email, email._flow_block_problems())
        return problems


class FlowAudience(models.Model):
    _inherit = "flow.audience"

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_a_block_is_for_it(self):
        for audience in self:
            domain = [
                ("flow_campaign_id.status", "in", ("running", "paused")),
                ("body_html", "like", f'{blocks.AUDIENCE}="{audience.id}"'),
            ]
            # sudo: also for emails of other companies, of which the name is told
            email = self.env["mailing.mailing"].sudo().search(domain, limit=1)
            if email:
                raise UserError(
                    self.env._(
                        "A block of the email “%(email)s”, which a campaign is sending, is for the"
                        " audience “%(audience)s”.",
                        email=email.subject,
                        audience=audience.name,
                    )
                )
