"""The report of a campaign by email: each week, or at the end, to whoever follows the campaign."""

from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models

from ..engine import database_clock

PART = "report"
REPORT = "marketing_campaign_flow.flow_campaign_report_action"


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    report_schedule = fields.Selection(
        [
            ("never", "Never"),
            ("end", "When the campaign has ended"),
            ("weekly", "Each week, and when it has ended"),
        ],
        string="Report by email",
        default="never",
        required=True,
        help="Followers of the campaign get its report, as a PDF.",
    )
    report_sent_at = fields.Datetime("Last report", readonly=True, copy=False)

    @api.model
    def _cron_send_reports(self):
        """Send what is due, each campaign in a transaction of its own."""
        due = self._to_report()
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        for campaign in due:
            try:
                with self.env.cr.savepoint():
                    campaign._send_report()
                campaign._mended(PART)
            except Exception as error:  # of one campaign, which must not keep the others waiting
                campaign._report_problem(
                    PART, self.env._("The report could not be sent by email: %s", error)
                )
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _to_report(self):
        """Return the campaigns whose report is due: a week old, or not yet told that it ended."""
        now = database_clock.now(self.env)
        week = now - timedelta(days=7)
        running = [
            ("report_schedule", "=", "weekly"),
            ("status", "in", ("running", "paused")),
            ("date_start", "<=", week),
            "|", ("report_sent_at", "=", False), ("report_sent_at", "<=", week),
        ]  # fmt: skip
        ended = [
            ("report_schedule", "in", ("weekly", "end")),
            ("status", "=", "done"),
            ("date_end", "!=", False),
        ]
        untold = self.search(ended).filtered(
            lambda campaign: (
                not campaign.report_sent_at or campaign.report_sent_at < campaign.date_end
            )
        )
        return self.search(running) | untold

    def _send_report(self):
        """Post the report to the followers, in the language and with the rights of the responsible.

        Where PDFs cannot be made on this server, it is attached as a page for the browser.
        """
        self.ensure_one()
        campaign = self._as_responsible().with_context(lang=self.user_id.lang)
        reports = campaign.env["ir.actions.report"]
        # sudo: the report itself is a document for all; what it shows is read by the responsible
        report = campaign.env.ref(REPORT).sudo()
        if reports.get_wkhtmltopdf_state() == "ok":
            content, kind = reports._render_qweb_pdf(report.report_name, campaign.ids)
        else:
            content, kind = reports._render_qweb_html(report.report_name, campaign.ids)
        title = campaign.env._("Report of the campaign %s", campaign.name)
        text = Markup("<p>%s</p>") % " ".join(campaign._report_sentences())
        campaign.message_post(
            subject=title,
            body=text,
            attachments=[(f"{title}.{kind}", content)],
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.report_sent_at = database_clock.now(self.env)
