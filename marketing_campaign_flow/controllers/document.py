"""Workflows as files: `GET /flow/document/<model>/<id>`, for whoever may read them."""

import json

from odoo import http
from odoo.http import content_disposition, request
from odoo.tools.osutil import clean_filename

MODELS = ("flow.campaign", "flow.workflow", "flow.template")


class FlowDocument(http.Controller):
    @http.route(
        "/flow/document/<string:model>/<int:record_id>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def download(self, model, record_id):
        """Return a workflow as a JSON file; 404 for what is not there or not to be read."""
        if model not in MODELS:
            raise request.not_found()
        record = request.env[model].browse(record_id).exists()
        if not record or not record.has_access("read"):
            raise request.not_found()
        document = record._as_document()
        name = clean_filename(f"{document.get('name') or record.display_name}.json")
        return request.make_response(
            json.dumps(document, indent=1, ensure_ascii=False, default=str),
            headers=[
                ("Content-Type", "application/json; charset=utf-8"),
                ("Content-Disposition", content_disposition(name)),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
