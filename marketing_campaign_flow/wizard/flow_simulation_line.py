"""What a simulation assumes of people, way by way, and where it comes from."""

import ast

from odoo import api, fields, models
from odoo.fields import Domain

from ..engine import result

# Of those who get the message, or are in the state: in percent, and in how many hours half of them.
ASSUMED = {
    "delivered": (98.0, 0.0),
    "opened": (25.0, 5.0),
    "clicked": (4.0, 8.0),
    "replied": (1.0, 12.0),
    "bounced": (2.0, 0.5),
    "unsubscribed": (0.5, 12.0),
    "blacklisted": (0.2, 24.0),
}
ANYTHING = (5.0, 72.0)
MANUAL = (50.0, 24.0)
FILTER = 50.0

# What facts count of an email beside how often it was sent.
COUNTED = {
    "opened": "opened",
    "clicked": "clicked",
    "replied": "replied",
    "bounced": "bounced",
    "unsubscribed": "unsubscribed_emails",
}
ENOUGH_OF_EMAIL = 50  # sent, so that its own rate is taken
ENOUGH_OF_ALL = 200
SAMPLE = 1000  # people of the audience who are asked whether they match a filter


class FlowSimulationLine(models.TransientModel):
    _name = "flow.simulation.line"
    _description = "Assumption of a Simulation"
    _order = "sequence, id"

    simulation_id = fields.Many2one("flow.simulation", required=True, ondelete="cascade")
    sequence = fields.Integer()
    transition_key = fields.Char(required=True, readonly=True)
    about = fields.Selection([("way", "Way"), ("guard", "Filter")], required=True, readonly=True)
    of_message = fields.Boolean(readonly=True)
    name = fields.Char(string="Who does what", readonly=True)
    share = fields.Float(
        string="Share (%)",
        digits=(5, 1),
        help="How many of the people do it if nothing else comes first.",
    )
    half_hours = fields.Float(
        string="Half within (h)",
        digits=(16, 1),
        help="After so many hours half of those who do it at all have done it. 0: at once.",
    )
    source = fields.Char(string="Comes from", readonly=True)

    _share_is_percent = models.Constraint(
        "CHECK(share BETWEEN 0 AND 100)", "A share is between 0 and 100 %."
    )
    _hours_positive = models.Constraint("CHECK(half_hours >= 0)", "Hours cannot be negative.")

    def _part(self):
        """Return the share as a number from 0 to 1."""
        return min(max(self.share, 0.0), 100.0) / 100

    @api.model
    def _lines(self, campaign):
        """Return the values of a line for whatever people decide, or a filter does."""
        rates = _Rates(campaign)
        kinds = self.env["flow.event"]._kinds()
        lines = []
        for way in campaign.edited_workflow_id.transition_ids.sorted():
            place = way.state_id.name or self.env._("Any state")
            values = {"transition_key": way.key, "sequence": len(lines)}
            if way.trigger in ("event", "manual", "condition", "result"):
                share, half, source = rates.of_way(way)
                about = kinds.get(way.event_kind) if way.trigger == "event" else None
                words = way._trigger_in_words()
                if way.trigger == "event" and way.event_action_id:
                    words = f"{words} (“{way.event_action_id._seen_content()}”)"
                lines.append(
                    {
                        **values,
                        "about": "way",
                        "name": f"{place}: {words}",
                        "of_message": bool(about and about.of_message),
                        "share": share,
                        "half_hours": half,
                        "source": source,
                    }
                )
            if way.guard:
                share, source = rates.of_filter(way.guard)
                name = self.env._(
                    "%(state)s: only if, for %(way)s", state=place, way=way.display_name
                )
                lines.append(
                    {**values, "about": "guard", "name": name, "share": share, "source": source}
                )
        return lines


class _Rates:
    """What is known of how people of a company behave, from what its campaigns have counted."""

    def __init__(self, campaign):
        self.env, self.campaign = campaign.env, campaign
        found = self.env["flow.campaign"].with_context(active_test=False)
        others = found.search([("company_id", "=", campaign.company_id.id)]).ids
        metrics = ["sent", *COUNTED.values()]
        self._of_email = result.sums_of_actions(self.env, others, metrics)
        self._courses = result.courses(self.env, others)
        self._of_all = {
            metric: sum(counted.get(metric, 0) for counted in self._of_email.values())
            for metric in metrics
        }
        self._sample = None

    def of_way(self, way):
        """Return the share in percent, the hours and where they come from."""
        if way.trigger == "condition":
            share, source = self.of_filter(way.condition)
            return share, 0.0, source
        share, half = {
            "manual": MANUAL,
            "result": (100.0, 24.0),
        }.get(way.trigger) or ASSUMED.get(way.event_kind, ANYTHING)
        measured = self._of_event(way) or self._of_passages(way)
        if measured:
            return measured[0], half, measured[1]
        return share, half, self.env._("Assumption")

    def of_filter(self, text):
        """Return how many percent of some people of the audience match a filter, and the source."""
        people = self._people()
        if people:
            try:
                domain = Domain("id", "in", people.ids) & Domain(ast.literal_eval(text))
                with self.env.cr.savepoint(flush=False):
                    share = 100.0 * people.search_count(domain) / len(people)
                words = (
                    self.env._("Measured: one person of the audience")
                    if len(people) == 1
                    else self.env._("Measured: %s people of the audience", len(people))
                )
            except Exception:  # the check says so of a filter that does not work
                return FILTER, self.env._("Assumption")
            return share, words
        return FILTER, self.env._("Assumption")

    def _of_event(self, way):
        metric = COUNTED.get(way.event_kind) if way.trigger == "event" else None
        if not metric or way.link_pattern:
            return None
        own = self._of_email.get(way.event_action_id.key, {}) if way.event_action_id else {}
        if own.get("sent", 0) >= ENOUGH_OF_EMAIL:
            words = self.env._("Measured: this email, sent %s times", own["sent"])
            return 100.0 * own.get(metric, 0) / own["sent"], words
        sent = self._of_all["sent"]
        if sent >= ENOUGH_OF_ALL:
            words = self.env._("Measured: %s emails of your campaigns", sent)
            return 100.0 * self._of_all[metric] / sent, words
        return None

    def _of_passages(self, way):
        """Where the same way was there for others, as in the campaign this is a copy of."""
        if (
            not way.state_id
            or COUNTED.get(way.event_kind)
            or way.trigger not in ("event", "manual")
        ):
            return None
        entered = sum(
            course["entered"].get(way.state_id.key, 0) for course in self._courses.values()
        )
        if entered < ENOUGH_OF_EMAIL:
            return None
        passed = sum(course["passed"].get(way.key, 0) for course in self._courses.values())
        words = self.env._("Measured: this way, %s people", entered)
        return min(100.0, 100.0 * passed / entered), words

    def _people(self):
        if self._sample is None:
            audience = self.campaign._seen_audience()
            contacts = self.env[self.campaign.target_model]
            self._sample = contacts
            if audience:
                inside = Domain("id", "in", audience._contact_query())
                self._sample = contacts.search(inside, limit=SAMPLE, order="id")
        return self._sample
