"""The monitor: the figures of one campaign, of some, or of all that the user may see.

Everything is read from what is counted with the ledger (`flow.fact`, `flow.reaction.count`,
`flow.spending`), in a number of statements that depends neither on the participants nor on the
campaigns. Objectives are measured, each kind of them at once; where all campaigns are shown, only
those of campaigns that are not over, for the others the last values that were kept. What is behind
a figure is told by `flow_monitor_behind`.
"""

from odoo import api, models
from odoo.exceptions import UserError

from ..engine import pulse, result

# Days that a person may choose; 0 is all.
PERIODS = (7, 30, 90, 0)
MOST_CAMPAIGNS = 10  # of which the table tells, the newest first

# What the screen asks of the facts.
METRICS = (
    "started", "held", "active", "ended_goal", "sent", "opened", "clicked", "replied", "bounced",
    "unsubscribed",
)  # fmt: skip

LARGEST_ID = 2**31 - 1


class FlowMonitor(models.AbstractModel):
    _name = "flow.monitor"
    _description = "Campaign Monitor"

    @api.model
    def get_figures(self, campaign_ids=None, days=30):
        """Return all that the monitor shows but the feed, and note that somebody watches.

        :param campaign_ids: ids of campaigns; none for all that were launched
        :param days: how far back what happened over time goes, one of `PERIODS`
        :raises UserError: for arguments that the screen does not send
        """
        campaigns = self._campaigns(campaign_ids)
        if days not in PERIODS:
            raise UserError(self.env._("Choose one of the periods that are offered."))
        sums = result.sums(self.env, campaigns.ids, METRICS)
        single = campaigns if campaign_ids and len(campaigns) == 1 else campaigns.browse()
        figures = {
            "campaigns": [{"id": one.id, "name": one.name} for one in campaigns[:MOST_CAMPAIGNS]]
            if campaign_ids
            else [],
            "count": len(campaigns),
            "status": single.status,
            "next": single.next_message or "",
            "tiles": self._tiles(self._added_up(sums)),
            "states": self._states(single),
            "compared": [] if single else self._compared(campaigns, sums),
            "days": self._days(campaigns, days),
            "hours": self._hours(campaigns, days),
            "money": self._money(campaigns),
            "objectives": self._objectives(campaigns, is_all=not campaign_ids),
            "links": self._links(campaigns),
        }
        # Last: whoever tells of something waits for the row that this one writes.
        self._watch(campaigns, campaign_ids)
        return figures

    @api.model
    def _campaigns(self, campaign_ids):
        """Return the campaigns that are meant and that the user may see, the newest first."""
        campaigns = self.env["flow.campaign"]
        campaigns.check_access("read")
        if not campaign_ids:
            return campaigns.search([("status", "!=", "draft")])
        if not isinstance(campaign_ids, list) or not all(
            isinstance(one, int) and 0 < one <= LARGEST_ID for one in campaign_ids
        ):
            raise UserError(self.env._("Choose campaigns from the list."))
        return campaigns.with_context(active_test=False).search([("id", "in", campaign_ids)])

    # -- who is told -------------------------------------------------------------------------

    @api.model
    def _watch(self, campaigns, campaign_ids):
        """Note who is watched: these campaigns, or all of the companies that the user has open."""
        if campaign_ids:
            pulse.watch(self.env, [one.company_id.id for one in campaigns], campaigns.ids)
        else:
            companies = self.env.companies.ids
            pulse.watch(self.env, companies, [None] * len(companies))

    @api.model
    def _channels(self, names):
        """Return the channels of the bus that names stand for, as far as the user may listen.

        :param names: ``flow.monitor_7`` for the campaign 7, ``flow.monitor`` for all campaigns
        """
        campaigns = self.env["flow.campaign"]
        if not campaigns.has_access("read"):
            return []
        numbers = [name.rpartition("_")[2] for name in names if "_" in name]
        asked = [int(one) for one in numbers if one.isdecimal() and int(one) <= LARGEST_ID]
        heard = [*campaigns.with_context(active_test=False).search([("id", "in", asked)])]
        if pulse.TYPE in names:
            heard += self.env.companies
        return [(record, pulse.SUBCHANNEL) for record in heard]

    # -- people ------------------------------------------------------------------------------

    @api.model
    def _added_up(self, sums):
        """Return the sum of each metric over all campaigns."""
        return {
            metric: sum(counted.get(metric, 0) for counted in sums.values()) for metric in METRICS
        }

    @api.model
    def _tiles(self, counted):
        """Return the figures at the top, each with what it is a share of."""
        under_way = counted["active"] + counted["held"]
        people, sent = counted["started"], counted["sent"]
        labels = self._labels()
        icons = {
            "participants": "fa-users",
            "under_way": "fa-road",
            "goals": "fa-trophy",
            "sent": "fa-paper-plane-o",
            "opened": "fa-envelope-open-o",
            "clicked": "fa-mouse-pointer",
            "replied": "fa-reply",
            "bounced": "fa-exclamation-circle",
            "unsubscribed": "fa-sign-out",
        }
        values = {
            "participants": (people, None),
            "under_way": (under_way, people),
            "goals": (counted["ended_goal"], people),
            "sent": (sent, None),
            **{
                metric: (counted[metric], sent)
                for metric in ("opened", "clicked", "replied", "bounced")
            },
            "unsubscribed": (counted["unsubscribed"], people),
        }
        return [
            {
                "figure": figure,
                "label": labels[figure],
                "icon": icons[figure],
                "value": value,
                "share": self._percent(value, whole),
            }
            for figure, (value, whole) in values.items()
        ]

    @api.model
    def _percent(self, part, whole):
        """Return a share in percent with one decimal, None where there is no whole."""
        return round(100 * part / whole, 1) if whole else None

    @api.model
    def _labels(self):
        """Return what figures are called, on tiles and on what opens behind them."""
        return {
            "participants": self.env._("Participants"),
            "under_way": self.env._("Under way"),
            "goals": self.env._("Goal reached"),
            "sent": self.env._("Emails sent"),
            "opened": self.env._("Opened"),
            "clicked": self.env._("Clicked"),
            "replied": self.env._("Replied"),
            "bounced": self.env._("Bounced"),
            "unsubscribed": self.env._("Unsubscribed"),
        }

    @api.model
    def _states(self, campaign):
        """Return the funnel of a campaign: how often each state was entered, who is there now."""
        if not campaign:
            return []
        entered = result.courses(self.env, campaign.ids)[campaign.id]["entered"]
        here = result.people(self.env, campaign.ids)
        return [
            {
                "key": state.key,
                "name": state.name,
                "kind": state.kind,
                "entered": entered.get(state.key, 0),
                "here": here.get((campaign.id, state.key), 0),
            }
            for state in campaign.workflow_id.state_ids
        ]

    @api.model
    def _compared(self, campaigns, sums):
        """Return the newest campaigns side by side, those that run first."""
        statuses = dict(campaigns._fields["status"]._description_selection(self.env))
        rows = []
        for campaign in campaigns.sorted(lambda one: one.status != "running")[:MOST_CAMPAIGNS]:
            counted = {**dict.fromkeys(METRICS, 0), **sums.get(campaign.id, {})}
            rows.append(
                {
                    "id": campaign.id,
                    "name": campaign.name,
                    "status": campaign.status,
                    "status_label": statuses[campaign.status],
                    "figures": {one["figure"]: one for one in self._tiles(counted)},
                }
            )
        return rows
