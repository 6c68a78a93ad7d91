"""The limit of a campaign's budget: what happens when it runs short."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import format_amount

from ..engine import budget
from .finding import about

# What changes how much money there is, or what happens without.
LIMITS = {"budget_amount", "budget_line_ids", "budget_policy", "currency_id"}

UNPAID = "unpaid"  # the part of a campaign that cannot go on


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    budget_policy = fields.Selection(
        [
            ("watch", "Only watch it"),
            ("warn", "Warn the responsible"),
            ("stop", "Warn, and send nothing beyond it"),
        ],
        string="When the budget runs short",
        default="watch",
        required=True,
        tracking=True,
        help="“Send nothing beyond it”: emails and other actions that cost something wait when the"
        " budget does not cover them, and go on by themselves when there is money again.",
    )
    budget_warn_percent = fields.Integer(
        string="Warn at (%)",
        default=80,
        help="The responsible is told when so much of the budget is used; once, and again when the"
        " budget was changed. 0: no warning.",
    )
    budget_warned_at = fields.Float(
        digits=(16, 6),
        readonly=True,
        copy=False,
        help="The amount of which the responsible was told that it is used.",
    )
    awaits_budget = fields.Boolean(
        string="Waits for money",
        default=False,
        required=True,
        readonly=True,
        copy=False,
        help="Something is due that the budget does not cover.",
    )
    message_cost = fields.Monetary(
        string="Cost of messages",
        compute="_compute_message_costs",
        help="What was sent, each at the price of its action when it was sent. A message of which"
        " nobody knows whether it arrived counts as sent.",
    )
    message_reserved = fields.Monetary(
        string="Set aside for messages",
        compute="_compute_message_costs",
        help="Set aside for messages that are on their way at this moment.",
    )
    budget_notice = fields.Char(compute="_compute_budget_notice")

    _warn_percent = models.Constraint(
        "CHECK(budget_warn_percent BETWEEN 0 AND 100)", "A warning is given at 0 to 100 %."
    )

    # -- what counts -------------------------------------------------------------------------

    def _spent_on_messages(self):
        """Return what the messages that were sent have cost, ``{campaign: amount}``."""
        costs = self._exact_message_costs()
        return {campaign: float(spent) for campaign, (spent, _reserved) in costs.items()}

    def _reserved(self):
        """Return what is set aside for messages on their way, ``{campaign: amount}``."""
        costs = self._exact_message_costs()
        return {campaign: float(reserved) for campaign, (_spent, reserved) in costs.items()}

    def _exact_message_costs(self):
        """Return what was spent and what is reserved as decimals, ``{campaign: (…, …)}``."""
        self.env["flow.step"].flush_model()
        known = budget.message_costs(self.env, self.ids)
        nothing = Decimal(0), Decimal(0)
        return {campaign: known.get(campaign._origin.id, nothing) for campaign in self}

    def _budget_used(self):
        """Return all that counts against the limit of one campaign, exactly."""
        others = (self._actual_apart_from_messages()[self], self._committed()[self])
        return sum(self._exact_message_costs()[self]) + sum(map(budget.exact, others))

    def _budget_left(self):
        """Return what is still there for messages; None where nothing stops them.

        Only right as long as `budget.hold` is held. Whatever was read before is read again.
        """
        self.ensure_one()
        self.env.invalidate_all()
        limit = self._budget_limit()[self] if self.budget_policy == "stop" else None
        return None if limit is None else budget.exact(limit) - self._budget_used()

    @api.depends_context("uid")
    def _compute_message_costs(self):
        for campaign, (spent, reserved) in self._exact_message_costs().items():
            campaign.message_cost, campaign.message_reserved = float(spent), float(reserved)

    @api.depends("budget_amount", "budget_policy", "budget_warn_percent", "cost_ids.status")
    def _compute_budget_notice(self):
        for campaign in self:
            share = campaign._budget_share() if campaign._may_warn() else None
            campaign.budget_notice = (
                self.env._("%(share)s %% of the budget is used.", share=int(share))
                if share is not None and share >= campaign.budget_warn_percent
                else False
            )

    # -- telling people ----------------------------------------------------------------------

    def _may_warn(self):
        return self.budget_policy != "watch" and self.budget_warn_percent

    def _budget_share(self):
        """Return how much of the budget is used, in percent; None where there is none."""
        limit = self._budget_limit()[self]
        return 100 * self._budget_used() / budget.exact(limit) if limit else None

    def _warn_of_budget(self):
        """Tell the responsible once when enough of the budget is used, and again after a change."""
        self.ensure_one()
        limit = self._budget_limit()[self] if self._may_warn() else None
        if not limit:
            return
        threshold = budget.exact(limit) * self.budget_warn_percent / 100
        if self._has_warned_at(threshold):
            return
        used = self._budget_used()
        if used < threshold:
            return
        self._hold_alerts()
        if self._has_warned_at(threshold):
            return
        self.budget_warned_at = float(threshold)
        text = self.env._(
            "%(used)s of %(limit)s, %(share)s %% of the budget, is used.",
            used=format_amount(self.env, float(used), self.currency_id),
            limit=format_amount(self.env, float(limit), self.currency_id),
            share=int(100 * used / budget.exact(limit)),
        )
        self._schedule_trouble(self.env._("The budget runs short"), text)

    def _has_warned_at(self, threshold):
        return budget.exact(self.budget_warned_at) == budget.exact(threshold)

    def _say_awaits_budget(self, waits, count):
        """Note whether anything still waits for money, and tell the responsible.

        :param waits: whether anything does
        :param count: how many go on
        """
        self.ensure_one()
        if waits:
            if not count:
                text = self.env._(
                    "The budget is used up: what costs money waits. It goes on when the budget is"
                    " raised."
                )
                self._report_problem(UNPAID, text)
        else:
            self.awaits_budget = False
            self._mended(UNPAID)

    def _budget_hints(self, workflow):
        """Return what is to be known about money before the launch, as sentences."""
        if not self:
            return []
        limit = self._budget_limit()[self]
        priced = workflow._planned_actions().filtered("unit_cost")
        if priced and limit is None and self.budget_policy != "watch":
            return [self.env._("Nothing is limited: the campaign has no budget.")]
        first = priced.filtered(lambda action: action.state_id.kind == "start")
        if not first or limit is None or not self.audience_id:
            return []
        preview = self._seen_audience()._preview()
        expected = sum(
            budget.exact(action.unit_cost)
            * preview["reachable" if action.kind == "email" else "people"]
            for action in first
        )
        left = budget.exact(limit) - self._budget_used()
        if expected <= left:
            return []
        return [
            self.env._(
                "Over budget: the first messages to everybody cost about %(expected)s, and %(left)s"
                " of the budget is left.",
                expected=format_amount(self.env, float(expected), self.currency_id),
                left=format_amount(self.env, float(max(left, 0)), self.currency_id),
            )
        ]

    # -- changes -----------------------------------------------------------------------------

    def _hold_budget(self):
        """Let nothing be reserved until this transaction ends, because there will be less money.

        To be called before anything else is changed, so that nobody waits for each other.
        """
        budget.hold(self.env, self.ids)

    def _budget_changed(self):
        """Let what waits for money look again, at once."""
        if any(campaign.awaits_budget for campaign in self):
            self._wake_engine()

    def write(self, vals):
        if vals.keys() & LIMITS:
            self._hold_budget()
        result = super().write(vals)
        if vals.get("status") == "done":
            for campaign in self.filtered("awaits_budget"):
                campaign._say_awaits_budget(waits=False, count=0)
        if vals.keys() & LIMITS:
            self._budget_changed()
        return result


class FlowWorkflow(models.Model):
    _inherit = "flow.workflow"

    def _hints(self):
        hints = self.campaign_id._budget_hints(self)
        return super()._hints() + about(self.campaign_id, hints, page="budget")
