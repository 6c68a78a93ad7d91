"""Workflows as files: out of campaigns, versions of workflows and templates, and in again."""

from odoo import models
from odoo.exceptions import UserError


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def action_export_document(self):
        """Download the design of this campaign."""
        return _download(self)

    def action_import_document(self):
        """Ask for a file whose workflow takes the place of that of this campaign."""
        self.ensure_one()
        return self.edited_workflow_id.action_import_document()

    def _as_document(self):
        return self._to_document(self.edited_workflow_id)


class FlowWorkflow(models.Model):
    _inherit = "flow.workflow"

    def action_export_document(self):
        """Download this version of the workflow, with what its campaign has around it."""
        return _download(self)

    def action_import_document(self):
        """Ask for a file whose workflow takes the place of this draft.

        :raises UserError: when it is no draft
        """
        self.ensure_one()
        self.check_access("write")
        if self.status != "draft":
            raise UserError(
                self.env._(
                    "A workflow that was launched stays as it is. Press “Edit workflow” on the"
                    " campaign first, or import the file as a new campaign."
                )
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_campaign_flow.flow_document_import_action"
        )
        return {**action, "context": {"default_workflow_id": self.id}}

    def _as_document(self):
        return self.campaign_id._to_document(self)


class FlowTemplate(models.Model):
    _inherit = "flow.template"

    def action_export_document(self):
        """Download the design of this template."""
        return _download(self)

    def _as_document(self):
        return {**self._parsed(), "name": self.name}


def _download(record):
    record.ensure_one()
    return {
        "type": "ir.actions.act_url",
        "url": f"/flow/document/{record._name}/{record.id}",
        "target": "download",
    }
