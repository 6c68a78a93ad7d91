"""Kinds of events on websites, as the tracker tells them."""

from odoo import api, models

from .event_kind import EventKind


class FlowEvent(models.Model):
    _inherit = "flow.event"

    @api.model
    def _kinds(self):
        _ = self.env._
        page, seconds = _("Page"), _("Seconds")
        return {
            **super()._kinds(),
            "visited": EventKind(
                _("Page visited"),
                "fa-globe",
                url=page,
                detail=_("source=…; medium=…; campaign=…; referrer=…;"),
            ),
            "stayed": EventKind(
                _("Time on a page"), "fa-clock-o", url=page, value=seconds, grows=True
            ),
            "stayed_site": EventKind(
                _("Time on the site in one visit"),
                "fa-clock-o",
                url=_("Site"),
                value=seconds,
                grows=True,
            ),
            "pages": EventKind(
                _("Pages in one visit"), "fa-files-o", url=_("Site"), value=_("Pages"), grows=True
            ),
            "submitted": EventKind(
                _("Form submitted"), "fa-wpforms", url=page, detail=_("name of the form")
            ),
            "downloaded": EventKind(
                _("File downloaded"), "fa-download", url=_("File"), detail=_("name of the file")
            ),
        }
