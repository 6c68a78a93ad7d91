"""The monitor's figures over time: emails and opt-outs by day, reactions by weekday and hour."""

from datetime import datetime, time, timedelta

import pytz
from odoo import api, models
from odoo.tools import SQL, format_date
from odoo.tools.misc import get_lang

from ..engine import database_clock, reactions

BY_DAY = ("sent", "opened", "clicked", "replied", "unsubscribed")
BY_HOUR = ("opened", "clicked", "replied")
FEWEST_DAYS = 7
MOST_DAYS = 45  # more are drawn by week
A_SUNDAY = datetime(2023, 1, 1)

SUMS = """
    SELECT metric, day, sum(amount)
      FROM flow_fact
     WHERE campaign_id = ANY(%(campaigns)s) AND metric = ANY(%(metrics)s) AND day IS NOT NULL
       AND (%(since)s::date IS NULL OR day >= %(since)s)
     GROUP BY 1, 2 HAVING sum(amount) <> 0
"""


def spans(first, last):
    """Return the days from `first` to `last` one by one, or by seven where they are many, as pairs
    of first and last day."""
    step = 1 if (last - first).days < MOST_DAYS else 7
    starts = [first + timedelta(offset) for offset in range(0, (last - first).days + 1, step)]
    return [(start, min(last, start + timedelta(step - 1))) for start in starts]


class FlowMonitor(models.AbstractModel):
    _inherit = "flow.monitor"

    @api.model
    def _days(self, campaigns, days):
        """Return the emails of each day: labels, the days that a point stands for, and a line per
        metric. Days are in UTC, as facts are."""
        today = database_clock.now(self.env).date()
        since = today - timedelta(days - 1) if days else None
        self.env.flush_all()
        counted = {
            (metric, day): number
            for metric, day, number in self.env.execute_query(
                SQL(SUMS, campaigns=campaigns.ids, metrics=list(BY_DAY), since=since)
            )
        }
        seen = [day for _metric, day in counted]
        parts = self._spans(seen, since, today) if seen else []
        labels = self._labels()
        return {
            "spans": [[first.isoformat(), last.isoformat()] for first, last in parts],
            "labels": [format_date(self.env, first, date_format="d MMM") for first, _last in parts],
            "series": [
                {
                    "figure": metric,
                    "label": labels[metric],
                    "values": [
                        sum(
                            counted.get((metric, first + timedelta(offset)), 0)
                            for offset in range((last - first).days + 1)
                        )
                        for first, last in parts
                    ],
                }
                for metric in BY_DAY
            ],
            "by_week": bool(parts) and parts[0][0] != parts[0][1],
        }

    @api.model
    def _spans(self, seen, since, today):
        """Return what the points stand for: from the first day on which something happened, a week
        at least."""
        last = max(today, *seen)
        first = min(last - timedelta(FEWEST_DAYS - 1), *seen)
        return spans(max(since, first) if since else first, last)

    @api.model
    def _hours(self, campaigns, days):
        """Return when people react: per kind a row per weekday, in the order of the user's
        language, with 24 numbers; hours are those of the user's time zone."""
        zone, since = self._zone(), self._since(days)
        found = reactions.by_hour(self.env, campaigns.ids, BY_HOUR, zone, since)
        first = int(get_lang(self.env).week_start)
        weekdays = [(first + offset) % 7 for offset in range(7)]  # 0 is Sunday
        names = [
            format_date(self.env, A_SUNDAY + timedelta(number), date_format="EEE")
            for number in weekdays
        ]
        labels = self._labels()
        return {
            "zone": zone,
            "weekdays": [
                {"number": number, "label": label}
                for number, label in zip(weekdays, names, strict=True)
            ],
            "kinds": [
                {
                    "kind": kind,
                    "label": labels[kind],
                    "rows": [
                        [found[kind].get((number, hour), 0) for hour in range(24)]
                        for number in weekdays
                    ],
                }
                for kind in BY_HOUR
            ],
        }

    @api.model
    def _zone(self):
        """Return the time zone in which the user reads hours."""
        zone = self.env.context.get("tz") or self.env.user.tz
        return zone if zone in pytz.all_timezones_set else "UTC"

    @api.model
    def _since(self, days):
        """Return when the period begins, as a naive UTC moment; None for all.

        That is midnight of the user's, so it lies at a full quarter of an hour.
        """
        if not days:
            return None
        zone = pytz.timezone(self._zone())
        today = pytz.utc.localize(database_clock.now(self.env)).astimezone(zone).date()
        midnight = datetime.combine(today - timedelta(days - 1), time.min)
        return zone.localize(midnight).astimezone(pytz.utc).replace(tzinfo=None)
