"""The tracker of websites: the script, and where it reports to.

Reports come from any site and from anybody. They are answered the same whatever we know, cost
little where they are refused, and write nothing to the log.
"""

import hashlib
import json

from odoo import SUPERUSER_ID, http
from odoo.http import request
from odoo.tools import file_open

from ..engine import machines, settings, transaction, visit_report, web_address
from ..engine.limiter import Limiter

SCRIPT = "marketing_campaign_flow/static/tracker/tracker.js"
SETTINGS = '"settings"'  # in the script
HOUR = 3600
ANYBODY = {"type": "http", "auth": "none", "sitemap": False, "save_session": False}

# Per minute, and worker of Odoo. Many people may share an address, none is that busy.
REPORTS_OF_ADDRESS = Limiter(600)
REPORTS_OF_VISITOR = Limiter(120)
NEW_CONTACTS_OF_ADDRESS = Limiter(20)


class FlowTracker(http.Controller):
    @http.route("/flow/tracker.js", methods=["GET"], **ANYBODY)
    def script(self, **_):
        with file_open(SCRIPT) as source:
            wanted = {
                "consent": settings.CONSENT.value(request.env),
                "privacy": settings.PRIVACY.value(request.env),
            }
            content = source.read().replace(SETTINGS, json.dumps(wanted), 1)
        headers = [
            ("Content-Type", "text/javascript; charset=utf-8"),
            ("Cache-Control", f"public, max-age={HOUR}"),
            ("Access-Control-Allow-Origin", "*"),
            ("Cross-Origin-Resource-Policy", "cross-origin"),
        ]
        response = request.make_response(content, headers)
        response.set_etag(hashlib.sha256(content.encode()).hexdigest()[:32])
        return response.make_conditional(request.httprequest.environ)

    @http.route(
        "/flow/t",
        methods=["POST", "OPTIONS"],
        csrf=False,  # nobody is logged in here
        cors="*",
        readonly=False,
        max_content_length=visit_report.MOST_BYTES,
        **ANYBODY,
    )
    def report(self, **_):
        return request.make_response("", status=self._take())

    def _take(self) -> int:
        """Take a report in and return the status to answer with."""
        asked = request.httprequest
        # The visitor is nobody; what a report may do is what `_take` of the model does.
        visitors = request.env(user=SUPERUSER_ID)["flow.visitor"]
        if (asked.content_length or 0) > visit_report.MOST_BYTES:
            return 413
        if not REPORTS_OF_ADDRESS.allows(asked.remote_addr):
            return 429
        origin = asked.headers.get("Origin", "null")
        if origin != "null" and not visitors._is_site(origin, asked.host):
            return 403
        try:
            report = visit_report.read(asked.get_data())
        except visit_report.MalformedError:
            return 400
        if not visitors._is_site(report.url, asked.host):
            return 403
        if not REPORTS_OF_VISITOR.allows(report.visitor):
            return 429
        if self._is_to_be_ignored(asked):
            return 204
        fills_in = any(happening.email for happening in report.happenings)
        may_create = fills_in and NEW_CONTACTS_OF_ADDRESS.allows(asked.remote_addr)
        # Leaving one page and opening the next are told at the same moment: one waits for the
        # other, where at Odoo's own level of isolation it would have to begin again after a pause.
        transaction.begin(request.env)
        visitors._take(report, may_create)
        return 204

    def _is_to_be_ignored(self, asked) -> bool:
        """Return whether no person is behind a request, or one who does not want to be tracked."""
        if machines.is_machine(asked.method, asked.headers):
            return True
        unwanted = "1" in (asked.headers.get("DNT"), asked.headers.get("Sec-GPC"))
        return unwanted and settings.PRIVACY.value(request.env)


def with_visitor(env, url: str, token: str) -> str:
    """Return where a link of an email leads, telling who follows it where that site may know."""
    if not env(user=SUPERUSER_ID)["flow.visitor"]._is_site(url, request.httprequest.host):
        return url
    return web_address.with_token(url, token)
