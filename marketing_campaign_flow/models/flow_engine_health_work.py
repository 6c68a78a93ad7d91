"""What the engine has to do, what has failed, and whether messages leave: parts of its health."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime

from ..engine import database_clock, result
from .flow_engine_health import BAD, GOOD, MOST, WARNING

# What is due for longer than this should have been done.
LATE = timedelta(minutes=10)

# Three queues of steps, each read from the front by its own index.
DUE = """
    SELECT COALESCE(sum(found), 0)
      FROM unnest(%(campaigns)s::int[]) c(id)
     CROSS JOIN (VALUES (FALSE, FALSE), (TRUE, FALSE), (FALSE, TRUE)) q(is_message, is_call)
     CROSS JOIN LATERAL (
           SELECT count(*) AS found FROM (
                  SELECT 1 FROM flow_step s
                   WHERE s.campaign_id = c.id AND s.is_message = q.is_message
                     AND s.is_call = q.is_call AND s.status = 'scheduled'
                     AND s.wait_reason IS DISTINCT FROM 'budget' AND s.due_at <= %(until)s
                   LIMIT %(most)s) one) n
"""
UNPAID = """
    SELECT COALESCE(sum(found), 0) FROM unnest(%(campaigns)s::int[]) c(id)
     CROSS JOIN LATERAL (
           SELECT count(*) AS found FROM (
                  SELECT 1 FROM flow_step s
                   WHERE s.campaign_id = c.id AND s.status = 'scheduled'
                     AND s.wait_reason = 'budget' LIMIT %(most)s) one) n
"""
UNCERTAIN = """
    SELECT COALESCE(sum(found), 0) FROM unnest(%(campaigns)s::int[]) c(id)
     CROSS JOIN LATERAL (
           SELECT count(*) AS found FROM (
                  SELECT 1 FROM flow_delivery d
                   WHERE d.campaign_id = c.id AND d.status = 'uncertain' LIMIT %(most)s) one) n
"""
HANDED_OVER = """
    SELECT COALESCE(sum(found), 0), max(latest) FROM unnest(%(campaigns)s::int[]) c(id)
     CROSS JOIN LATERAL (
           SELECT count(*) AS found, max(started_at) AS latest FROM (
                  SELECT started_at FROM flow_delivery d
                   WHERE d.campaign_id = c.id AND d.started_at > %(since)s
                   ORDER BY started_at DESC LIMIT %(most)s) one) n
