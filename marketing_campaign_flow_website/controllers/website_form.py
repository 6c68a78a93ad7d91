"""Forms of Odoo's website: whoever sends one has done something, and has said who it is."""

import json

from odoo import SUPERUSER_ID
from odoo.addons.website.controllers.form import WebsiteForm
from odoo.http import request

VISITOR = "flow_visitor"  # the field in which our script tells the visitor's name


class FlowWebsiteForm(WebsiteForm):
    def _handle_website_form(self, model_name, **kwargs):
        visitor = kwargs.pop(VISITOR, "")
        answer = super()._handle_website_form(model_name, **kwargs)
        said = json.loads(answer) if isinstance(answer, str) else None
        if said and said.get("id"):
            # The visitor is nobody; what is recorded is that this form was sent.
            visitors = request.env(user=SUPERUSER_ID)["flow.visitor"]
            visitors._record_website_form(model_name, said["id"], kwargs, visitor)
        return answer

    def extract_data(self, model_sudo, values):
        values = {name: value for name, value in values.items() if name != VISITOR}
        return super().extract_data(model_sudo, values)
