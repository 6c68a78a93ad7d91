"""Manual sending: a message outside the workflow, through Odoo's mail composer.

Whom it goes to is a choice: a domain on participants of the campaign or on contacts, or an
audience. It stays one until the message is sent, so that a hundred thousand people are no list of
ids anywhere.
"""

import json

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import clean_context

from ..engine import by_hand, database_clock, enrol, version_lock

NOBODY = "[(0, '=', 1)]"  # for the composer; whom it goes to is said by the choice


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def action_send_by_hand(self):
        """Open the mail composer for everybody who is in the campaign and has not left it."""
        self.ensure_one()
        return self._compose_by_hand(
            {"participants": [("campaign_id", "=", self.id), ("status", "!=", "ended")]}
        )

    def _compose_by_hand(self, choice):
        """Return the action that opens the mail composer for those who are chosen.

        :param choice: ``{"participants": domain}``, ``{"contacts": domain}`` of the campaign's
            target model, or ``{"audience": id}``
        :raises UserError: when there is nobody to write to, or the campaign does not run
        """
        self.ensure_one()
        self.check_access("write")
        if self.status == "draft":
            raise UserError(self.env._("“%s” does not run: launch it first.", self.name))
        if self.status not in ("running", "paused"):
            raise UserError(
                self.env._("“%s” has ended: nothing is sent in it any more.", self.name)
            )
        if not self._chosen_contacts(choice, limit=1):
            raise UserError(self.env._("There is nobody in this campaign to write to."))
        composer = self.env["mail.compose.message"]
        # What was ticked is not what the message is about.
        composer = composer.with_context(active_ids=None, active_id=None, active_model=None)
        composer = composer.create(
            {
                "composition_mode": "mass_mail",
                "model": self.target_model,
                # Also for one person: its editor has placeholders for batches only.
                "res_ids": False,
                "res_domain": NOBODY,
                "campaign_id": self.utm_campaign_id.id,
                # Anybody may give names; a subject is a template.
                "subject": False if "{{" in self.name else self.name,
                "use_exclusion_list": True,
                "flow_campaign_id": self.id,
                "flow_choice": json.dumps(choice),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send email"),
            "res_model": "mail.compose.message",
            "res_id": composer.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_model": self.target_model, "dialog_size": "large"},
        }

    def _send_by_hand(self, composer):
        """Put a message that a person wrote into the outbox of those who are chosen.

        They need not take part: reactions to the message count for the campaign, and nobody comes
        in by it.

        :param composer: `mail.compose.message` in mass mode
        :return: how many people it goes to
        :raises UserError: when the campaign has been stopped meanwhile, nobody is left, or the
            message cannot be written to anybody
        """
        self.ensure_one()
        self.check_access("write")
        version_lock.share(self.env, self, wait=True)
        if not self._is_open():
            raise UserError(self.env._("“%s” has been stopped meanwhile.", self.name))
        mailing = composer._flow_mailing(self)
        if problems := mailing._flow_problems():
            raise UserError("\n".join(problems))
        mailing._flow_body()
        # sudo: ledger rows are written by the system; that the user may send in this campaign
        # was decided by the access rights on it, whom they may write to by those on contacts
        plain = clean_context(self.env.context)  # in place of it: the user's defaults stay outside
        campaign = self.sudo().with_context(plain)  # pylint: disable=context-overridden
        action = campaign.env["flow.action"].create(
            {
                "workflow_id": campaign.workflow_id.id,
                "kind": "email",
                "is_manual": True,
                "mailing_id": mailing.id,
                "cap_policy": "ignore" if composer.flow_ignore_cap else "skip",
            }
        )
        now = database_clock.now(self.env)
        chosen = self._chosen_runs(json.loads(composer.flow_choice or "{}"), now)
        count = by_hand.send(
            campaign.env,
            campaign,
            action,
            by_hand.last_runs(campaign, chosen),
            max(now, composer.flow_send_at or now),
        )
        if not count:
            raise UserError(self.env._("There is nobody in this campaign to write to."))
        self._wake_engine()
        return count

    def _is_open(self):
        """Return whether the campaign runs or is paused, which stays so until this transaction
        ends."""
        self.flush_recordset(["status"])
        self.env.cr.execute(SQL(enrol.KEEP_STATUS, self.id), log_exceptions=False)
        return self.env.cr.fetchone()[0] in ("running", "paused")

    def _chosen_runs(self, choice, now):
        """Return SQL for the condition on participants ``p`` who are chosen; contacts who take no
        part are given what a message can belong to."""
        if "participants" in choice:
            return by_hand.chosen(self.env["flow.participant"], choice["participants"])
        contacts = self._contacts_of_choice(choice)
        by_hand.welcome(self.sudo().env, self.sudo(), contacts, now)  # sudo: see `_send_by_hand`
        return SQL("p.res_id IN %s", contacts)

    def _contacts_of_choice(self, choice):
        """Return SQL for the ids of contacts who are chosen, whom both the user and the campaign's
        responsible see."""
        responsible = self._as_responsible().env
        if "audience" in choice:
            audience = self.env["flow.audience"].browse(choice["audience"])
            audience.check_access("read")
            if audience.target_model != self.target_model:
                raise UserError(self.env._("The campaign is about another kind of contacts."))
            queries = [audience._contact_query(), audience.with_env(responsible)._contact_query()]
        else:
            queries = [
                env[self.target_model]._search(choice.get("contacts", [(0, "=", 1)]))
                for env in (self.env, responsible)
            ]
        first, second = (query.subselect() for query in queries)
        return SQL("(%s INTERSECT %s)", first, second)

    def _chosen_contacts(self, choice, limit):
        """Return the ids of the first contacts of a choice."""
        if "participants" in choice:
            chosen = self.env["flow.participant"].search(choice["participants"], limit=limit)
            return chosen.mapped("res_id")
        self.env.flush_all()
        self.env.cr.execute(
            SQL("SELECT id FROM %s c(id) LIMIT %s", self._contacts_of_choice(choice), limit)
        )
        return [row[0] for row in self.env.cr.fetchall()]

    def _choice_in_words(self, choice):
        """Return whom a message goes to, with how many they are."""
        if "participants" in choice:
            participants = self.env["flow.participant"]
            count = participants.search_count(choice["participants"])
            if count == 1:
                return participants.search(choice["participants"]).display_name
            return self.env._("%(count)s participants of “%(name)s”", count=count, name=self.name)
        self.env.flush_all()
        self.env.cr.execute(SQL("SELECT count(*) FROM %s c", self._contacts_of_choice(choice)))
        [count] = self.env.cr.fetchone()
        if "audience" in choice:
            audience = self.env["flow.audience"].browse(choice["audience"])
            return self.env._(
                "%(count)s people of the audience “%(name)s”", count=count, name=audience.name
            )
        if count == 1:
            return self.env[self.target_model].search(choice["contacts"]).display_name
        return self.env._("%s contacts", count)
