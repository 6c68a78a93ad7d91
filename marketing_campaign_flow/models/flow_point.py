"""Points of contacts: a ledger that only grows, groups of points, and totals."""

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..engine import database_clock, points
from ..engine.points import CONTACT_COLUMNS

# What only the campaigns themselves write.
OF_CAMPAIGNS = frozenset({"campaign_id", "step_id", "user_id", "moment", "is_new"})


class FlowPointGroup(models.Model):
    _name = "flow.point.group"
    _description = "Point Group"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True, help="e.g. Interest in product A")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: shared by all companies.")


class FlowPoint(models.Model):
    _name = "flow.point"
    _description = "Points"
    _log_access = False  # many rows, written by the engine, with moments of their own
    _order = "moment desc, id desc"
    _rec_name = "reason"

    partner_id = fields.Many2one(
        "res.partner", string="Contact", ondelete="set null", index="btree_not_null"
    )
    mailing_contact_id = fields.Many2one(
        "mailing.contact", string="Mailing contact", ondelete="set null", index="btree_not_null"
    )
    group_id = fields.Many2one(
        "flow.point.group",
        string="Point group",
        required=True,
        ondelete="restrict",
        index=True,
        default=lambda self: self.env.ref(
            "marketing_campaign_flow.flow_point_group_points", raise_if_not_found=False
        ),
        help="What the points are for, such as the interest in one product.",
    )
    amount = fields.Integer(
        string="Points", required=True, help="A negative number takes points away."
    )
    reason = fields.Char(help="Why, for the people who read it later.")
    campaign_id = fields.Many2one(
        "flow.campaign", ondelete="set null", index="btree_not_null", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", readonly=True, default=lambda self: self.env.company
    )
    step_id = fields.Many2one("flow.step", ondelete="set null", readonly=True)
    moment = fields.Datetime(
        string="When",
        required=True,
        readonly=True,
        default=lambda self: database_clock.now(self.env).replace(microsecond=0),
    )
    user_id = fields.Many2one(
        "res.users",
        string="Added by",
        readonly=True,
        ondelete="set null",
        default=lambda self: self.env.user,
        help="Empty where a campaign did it.",
    )

    is_new = fields.Boolean(
        default=True, readonly=True, help="The engine has not looked at it yet."
    )

    # What the engine polls: points after which filters may hold.
    _new = models.Index("(id) WHERE is_new")
    # A step counts once, whatever happens to the worker that runs it.
    _once_per_step = models.Constraint("UNIQUE(step_id)", "These points are counted already.")
    # Who is deleted leaves entries behind that belong to nobody: figures of the campaign stay.
    _of_one_contact = models.Constraint(
        "CHECK(num_nonnulls(partner_id, mailing_contact_id) <= 1)",
        "Points belong to one contact.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Add points by hand; the engine writes its own by `engine.points`.

        :raises AccessError: for contacts that the user may not read
        """
        if not self.env.su and any(OF_CAMPAIGNS & vals.keys() for vals in vals_list):
            raise AccessError(self.env._("Campaigns write these themselves."))
        entries = super().create(vals_list)
        for model, column in CONTACT_COLUMNS.items():
            of_model = entries.filtered(column)
            contacts = of_model[column]
            contacts.check_access("read")
            if contacts:
                points.lock(self.env, model, contacts.ids)
                points.count(self.env, model, of_model.ids)
        self.env["flow.campaign"]._wake_engine()
        return entries

    def write(self, vals):
        if not self.env.su:
            raise AccessError(
                self.env._("Points that were given stay: add or subtract others instead.")
            )
        return super().write(vals)

    @api.model
    def _merge_points(self, contacts, kept):
        """Give the points of contacts that are about to be merged to the one that stays.

        :param contacts: `res.partner` records that are merged into `kept`
        """
        points.merge(self.env, (contacts | kept).ids, kept.id)


class FlowPointTotal(models.Model):
    _name = "flow.point.total"
    _description = "Points of a Contact in a Group"
    _log_access = False  # kept by the ledger, see `engine.points`
    _order = "points desc, id"
    _rec_name = "group_id"

    partner_id = fields.Many2one("res.partner", string="Contact", ondelete="cascade", readonly=True)
    mailing_contact_id = fields.Many2one("mailing.contact", ondelete="cascade", readonly=True)
    group_id = fields.Many2one(
        "flow.point.group",
        string="Point group",
        required=True,
        ondelete="restrict",
        index=True,
        readonly=True,
    )
    points = fields.Integer(required=True, readonly=True)

    # One row to add to, per contact and group; also what a filter on a group's points looks up.
    _one_per_partner = models.Constraint(
        "UNIQUE(partner_id, group_id)", "A contact has one total per group."
    )
    _one_per_mailing_contact = models.Constraint(
        "UNIQUE(mailing_contact_id, group_id)", "A contact has one total per group."
    )


class FlowPointHolder(models.AbstractModel):
    _name = "flow.point.holder"
    _description = "Contact with Points"

    # Without a default: a table of millions is not rewritten when the addon is installed.
    flow_points = fields.Integer(
        string="Points",
        readonly=True,
        copy=False,
        help="The sum of all points that campaigns and people gave this contact.",
    )

    def action_view_flow_points(self):
        """Open the points of this contact, where more can be added by hand."""
        self.ensure_one()
        column = CONTACT_COLUMNS[self._name]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Points of %s", self.display_name),
            "res_model": "flow.point",
            "view_mode": "list,pivot,graph,form",
            "domain": [(column, "=", self.id)],
            "context": {f"default_{column}": self.id, "flow_of_contact": True},
        }


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "flow.point.holder"]

    flow_point_total_ids = fields.One2many(
        "flow.point.total", "partner_id", string="Points by group", readonly=True
    )


class MailingContact(models.Model):
    _name = "mailing.contact"
    _inherit = ["mailing.contact", "flow.point.holder"]

    flow_point_total_ids = fields.One2many(
        "flow.point.total", "mailing_contact_id", string="Points by group", readonly=True
    )
