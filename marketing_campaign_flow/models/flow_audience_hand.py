"""Refining an audience by hand: people are looked at in a list and taken in or out."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

TAKE = "INSERT INTO %s (%s, %s) SELECT %s, unnest(%s::int[]) ON CONFLICT DO NOTHING"
# PostgreSQL takes rows that it has not seen yet for few, and would look them up one by one.
LEARN = "ANALYZE (SKIP_LOCKED) %s"
MANY = 10_000
DROP = "DELETE FROM %s WHERE %s = %s AND %s = ANY(%s)"
# Being out counts for an address; who comes in takes it along.
SAME_ADDRESS = """
    SELECT id FROM %(table)s
     WHERE email_normalized IN (SELECT email_normalized FROM %(table)s WHERE id = ANY(%(ids)s))
"""


class FlowAudience(models.Model):
    _inherit = "flow.audience"

    @api.model_create_multi
    def create(self, vals_list):
        audiences = super().create(vals_list)
        for vals in vals_list:
            audiences._learn_hand(vals)
        return audiences

    def write(self, vals):
        result = super().write(vals)
        self._learn_hand(vals)
        return result

    def _learn_hand(self, vals):
        """Let PostgreSQL know of contacts who were picked or left out by the thousand."""
        for names in self._hand_fields().values():
            for name in names:
                if sum(len(command[2] or [0]) for command in _linking(vals.get(name))) >= MANY:
                    self.flush_model()
                    table = SQL.identifier(self._fields[name].relation)
                    self.env.cr.execute(SQL(LEARN, table))

    def action_view_verdict(self, verdict):
        """Open those on whom there is this verdict; ``all`` is everybody, to pick from.

        The list has buttons to take people in and out by hand.
        """
        self.ensure_one()
        labels = {**dict(self._target()._flow_verdicts()), "in": self.env._("In")}
        domain = [] if verdict == "all" else [("flow_audience_verdict", "in", [verdict])]
        if verdict != "all" and verdict not in labels:
            raise UserError(self.env._("There is no such list."))
        return {
            "type": "ir.actions.act_window",
            "name": f"{self.name}: {labels[verdict]}" if domain else self.name,
            "res_model": self.target_model,
            "views": [*self._people_views(), (False, "form")],
            "search_view_id": [self._people_search_view(), "search"],
            "domain": domain,
            "context": {"flow_audience_id": self.id, "create": False},
            "help": self.env._("Nobody here."),
        }

    def action_view_people(self):
        """Open everybody, those who are in first, to take people in and out by hand."""
        action = self.action_view_verdict("all")
        action["context"]["search_default_flow_in"] = 1
        return action

    def action_import(self):
        """Open who was taken in or out by hand, one by one or by an import."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_campaign_flow.flow_audience_choice_action"
        )
        context = {"default_audience_id": self.id}
        return {**action, "domain": [("audience_id", "=", self.id)], "context": context}

    def _people_views(self):
        """Return the list and the kanban view of people of an audience."""
        name = self.target_model.replace(".", "_")
        return [
            (self.env.ref(f"{self._people_addon()}.{name}_view_{kind}_audience").id, kind)
            for kind in ("list", "kanban")
        ]

    def _people_search_view(self):
        name = self.target_model.replace(".", "_")
        return self.env.ref(f"{self._people_addon()}.{name}_view_search_audience").id

    def _people_addon(self):
        """Return the addon that has the views of people of this audience; others have their own."""
        return "marketing_campaign_flow"

    def _decide(self, ids, decision):
        """Take contacts in or out by hand, or leave it to the audience again.

        :param ids: of contacts that the current user can read
        :param decision: ``in``, ``out`` or ``open``
        """
        self.ensure_one()
        self.check_access("write")
        self._target().browse(ids).check_access("read")
        self.env.flush_all()
        kept = self._hand_table(decision) if decision != "open" else None
        if decision == "in":
            table = SQL.identifier(self._target()._table)
            rows = self.env.execute_query(SQL(SAME_ADDRESS, table=table, ids=list(ids)))
            self._drop_hand("out", list({*ids, *(row[0] for row in rows)}))
        else:
            self._drop_hand("in", list(ids))
            if decision == "open":
                self._drop_hand("out", list(ids))
        if kept:
            table, audience, contact = kept
            self.env.cr.execute(SQL(TAKE, table, audience, contact, self.id, list(ids)))
            if len(ids) >= MANY:
                self.env.cr.execute(SQL(LEARN, table))
        self.invalidate_recordset()
        self._target().invalidate_model(["flow_audience_verdict"])

    def _drop_hand(self, decision, ids):
        table, audience, contact = self._hand_table(decision)
        self.env.cr.execute(SQL(DROP, table, audience, self.id, contact, ids))


def _linking(value):
    """Return those of the commands of a many2many field that name records; a list is one."""
    commands = value if isinstance(value, list | tuple) else []
    if commands and not isinstance(commands[0], list | tuple):
        commands = [Command.set(commands)]
    return [
        command if command[0] == Command.SET else Command.set([command[1]])
        for command in commands
        if command[0] in (Command.SET, Command.LINK)
    ]
