"""Import of a workflow from a file: what is in it, what would be created, why it does not fit."""

import base64
import binascii
import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import picture
from ..models.document_design import boxes_and_ways, design_of

MOST_BYTES = 10_000_000


class FlowDocumentImport(models.TransientModel):
    _name = "flow.document.import"
    _description = "Import a Workflow"

    file = fields.Binary(attachment=False, help="As it was exported: JSON.")
    filename = fields.Char()
    purpose = fields.Selection(
        [
            ("campaign", "A new campaign"),
            ("template", "A template"),
        ],
        string="It becomes",
        default="campaign",
        required=True,
    )
    workflow_id = fields.Many2one(
        "flow.workflow",
        readonly=True,
        ondelete="cascade",
        help="The draft whose place the workflow in the file takes.",
    )
    campaign_id = fields.Many2one(related="workflow_id.campaign_id")
    name = fields.Char(compute="_compute_name", store=True, readonly=False)
    audience_id = fields.Many2one(
        "flow.audience", ondelete="cascade", domain="[('target_model', '=', target_model)]"
    )
    target_model = fields.Char(compute="_compute_content")
    picture = fields.Html(compute="_compute_content", sanitize=False)
    content_words = fields.Char(string="What it holds", compute="_compute_content")
    step_words = fields.Char(string="Steps", compute="_compute_content")
    problems = fields.Text(compute="_compute_content")
    left_words = fields.Text(
        string="Not in the file", compute="_compute_content", help="What is to be entered here."
    )
    is_looked_at = fields.Boolean(readonly=True)
    created_words = fields.Text(string="Created as well", readonly=True)
    refusal = fields.Text(readonly=True)

    @api.depends("file")
    def _compute_content(self):
        """Say what can be read of the file; nothing is made of it."""
        icons = self.env["flow.action"]._icons()
        templates = self.env["flow.template"]
        for wizard in self:
            document, problem = wizard._read_file()
            design = design_of(document)
            problems = [problem] if problem else templates._missing(design)
            wizard.problems = "\n".join(problems) if wizard.file else False
            wizard.target_model = design.target_model
            wizard.picture = picture.draw(*boxes_and_ways(design, icons)) if design.states else ""
            wizard.content_words = templates._content_in_words(design)
            actions = self.env["flow.action"]
            left = [words for one in design.actions for words in actions._left_behind(one)]
            wizard.left_words = "\n".join(dict.fromkeys(left))
            wizard.step_words = " → ".join(str(one.get("name") or "") for one in design.states)

    @api.depends("file")
    def _compute_name(self):
        for wizard in self:
            document, _problem = wizard._read_file()
            is_whole = design_of(document).is_whole
            wizard.name = str(document.get("name") or "") if is_whole else False

    @api.onchange("file", "audience_id", "purpose")
    def _onchange_look_again(self):
        self.is_looked_at = False
        self.refusal = False

    def _read_file(self):
        """Return the document in the file, and what is wrong with the file as a sentence."""
        try:
            content = base64.b64decode(self.with_context(bin_size=False).file or b"")
            if len(content) > MOST_BYTES:
                return None, self.env._("The file is larger than 10 MB.")
            return json.loads(content.decode("utf-8-sig")), ""
        except (ValueError, binascii.Error, RecursionError):
            return None, self.env._("This is no JSON file.")

    def _document(self):
        document, problem = self._read_file()
        if problem:
            raise UserError(problem)
        return document

    def action_look(self):
        """Try the import, take everything back, and say what it would do."""
        self.ensure_one()
        if self.workflow_id:
            self.workflow_id.check_access("write")
        created, problems = self.env["flow.campaign"]._try_document(
            self._document(), self.workflow_id, **self._values()
        )
        self.write(
            {
                "is_looked_at": not problems,
                "created_words": "\n".join(created),
                "refusal": "\n".join(problems),
            }
        )
        return self._open()

    def action_import(self):
        """Make what was chosen of the document, and open it."""
        self.ensure_one()
        document = self._document()
        if self.workflow_id:
            self.workflow_id.check_access("write")
            self.workflow_id._replace_by_document(document)
            return _form(self.workflow_id.campaign_id)
        if self.purpose == "template":
            return _form(self._make_template(document))
        return _form(self.env["flow.campaign"]._from_document(document, **self._values()))

    def _values(self):
        """Return the values of the campaign that are not those of the document."""
        values = {"name": self.name} if self.name else {}
        if audience := self.audience_id or self.campaign_id.audience_id:
            values["audience_id"] = audience.id
            if audience.company_id:
                values["company_id"] = audience.company_id.id
        return values

    def _make_template(self, document):
        return self.env["flow.template"].create(
            {
                "name": self.name or self.filename,
                "company_id": self.env.company.id,
                "document": json.dumps(document, indent=1, ensure_ascii=False),
            }
        )

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import a Workflow"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }


def _form(record):
    return {
        "type": "ir.actions.act_window",
        "res_model": record._name,
        "res_id": record.id,
        "view_mode": "form",
    }
