"""The gallery of templates: what each looks like, holds and needs, and how one begins with it."""

from collections import Counter
from datetime import MAXYEAR

from odoo import api, fields, models

from ..engine import database_clock, picture
from .document_design import boxes_and_ways, design_of

MOMENTS = ("date_at", "date_planned", "test_date_at")


class FlowTemplate(models.Model):
    _inherit = "flow.template"

    target_model = fields.Char(compute="_compute_gallery")
    picture = fields.Html(
        compute="_compute_gallery", sanitize=False, help="The workflow, drawn from the design."
    )
    content_words = fields.Char(string="What it holds", compute="_compute_gallery")
    has_ways_in = fields.Boolean(
        string="People come in by themselves",
        compute="_compute_gallery",
        help="By what they do, or around a date of theirs; an audience is not needed.",
    )
    missing = fields.Text(
        string="What is missing",
        compute="_compute_gallery",
        help="What the template needs and this database does not have.",
    )

    @api.depends("document")
    @api.depends_context("lang")
    def _compute_gallery(self):
        icons = self.env["flow.action"]._icons()
        for template in self:
            design = design_of(template._design())
            template.target_model = design.target_model
            template.picture = picture.draw(*boxes_and_ways(design, icons))
            template.content_words = template._content_in_words(design)
            template.has_ways_in = bool(design.entries)
            template.missing = "\n".join(template._missing(design))

    def _content_in_words(self, design):
        """Return “3 × Send email, Points”."""
        labels = dict(self.env["flow.action"]._fields["kind"]._description_selection(self.env))
        counts = Counter(labels.get(str(action.get("kind")), "?") for action in design.actions)
        return ", ".join(
            f"{count} × {label}" if count > 1 else label for label, count in counts.items()
        )

    def _missing(self, design):
        """Return what keeps a design from being used here, as sentences."""
        kinds = self.env["flow.action"]._fields["kind"].get_values(self.env)
        events = self.env["flow.event"]._kinds()
        targets = dict(self.env["flow.audience"]._target_models())
        missing = [] if design.is_whole else [self.env._("It has no design that can be read.")]
        missing += [
            self.env._("The action “%s” needs an addon that is not installed.", kind)
            for kind in dict.fromkeys(str(action.get("kind")) for action in design.actions)
            if kind not in kinds
        ]
        rules = [rule.get("event_kind") for rule in (*design.transitions, *design.entries)]
        missing += [
            self.env._("The event “%s” needs an addon that is not installed.", kind)
            for kind in dict.fromkeys(str(rule) for rule in rules if rule)
            if kind not in events
        ]
        if design.is_whole and design.target_model not in targets:
            missing.append(
                self.env._("Its kind of contact (%s) is not there.", design.target_model)
            )
        return missing

    def action_begin(self):
        """Open the dialog that makes a campaign of this template."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "flow.template.use",
            "view_mode": "form",
            "target": "new",
            "context": {"default_template_id": self.id},
        }

    def _make_campaign(self, **values):
        """Return a new draft campaign of this design; when dates have passed, all come again.

        :param values: of the campaign
        :raises UserError: with every reason for which the design does not fit
        """
        self.ensure_one()
        document = _from_now_on(self._parsed(), database_clock.now(self.env))
        return self.env["flow.campaign"]._from_document(document, **{"name": self.name, **values})


def _from_now_on(document, now):
    """Return a document without dates that have passed.

    All dates move by as many years as the earliest one needs: they keep their order.
    """
    earliest = min(_moments(document), default=now)
    years = max(0, now.year - earliest.year)
    if fields.Datetime.add(earliest, years=years) < now:
        years += 1
    return _moved(document, years) if years else document


def _moments(part):
    """Yield every date of a document, however deep it is."""
    if isinstance(part, list):
        for one in part:
            yield from _moments(one)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name not in MOMENTS:
                yield from _moments(value)
            elif moment := _moment(value):
                yield moment


def _moved(part, years):
    if isinstance(part, list):
        return [_moved(one, years) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        name: _later(value, years) if name in MOMENTS else _moved(value, years)
        for name, value in part.items()
    }


def _later(text, years):
    moment = _moment(text)
    if not moment or moment.year + years > MAXYEAR:
        return text
    return fields.Datetime.to_string(fields.Datetime.add(moment, years=years))


def _moment(text):
    """Return a date of a document, None for what is none: that is said when it is used."""
    try:
        return fields.Datetime.to_datetime(text)
    except (TypeError, ValueError):
        return None