"""


class FlowEngineHealth(models.AbstractModel):
    _inherit = "flow.engine.health"

    # -- work --------------------------------------------------------------------------------

    @api.model
    def _overdue(self, campaigns):
        """How much is due, and how much of it should have been done some time ago."""
        now = database_clock.now(self.env)
        due = self._count(DUE, campaigns, until=now)
        late = self._count(DUE, campaigns, until=now - LATE)
        check = {
            "key": "due",
            "label": self.env._("Due now"),
            "icon": "fa-clock-o",
            "value": self._number(due),
        }
        if not late:
            return {**check, "state": GOOD, "text": self.env._("Nothing is late.")}
        text = self.env._(
            "%s actions are late by more than ten minutes. The engine may have much to do, or a"
            " sending rate or a mail server holds it up: look at what waits, and why. More lanes"
            " help where there is much to do (Settings).",
            self._number(late),
        )
        until = fields.Datetime.to_string(now - LATE)
        domain = [
            ("campaign_id", "in", campaigns.ids),
            ("status", "=", "scheduled"),
            ("due_at", "<=", until),
            ("wait_reason", "!=", "budget"),
        ]
        button = self._button(
            self.env._("What is late"), self.env._("Late"), "flow.step", domain, ("list", "form")
        )
        return {**check, "state": WARNING, "text": text, **button}

    @api.model
    def _troubled(self, campaigns):
        """Campaigns that cannot go on, or not wholly."""
        troubled = campaigns.filtered("problems")
        check = {
            "key": "troubled",
            "label": self.env._("Campaigns in trouble"),
            "icon": "fa-exclamation-triangle",
            "value": self._number(len(troubled)),
        }
        if not troubled:
            return {**check, "state": GOOD, "text": self.env._("All campaigns can go on.")}
        text = self.env._("Cannot go on, or not wholly: %s.", ", ".join(troubled.mapped("name")))
        button = self._button(
            self.env._("Look at them"),
            self.env._("Campaigns in trouble"),
            "flow.campaign",
            [("id", "in", troubled.ids)],
            ("list", "form"),
        )
        return {**check, "state": BAD, "text": text, **button}

    @api.model
    def _throughput(self, campaigns):
        """How much was done in the last hour."""
        # sudo: see `_scheduler`
        lanes = self.env["flow.campaign"].sudo()._all_lanes()
        since = fields.Datetime.now() - timedelta(hours=1)
        text = self.env._(
            "Events, participants and actions that the engine handled in the last hour."
        )
        return {
            "key": "throughput",
            "label": self.env._("Handled in the last hour"),
            "icon": "fa-tachometer",
            "value": self._whole(self._handled(lanes, since)),
            "state": GOOD,
            "text": text,
        }

    # -- mail --------------------------------------------------------------------------------

    @api.model
    def _mail_server(self, campaigns):
        """Whether the mail servers answer, and how many messages left."""
        now = database_clock.now(self.env)
        since = now - timedelta(hours=1)
        [(sent, _latest)] = self.env.execute_query(
            SQL(HANDED_OVER, campaigns=campaigns.ids, since=since, most=MOST + 1)
        )
        check = {
            "key": "mail",
            "label": self.env._("Messages in the last hour"),
            "icon": "fa-envelope-o",
            "value": self._number(sent),
        }
        outage = self.env["flow.mail.outage"].search([], limit=1)
        if outage:
            text = self.env._(
                "A mail server does not answer (“%(error)s”); it is tried again at %(moment)s, and"
                " messages wait until then. Ask an administrator to look at it.",
                error=outage.error or "",
                moment=format_datetime(self.env, outage.retry_at, dt_format="short"),
            )
            return {**check, "state": BAD, "text": text, **self._servers_button()}
        # sudo: whether there is a mail server is no secret; its settings are not read
        servers = self.env["ir.mail_server"].sudo().search_count([], limit=1)
        if not servers:
            text = self.env._(
                "No outgoing mail server is set up in Odoo: messages leave through that of the"
                " server's own configuration, if it has one."
            )
            return {**check, "state": WARNING, "text": text, **self._servers_button()}
        return {**check, "state": GOOD, "text": self.env._("The mail servers answer.")}

    @api.model
    def _servers_button(self):
        if not self.env.user.has_group("base.group_system"):
            return {}
        name = self.env._("Outgoing Mail Servers")
        return self._button(name, name, "ir.mail_server", [], ("list", "form"))

    # -- decisions of people -----------------------------------------------------------------

    @api.model
    def _failed(self):
        """Steps that have failed for good until somebody tries them again."""
        everywhere = self._everywhere()
        sums = result.sums(self.env, everywhere.ids, ["step_failed"])
        failed = sum(counted["step_failed"] for counted in sums.values())
        check = {
            "key": "failed",
            "label": self.env._("Failed"),
            "icon": "fa-times-circle",
            "value": self._whole(failed),
        }
        if not failed:
            return {**check, "state": GOOD, "text": self.env._("Nothing has failed.")}
        text = self.env._(
            "These actions were tried several times in vain. Look at the reasons, mend the cause"
            " and try them again, or leave them out."
        )
        button = self._button(
            self.env._("Failed steps"),
            self.env._("Failed Steps"),
            "flow.step",
            [("status", "=", "failed")],
            ("list", "form", "pivot"),
        )
        return {**check, "state": WARNING, "text": text, **button}

    @api.model
    def _uncertain(self):
        """Messages of which nobody knows whether they arrived."""
        everywhere = self._everywhere()
        uncertain = self._count(UNCERTAIN, everywhere)
        check = {
            "key": "uncertain",
            "label": self.env._("Uncertain messages"),
            "icon": "fa-question-circle",
            "value": self._number(uncertain),
        }
        if not uncertain:
            text = self.env._("The mail server has answered for every message.")
            return {**check, "state": GOOD, "text": text}
        text = self.env._(
            "The answer of the mail server was lost: nobody knows whether these messages arrived."
            " They are not sent again by themselves; decide whether to send them again."
        )
        button = self._button(
            self.env._("Decide"),
            self.env._("Uncertain Messages"),
            "flow.delivery",
            [("status", "=", "uncertain")],
        )
        return {**check, "state": WARNING, "text": text, **button}

    @api.model
    def _everywhere(self):
        """Return the campaigns that the user may see, those that are over included."""
        campaigns = self.env["flow.campaign"].with_context(active_test=False)
        return campaigns.search([("company_id", "in", self.env.companies.ids)])

    @api.model
    def _unpaid(self, campaigns):
        """Actions that wait for money."""
        unpaid = self._count(UNPAID, campaigns)
        check = {
            "key": "unpaid",
            "label": self.env._("Waiting for money"),
            "icon": "fa-money",
            "value": self._number(unpaid),
        }
        if not unpaid:
            return {**check, "state": GOOD, "text": self.env._("No budget is used up.")}
        text = self.env._("The budget is used up: raise it, and these actions go on by themselves.")
        button = self._button(
            self.env._("Campaigns"),
            self.env._("Campaigns without money"),
            "flow.campaign",
            [("awaits_budget", "=", True)],
            ("list", "form"),
        )
        return {**check, "state": WARNING, "text": text, **button}
