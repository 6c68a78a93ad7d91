"""Fixed audiences: who was in at a moment is written down and stays."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..engine import database_clock

FREEZE = """
    INSERT INTO flow_audience_member (audience_id, res_id)
    SELECT %(audience)s, id FROM (%(people)s) people WHERE verdict IS NULL ORDER BY id
"""
NOTES = ("frozen_at", "frozen_count", "frozen_by")
FORGET = "DELETE FROM flow_audience_member WHERE audience_id = ANY(%s)"

# The contact that stays takes the place of those that are merged into it.
MERGE = """
    WITH gone AS (
        DELETE FROM flow_audience_member m USING flow_audience a
         WHERE a.id = m.audience_id AND a.target_model = %(model)s AND m.res_id = ANY(%(gone)s)
     RETURNING m.audience_id
    )
    INSERT INTO flow_audience_member (audience_id, res_id)
    SELECT DISTINCT audience_id, %(kept)s FROM gone
        ON CONFLICT DO NOTHING
"""


class FlowAudience(models.Model):
    _inherit = "flow.audience"

    kind = fields.Selection(
        [("dynamic", "Kept up to date"), ("static", "A fixed list")],
        string="The audience is",
        default="dynamic",
        required=True,
        tracking=True,
        help="Kept up to date: whoever comes to match is in. A fixed list: who is in is written"
        " down when a campaign is launched, or by the button; later only decisions by hand change"
        " it.",
    )
    frozen_at = fields.Datetime(string="Fixed on", readonly=True, copy=False)
    frozen_count = fields.Integer(string="People in the list", readonly=True, copy=False)
    frozen_by = fields.Many2one(
        "res.users",
        string="As seen by",
        readonly=True,
        copy=False,
        help="The list has the people whom this user may see.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_list_is_not_claimed(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_list_is_not_claimed(vals)
        if vals.get("kind") == "dynamic":
            self.filtered("frozen_at").action_unfreeze()
        return super().write(vals)

    def _check_list_is_not_claimed(self, vals):
        """Refuse to say that a list is fixed which nobody has written down.

        :raises AccessError: when the system does not say it
        """
        if not self.env.su and any(vals.get(name) for name in NOTES):
            raise AccessError(self.env._("Fix the list of an audience with its button."))

    def _check_may_be_made_of_others(self):
        for audience in self.filtered("frozen_at"):
            raise UserError(
                self.env._(
                    "The list of “%s” is fixed: go back to the live audience first.", audience.name
                )
            )
        return super()._check_may_be_made_of_others()

    def action_freeze(self):
        """Write down who is in now; decisions by hand go on to count."""
        self.check_access("write")
        for audience in self:
            audience._forget_members()
            audience._freeze()

    def action_unfreeze(self):
        """Go back to whoever matches, until the list is fixed again."""
        self.check_access("write")
        self._forget_members()

    def _forget_members(self):
        self.env.flush_all()
        self.env.cr.execute(SQL(FORGET, self.ids))
        self._note_frozen(frozen_at=False, frozen_count=0, frozen_by=False)

    def _freeze(self):
        """Write down, by one statement, those who are in and whom the current user sees."""
        people = self._people()
        self.env.cr.execute(SQL(FREEZE, audience=self.id, people=people))
        count = self.env.cr.rowcount
        now = database_clock.now(self.env).replace(microsecond=0)
        self._note_frozen(frozen_at=now, frozen_count=count, frozen_by=self.env.uid)

    def _note_frozen(self, **vals):
        # sudo: what the system notes about the list; whoever fixes it may change the audience, or
        # launches a campaign for it
        self.sudo().write(vals)
        self.env["flow.audience.member"].invalidate_model()

    def _freeze_at_launch(self):
        """Fix the list of an audience that is to be one and is not yet."""
        for audience in self.filtered(lambda one: one.kind == "static" and not one.frozen_at):
            audience._freeze()

    def _frozen_ids(self):
        return SQL(
            "(SELECT res_id FROM flow_audience_member WHERE audience_id = %s)", self._origin.id
        )

    def _merge_members(self, contacts, kept):
        """Let the contact that stays take the place of those that are merged into it."""
        self.env.flush_all()
        values = {"model": kept._name, "gone": (contacts - kept).ids, "kept": kept.id}
        self.env.cr.execute(SQL(MERGE, **values))


class FlowAudienceMember(models.Model):
    _name = "flow.audience.member"
    _description = "Person of a Fixed Audience"
    _inherit = ["flow.about.contact"]
    _log_access = False  # as many rows as people, written at once
    _rec_name = "res_id"

    audience_id = fields.Many2one(
        "flow.audience", required=True, ondelete="cascade", readonly=True, index=False
    )
    target_model = fields.Selection(related="audience_id.target_model")
    res_id = fields.Many2oneReference(
        string="Contact ID", model_field="target_model", required=True, readonly=True
    )

    _once = models.UniqueIndex("(audience_id, res_id)")

    @api.model
    def _about_seen(self):
        return self._named_by_audience_seen()
