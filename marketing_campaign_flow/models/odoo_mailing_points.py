"""The points of a contact in one group, as a placeholder: the email says in which group."""

from odoo import api, fields, models

from ..engine.difference import Value
from ..engine.points import CONTACT_COLUMNS

# In the context, the id of the group whose points a text shows.
POINTS_IN = "flow_points_in"


class FlowPointHolder(models.AbstractModel):
    _inherit = "flow.point.holder"

    # sudo (compute_sudo): whoever reads a contact sees its points; groups are checked below
    flow_group_points = fields.Integer(
        string="Points in the group of the email",
        compute="_compute_flow_group_points",
        compute_sudo=True,
        help="How many points the contact has in the group that the settings of the email name;"
        " all its points where they name none.",
    )

    @api.depends("flow_points", "flow_point_total_ids.points")
    @api.depends_context(POINTS_IN, "allowed_company_ids", "uid")
    def _compute_flow_group_points(self):
        group_id = self.env.context.get(POINTS_IN)
        if not group_id:
            for contact in self:
                contact.flow_group_points = contact.flow_points
            return
        group = self.env["flow.point.group"].browse(group_id).exists()
        is_seen = not group.company_id or group.company_id in self.env.companies
        column = CONTACT_COLUMNS[self._name]
        totals = self.env["flow.point.total"].search(
            [(column, "in", self.ids), ("group_id", "=", group.id if is_seen else False)]
        )
        points_of = {total[column].id: total.points for total in totals}
        for contact in self:
            contact.flow_group_points = points_of.get(contact.id, 0)


class FlowAddressee(models.AbstractModel):
    _inherit = "flow.addressee"

    @api.model
    def _flow_placeholder_paths(self):
        return (*super()._flow_placeholder_paths(), "flow_group_points")


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    flow_point_group_id = fields.Many2one(
        "flow.point.group",
        string="Points in a group",
        ondelete="restrict",
        index="btree_not_null",
        help="Which points the placeholder “Points in the group of the email” shows. Empty: all of"
        " the contact's points.",
    )

    def _flow_mail_values(self, contact_ids):
        return super(MailingMailing, self._flow_with_points())._flow_mail_values(contact_ids)

    def _render_field(self, field, res_ids, *args, **kwargs):
        """The page in the browser shows the same points."""
        ours = self._flow_with_points() if len(self) == 1 else self
        return super(MailingMailing, ours)._render_field(field, res_ids, *args, **kwargs)

    def _flow_with_points(self):
        return self.with_context(**{POINTS_IN: self.flow_point_group_id.id})

    def _flow_text_fields(self):
        return (*super()._flow_text_fields(), "flow_point_group_id")

    def _flow_text(self):
        label = self.fields_get(["flow_point_group_id"], ["string"])["flow_point_group_id"]
        group = self.flow_point_group_id
        shown = Value(label["string"], group.id, group.name or "–")
        return {**super()._flow_text(), "flow_point_group_id": shown}

    def _flow_to_document(self):
        group = {"point_group": self.flow_point_group_id.name} if self.flow_point_group_id else {}
        return {**super()._flow_to_document(), **group}
