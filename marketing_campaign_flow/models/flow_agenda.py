"""The calendar of all campaigns: launches, phases, emails that are planned and that went out."""

from odoo import api, fields, models
from odoo.tools import SQL, formatLang

# Each source has ids of its own: the last three bits.
QUERY = """
    SELECT 8 * c.id::bigint AS id, c.id AS campaign_id, 'launch' AS kind, c.starts_at AS moment,
           FALSE AS all_day, NULL::int AS phase_id, NULL::varchar AS action_key,
           NULL::int AS action_id, NULL::bigint AS amount
      FROM flow_campaign c WHERE c.starts_at IS NOT NULL AND c.active
     UNION ALL
    SELECT 8 * c.id::bigint + 1, c.id, 'end', c.date_end, FALSE, NULL, NULL, NULL, NULL
      FROM flow_campaign c WHERE c.date_end IS NOT NULL AND c.active
     UNION ALL
    SELECT 8 * r.id::bigint + 2, c.id, 'phase', r.date_planned, FALSE, r.phase_id, NULL, NULL,
           NULL
      FROM flow_campaign_phase r JOIN flow_campaign c ON c.id = r.campaign_id
     WHERE r.date_planned IS NOT NULL AND r.entered_at IS NULL AND c.status <> 'done' AND c.active
     UNION ALL
    SELECT 8 * a.id::bigint + 3, c.id, 'planned', a.date_at, FALSE, NULL, a.key, a.id, NULL
      FROM flow_action a JOIN flow_campaign c ON c.workflow_id = a.workflow_id
     WHERE a.kind = 'email' AND a.timing = 'date' AND a.date_at IS NOT NULL
       AND c.status <> 'done' AND c.active
     UNION ALL
    SELECT 8 * min(f.id)::bigint + 4, f.campaign_id, 'sent', f.day + interval '12 hours', TRUE,
           NULL, f.action_key, NULL, sum(f.amount)
      FROM flow_fact f WHERE f.metric = 'sent' AND f.day IS NOT NULL
     GROUP BY f.campaign_id, f.action_key, f.day HAVING sum(f.amount) > 0
"""


class FlowAgenda(models.Model):
    _name = "flow.agenda"
    _description = "Campaign Calendar"
    _auto = False
    _order = "moment desc, id desc"

    campaign_id = fields.Many2one("flow.campaign", readonly=True)
    user_id = fields.Many2one(related="campaign_id.user_id")
    kind = fields.Selection(
        [
            ("launch", "Launch"),
            ("end", "End"),
            ("phase", "Phase opens"),
            ("planned", "Email planned"),
            ("sent", "Email sent"),
        ],
        string="What",
        readonly=True,
    )
    moment = fields.Datetime(string="When", readonly=True)
    all_day = fields.Boolean(readonly=True, help="Of emails that went out the day is known.")
    phase_id = fields.Many2one("flow.phase", readonly=True)
    action_key = fields.Char(readonly=True)
    action_id = fields.Many2one("flow.action", readonly=True)
    amount = fields.Integer(string="Emails", readonly=True)

    @property
    def _table_query(self):
        return SQL(QUERY)

    @api.depends("campaign_id", "kind", "phase_id", "action_key", "amount")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        subjects = self._subjects()
        for entry in self:
            words = kinds.get(entry.kind, "")
            if entry.phase_id:
                words = self.env._("%s opens", entry.phase_id.name)
            elif subject := subjects.get((entry.campaign_id.id, entry.action_key)):
                words = subject
            if entry.amount:
                count = formatLang(self.env, entry.amount, digits=0)
                words = self.env._("%(email)s (%(count)s sent)", email=words, count=count)
            entry.display_name = self.env._(
                "%(campaign)s: %(what)s", campaign=entry.campaign_id.name or "", what=words
            )

    def _subjects(self):
        """Return what emails are about, by campaign and key of the action, in one search."""
        keys = {entry.action_key for entry in self} - {False}
        if not keys:
            return {}
        found = self.env["flow.action"].search(
            [
                ("key", "in", list(keys)),
                ("workflow_id.campaign_id", "in", self.campaign_id.ids),
            ],
            order="id",
        )
        return {
            (action.workflow_id.campaign_id.id, action.key): action._seen_content()
            for action in found
        }

    def action_open_campaign(self):
        """Open the campaign that an entry is about."""
        return self.campaign_id._open()
