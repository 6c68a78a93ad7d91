"""The figures of the picture of a workflow, on their own while a campaign runs."""

from odoo import models

from ..engine import part_figures, pulse, result


class FlowWorkflow(models.Model):
    _inherit = "flow.workflow"

    def get_canvas_figures(self):
        """Return the figures of the picture alone, and note that somebody watches them.

        The number of statements does not depend on how many parts or participants there are.

        :return: False before the campaign is launched; else ``states``, ``transitions`` and
            ``actions``: by their keys what `get_canvas` says in ``figures``; ``with_rates``: the
            keys of the actions whose rows have a line of figures
        """
        self.ensure_one()
        self.check_access("read")
        figures = self._figures()
        if figures is None:
            return False
        actions = self._planned_actions()
        answer = {
            "states": {key: figures.people(key) for key in self.state_ids.mapped("key")},
            "transitions": {key: figures.passed(key) for key in self.transition_ids.mapped("key")},
            "actions": {key: figures.done(key) for key in actions.mapped("key")},
            "with_rates": [key for key in actions.mapped("key") if figures.has_rates(key)],
        }
        # Last of all: whoever tells that something happened waits for the row of the watched.
        campaign = self.campaign_id
        pulse.watch(self.env, campaign.company_id.ids, campaign.ids)
        return answer

    def _figures(self):
        """Return the figures of a campaign that has been launched, None of any other."""
        campaign = self.campaign_id
        if not campaign or campaign.status == "draft":
            return None
        ended = result.ended_metrics(self.env)
        return Figures(part_figures.of_parts(self.env, campaign.id, ended), ended)


class Figures:
    """Says figures of single parts as plain values."""

    def __init__(self, sums, ended):
        """
        :param sums: facts as ``{metric: {key: sum}}``
        :param ended: the metrics of those who ended in a state
        """
        self.sums, self.ended = sums, list(ended)

    def people(self, key):
        """Return how many are in a state, stand at its door, and ever came in."""
        return {
            "here": sum(self.sums[metric][key] for metric in ("active", *self.ended)),
            "held": self.sums["held"][key],
            "entered": self.sums["entered"][key],
        }

    def passed(self, key):
        """Return how many went a way."""
        return {"passed": self.sums["passed"][key]}

    def done(self, key):
        """Return what became of an action; reactions in percent of what was sent."""
        counted = {
            "planned": self.sums["step_planned"][key],
            "done": self.sums["step_done"][key],
            "failed": self.sums["step_failed"][key] + self.sums["step_uncertain"][key],
        }
        if sent := self.sums["sent"][key]:
            counted["sent"] = sent
            for metric in ("opened", "clicked", "replied"):
                counted[metric] = round(100 * self.sums[metric][key] / sent)
        return counted

    def has_rates(self, key):
        """Whether the row of an action has a line of figures."""
        metrics = ("sent", "step_planned", "step_failed", "step_uncertain")
        return any(self.sums[metric][key] for metric in metrics)
