"""What recipients do with the emails of campaigns: they load a picture, they follow a link.

Each address carries a signed token. A request inserts one event and nothing else; Odoo's traces and
clicks follow when the engine takes the event in.
"""

import base64

from odoo import SUPERUSER_ID, http
from odoo.http import request
from werkzeug.exceptions import NotFound

from ..engine import machines, signature
from .tracker import with_visitor

PIXEL = base64.b64decode("R0lGODlhAQABAIAAANvf7wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
PUBLIC = {"type": "http", "auth": "public", "sitemap": False, "save_session": False}
# The token is all that counts: who asks is not looked up. Pictures are asked for by the thousand.
ANYBODY = {**PUBLIC, "auth": "none"}


class FlowTracking(http.Controller):
    @http.route("/flow/open/<string:token>/blank.gif", **ANYBODY)
    def open(self, token, **_):
        step_id = signature.step_id(request.env, token)
        if step_id is None:
            raise NotFound
        self._record("opened", step_id)
        headers = [("Content-Type", "image/gif"), ("Cache-Control", "no-store, max-age=0")]
        return request.make_response(PIXEL, headers)

    @http.route("/flow/click/<string:code>/<string:token>", **PUBLIC)
    def click(self, code, token, **_):
        """Follow a fixed link; only to where an email of a campaign leads."""
        # sudo: the visitor is nobody; what is read is where a link of an email leads
        links = request.env["link.tracker.code"].sudo()
        link = links.search([("code", "=", code)], limit=1).link_id
        mailing = link.mass_mailing_id
        if not mailing.flow_campaign_id:
            raise NotFound
        step_id = signature.step_id(request.env, token)
        if step_id is not None:
            self._record("clicked", step_id, url=link.url, link=link)
        return self._lead_to(link.redirected_url, step_id)

    @http.route("/flow/link/<string:token>/<string:sign>", **PUBLIC)
    def link(self, token, sign, url="", **_):
        """Follow a link that came from the recipient's own data; only if we signed it."""
        step_id = signature.step_id(request.env, token)
        if step_id is None or not signature.matches(request.env, sign, "link", token, url):
            raise NotFound
        self._record("clicked", step_id, url=url)
        return self._lead_to(self._with_campaign(url, step_id), step_id)

    def _with_campaign(self, url, step_id):
        """Return the address with the UTM parameters that Odoo gives to the fixed links."""
        # sudo: the visitor is nobody; what is read is the email that they were sent
        mailing = request.env["flow.step"].sudo().browse(step_id).exists().action_id.mailing_id
        if not mailing:
            return url
        links = request.env["link.tracker"].sudo()
        return links.new({"url": url, **mailing._get_link_tracker_values()}).redirected_url

    def _lead_to(self, url, step_id):
        """Lead to where a link leads; a site with our tracker gets to know who comes."""
        if step_id is not None:
            url = with_visitor(request.env, url, signature.link_token(request.env, step_id))
        return request.redirect(url, code=302, local=False)

    def _record(self, kind, step_id, url=None, link=None):
        headers = request.httprequest.headers
        # The visitor is nobody; the token proves that the message was theirs.
        request.env(user=SUPERUSER_ID)["flow.event"]._record_for_steps(
            kind,
            [step_id],
            url=url,
            link_id=link.id if link else None,
            country_code=request.geoip.country_code,
            is_machine=machines.is_machine(request.httprequest.method, headers),
        )
