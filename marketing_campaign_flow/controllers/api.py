"""What other programs tell: `POST /flow/api/events`, with an API key of Odoo."""

from odoo import http
from odoo.http import request

from ..engine.told_events import MOST_BYTES, RefusedError, parse


class FlowApi(http.Controller):
    @http.route(
        "/flow/api/events",
        type="http",
        auth="bearer",
        methods=["POST"],
        csrf=False,
        save_session=False,
        readonly=False,
    )
    def events(self, **_):
        """Record events of contacts; all of a request, or none of it.

        See the developers' guide for what is asked and answered.
        """
        if not request.env.user.has_group("marketing_campaign_flow.group_flow_user"):
            return self._answer(403, "The user of this API key may not use Campaign Flow.")
        length = request.httprequest.content_length
        if length is None:
            return self._answer(411, "Say how long the request is (Content-Length).")
        if length > MOST_BYTES:
            return self._answer(413, f"A request has {MOST_BYTES} bytes at most.")
        body = request.httprequest.get_data(cache=False)
        batch_key = request.httprequest.headers.get("Idempotency-Key")
        try:
            told = parse(body, batch_key, request.env["flow.event"]._kinds_told())
        except RefusedError as refusal:
            return self._answer(refusal.status, refusal.message, refusal.problems)
        request.env["flow.event"]._record_told(told)
        return request.make_json_response({"accepted": len(told)})

    def _answer(self, status, message, problems=()):
        answer = {"error": message}
        if problems:
            answer["problems"] = problems
        return request.make_json_response(answer, status=status)
