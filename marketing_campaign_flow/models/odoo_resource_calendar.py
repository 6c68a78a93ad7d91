from datetime import timedelta

from odoo import fields, models

from ..engine.clock import time_of_day
from ..engine.working_time import HORIZON_DAYS, Calendar, Shift


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def _flow_working_time(self, company, now):
        """Return the hours and the times off of this calendar as an `engine.working_time.Calendar`.

        :param company: whose general times off count beside the calendar's own
        :param now: times off that have ended by then do not matter any more
        """
        self.ensure_one()
        # sudo: the engine keeps to the calendar whoever looks; hours and times off are plain values
        calendar = self.sudo()
        off = calendar.env["resource.calendar.leaves"].search(
            [
                ("calendar_id", "in", (False, calendar.id)),
                ("company_id", "in", (False, company.id)),
                ("resource_id", "=", False),
                ("time_type", "=", "leave"),
                ("date_to", ">=", now),
                ("date_from", "<=", now + timedelta(days=HORIZON_DAYS + 1)),
            ],
            order="date_from",
        )
        return Calendar(
            zone=calendar.tz,
            shifts=tuple(
                Shift(
                    weekday=int(line.dayofweek),
                    opens=time_of_day(line.hour_from),
                    closes=time_of_day(line.hour_to),
                    week=int(line.week_type)
                    if calendar.two_weeks_calendar and line.week_type
                    else None,
                )
                for line in calendar._flow_work_lines()
            ),
            leaves=tuple((leave.date_from, _end_of(leave)) for leave in off),
        )

    def _flow_work_lines(self):
        """Return the lines that are work, neither breaks nor headings."""
        return self.attendance_ids.filtered(
            lambda line: line._is_work_period() and line.hour_from < line.hour_to
        )


def _end_of(leave):
    """A day off ends at 23:59:59 in Odoo, which means midnight."""
    end = fields.Datetime.to_datetime(leave.date_to)
    return end + timedelta(seconds=1) if end.second == 59 else end
