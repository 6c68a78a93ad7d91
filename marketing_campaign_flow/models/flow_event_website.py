"""Kinds of events on websites, as the tracker tells them."""

from odoo import api, models

from .event_kind import EventKind


class FlowEvent(models.Model):
    _inherit = "flow.event"

    @api.model
    def _kinds(self):
        page, seconds = self.env._("Page"), self.env._("Seconds")
        return {
            **super()._kinds(),
            "visited": EventKind(
                self.env._("Page visited"),
                "fa-globe",
                url=page,
                detail=self.env._("Where they came from"),
                hint="*source=newsletter;*",
            ),
            "stayed": EventKind(
                self.env._("Time on a page"), "fa-clock-o", url=page, value=seconds, grows=True
            ),
            "stayed_site": EventKind(
                self.env._("Time on the site in one visit"),
                "fa-clock-o",
                url=self.env._("Site"),
                value=seconds,
                grows=True,
            ),
            "pages": EventKind(
                self.env._("Pages in one visit"),
                "fa-files-o",
                url=self.env._("Site"),
                value=self.env._("Pages"),
                grows=True,
            ),
            "submitted": EventKind(
                self.env._("Form submitted"),
                "fa-wpforms",
                url=page,
                detail=self.env._("Name of the form"),
            ),
            "downloaded": EventKind(
                self.env._("File downloaded"),
                "fa-download",
                url=self.env._("File"),
                detail=self.env._("Name of the file"),
            ),
        }
