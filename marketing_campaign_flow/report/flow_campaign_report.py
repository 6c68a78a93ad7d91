"""The printed report of a campaign: one to three pages that can be passed on."""

from odoo import api, fields, models
from odoo.tools import format_datetime

from . import charts


class CampaignReport(models.AbstractModel):
    _name = "report.marketing_campaign_flow.campaign_report"
    _description = "Campaign Report"

    @api.model
    def _get_report_values(self, docids, data=None):
        campaigns = self.env["flow.campaign"].browse(docids)
        campaigns.check_access("read")  # what follows asks the ledger itself
        return {
            "doc_ids": docids,
            "doc_model": campaigns._name,
            "docs": campaigns,
            "parts": {campaign.id: self._parts(campaign) for campaign in campaigns},
        }

    def _parts(self, campaign):
        """Return the parts of a campaign's report, charts drawn; what is empty is left out."""
        funnel, days = campaign._report_funnel(), campaign._report_days()
        return {
            "as_of": format_datetime(self.env, fields.Datetime.now(), dt_format="short"),
            "sentences": campaign._report_sentences(),
            "funnel": charts.bars(
                [row["label"] for row in funnel],
                [row["number"] for row in funnel],
                [row["text"] for row in funnel],
            ),
            "days": days and charts.lines(days["labels"], days["series"]),
            "by_week": days and days["by_week"],
            "emails": campaign._report_emails(),
            "states": campaign._report_states(),
            "costs": campaign._report_costs(),
            "effects": campaign._report_effects(),
            "targets": {
                objective.id: objective._in_words(objective.target)
                for objective in campaign.objective_ids
            },
            "progress": {
                objective.id: charts.progress(
                    objective.progress / 100, is_good=objective.state == "reached"
                )
                for objective in campaign.objective_ids
                if objective.state != "unknown"
            },
        }
