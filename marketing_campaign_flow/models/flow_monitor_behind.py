"""What is behind a figure of the monitor: the people, emails, reactions or money it is made of.

Each figure has a domain whose records are as many as the figure says.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .flow_monitor import PERIODS

NO_PART = ("guest", "held_out")

# The field of Odoo's trace that says when it happened.
OF_EMAILS = {
    "sent": "sent_datetime",
    "opened": "open_datetime",
    "clicked": "links_click_datetime",
    "replied": "reply_datetime",
}


class FlowMonitor(models.AbstractModel):
    _inherit = "flow.monitor"

    @api.model
    def action_view(self, figure, campaign_ids=None, about=None):
        """Open what a figure is made of.

        :param figure: which, see `_behind`
        :param campaign_ids: ids of campaigns; none for all that were launched
        :param about: which part of it: ``first`` and ``last`` day (ISO, UTC), ``state`` (key),
            ``kind``, ``weekday``, ``hour`` and ``days``, or ``url``
        :return: an action
        :raises UserError: for a figure that there is not
        """
        campaigns, about = self._campaigns(campaign_ids), about or {}
        try:
            name, model, domain, context = self._behind(figure, campaigns, about)
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            raise UserError(self.env._("There is nothing to open behind this figure.")) from error
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": self._views_of(model),
            "domain": domain,
            "context": {**context, "create": False},
        }

    @api.model
    def _behind(self, figure, campaigns, about):
        """Return the name, the model, the domain and the context of what is behind a figure."""
        of_campaigns = ("campaign_id", "in", campaigns.ids)
        if figure in ("participants", "under_way", "goals", "unsubscribed"):
            domain = [of_campaigns, *getattr(self, f"_behind_{figure}")(about)]
            return self._labels()[figure], "flow.participant", domain, {}
        if figure in ("here", "entered"):
            return self._behind_state(figure, campaigns, str(about["state"]))
        if figure in OF_EMAILS or figure == "bounced":
            domain = [("flow_step_id.campaign_id", "in", campaigns.ids)]
            domain += self._behind_emails(figure, about)
            return self._labels()[figure], "mailing.trace", domain, {}
        if figure == "hour":
            return self._behind_hour(of_campaigns, about)
        if figure == "link":
            url = str(about["url"])
            domain = [of_campaigns, ("kind", "=", "clicked"), ("url", "=", url)]
            return url, "flow.event", [*domain, ("is_machine", "=", False)], {}
        if figure == "objectives":
            return self.env._("Objectives"), "flow.objective", [of_campaigns], {}
        if figure == "money":
            return self._behind_money(of_campaigns, about)
        raise KeyError(figure)

    # -- people ------------------------------------------------------------------------------

    @api.model
    def _behind_participants(self, _about):
        return [("end_kind", "not in", NO_PART)]

    @api.model
    def _behind_under_way(self, _about):
        return [("status", "in", ("held", "active"))]

    @api.model
    def _behind_goals(self, _about):
        return [("end_kind", "=", "goal")]

    @api.model
    def _behind_unsubscribed(self, about):
        """Whoever unsubscribes again counts on the first day only."""
        opted_out = ("kind", "=", "unsubscribed")
        domain = [("event_ids", "any", [opted_out, *self._within("occurred_at", about)])]
        if about.get("first"):
            first = self._day(about["first"])
            earlier = [opted_out, ("occurred_at", "<", fields.Datetime.to_string(first))]
            domain.append(("event_ids", "not any", earlier))
        return domain

    @api.model
    def _behind_state(self, figure, campaigns, key):
        state = campaigns.workflow_id.state_ids.filtered(lambda one: one.key == key)[:1]
        if figure == "here":
            domain = [("campaign_id", "in", campaigns.ids), ("state_id.key", "=", key)]
            domain.append(("end_kind", "not in", NO_PART))
            return state.name or key, "flow.participant", domain, {}
        domain = [("participant_id.campaign_id", "in", campaigns.ids)]
        domain += [("state_key", "=", key), ("kind", "=", "entered")]
        name = self.env._("Came into “%s”", state.name or key)
        return name, "flow.visit", domain, {}

    # -- emails and reactions ----------------------------------------------------------------

    @api.model
    def _behind_emails(self, figure, about):
        if figure == "bounced":
            return [("trace_status", "=", "bounce")]
        moment = OF_EMAILS[figure]
        return [(moment, "!=", False), *self._within(moment, about)]

    @api.model
    def _behind_hour(self, of_campaigns, about):
        kind, zone = str(about["kind"]), self._zone()
        domain = [of_campaigns, ("kind", "=", kind), ("is_machine", "=", False)]
        domain.append(("occurred_at.day_of_week", "=", int(about["weekday"])))
        domain.append(("occurred_at.hour_number", "=", int(about["hour"])))
        since = self._since(PERIODS[PERIODS.index(about.get("days", 0))])
        if since:
            domain.append(("occurred_at", ">=", fields.Datetime.to_string(since)))
        # The parts of a moment are those of the time zone in the context.
        return self._labels()[kind], "flow.event", domain, {"tz": zone}

    @api.model
    def _within(self, name, about):
        """Return the domain of the days from first to last."""
        if not about.get("first"):
            return []
        first, after = self._day(about["first"]), self._day(about["last"]) + timedelta(1)
        return [
            (name, ">=", fields.Datetime.to_string(first)),
            (name, "<", fields.Datetime.to_string(after)),
        ]

    @api.model
    def _day(self, text):
        return fields.Datetime.to_datetime(fields.Date.to_date(str(text)))

    # -- money -------------------------------------------------------------------------------

    @api.model
    def _behind_money(self, of_campaigns, about):
        figure = str(about["kind"])
        kinds = self._money_rows(figure)
        domain = [of_campaigns, ("kind", "in", kinds)]
        if about.get("last"):
            domain.append(("date", "<=", fields.Date.to_string(self._day(about["last"]).date())))
        name = self.env["flow.campaign"]._figure_labels()[figure]
        context = {
            "flow_figure": figure, "flow_money_kinds": kinds, "flow_money_of": of_campaigns[2],
        }  # fmt: skip
        return name, "flow.money", domain, context

    @api.model
    def _views_of(self, model):
        """Return which views open, in the form that the web client wants."""
        own = {
            "mailing.trace": "mass_mailing.mailing_trace_view_tree_mail",
            "flow.visit": "marketing_campaign_flow.flow_visit_view_list_monitor",
        }
        view = self.env["ir.model.data"]._xmlid_to_res_id(own[model]) if model in own else False
        kinds = {
            "flow.participant": ("list", "kanban", "form"),
            "flow.event": ("list", "graph", "pivot"),
            "flow.money": ("list", "pivot", "graph"),
            "flow.visit": ("list",),
        }.get(model, ("list", "form"))
        return [[view if kind == "list" else False, kind] for kind in kinds]
