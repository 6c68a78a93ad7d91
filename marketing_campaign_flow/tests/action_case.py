"""A campaign that does one thing with its contacts, for the tests of kinds of action."""

from odoo.tests import Form, new_test_user

from ..engine import execute, tick
from .common import FlowCase


class ActionCase(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.over = cls.state("Over", "done")
        cls.transition(cls.start, cls.over, "done")

    @classmethod
    def colleague(cls, name):
        login = name.lower()
        return new_test_user(
            cls.env, login, groups="base.group_user", name=name, email=f"{login}@shop.example"
        )

    def take_mailing_contacts(self, *names):
        """Let the campaign be about mailing contacts, and return them."""
        contacts = self.env["mailing.contact"].create(
            [
                {
                    "name": name,
                    "email": f"{name.lower()}@list.example",
                    "subscription_ids": [(0, 0, {"list_id": self.hot_list.id})],
                }
                for name in names
            ]
        )
        self.campaign.audience_id = self.env["flow.audience"].create(
            {
                "name": "Hot",
                "target_model": "mailing.contact",
                "mailing_list_ids": self.hot_list.ids,
            }
        )
        self.env.flush_all()
        return contacts

    def take_partners(self, count):
        """Let the campaign be about so many contacts more, and return them."""
        partners = self.env["res.partner"].create(
            [{"name": f"P{i}", "email": f"p{i}@example.com"} for i in range(count)]
        )
        self.audience.partner_ids += partners
        return partners

    def launch_and_lose(self, contact):
        """Let a contact vanish between entering and its action, past everything Odoo does."""
        self.campaign.action_launch()
        self.pass_time(minutes=1)
        self.env.cr.execute("DELETE FROM res_partner WHERE id = %s", [contact.id])
        self.env.invalidate_all()
        self.pass_time(days=2)

    def form(self, kind):
        """Return the form of a new action, as the marketing user sees it."""
        actions = self.env["flow.action"].with_user(self.user)
        form = Form(actions.with_context(default_state_id=self.start.id,
                                         default_workflow_id=self.workflow.id))  # fmt: skip
        form.kind = kind
        return form

    def reasons(self):
        """Return status and reason of each step, by the name of the participant."""
        steps = self.env["flow.step"].search([("campaign_id", "=", self.campaign.id)])
        return {step.participant_id.name: (step.status, step.reason) for step in steps}

    def statements(self, action, contacts):
        """Return how many statements running the action for these contacts takes."""
        steps = self.env["flow.step"].search(
            [
                ("action_id", "=", action.id),
                ("participant_id.res_id", "in", contacts.ids),
            ]
        )
        responsible = self.campaign._as_responsible().env
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        execute._run(responsible["flow.action"].browse(action.id), steps.with_env(responsible))
        return self.env.cr.sql_log_count - before

    def new_version(self, **values):
        """Change the campaign's one action in a new version; return what the dialog says of it."""
        self.campaign.action_launch()
        tick.run(self.env)
        self.campaign.action_edit_workflow()
        draft = self.campaign.draft_workflow_id
        draft.action_ids.write(values)
        self.env.invalidate_all()
        changes = self.campaign.workflow_id._changes_to(draft)
        return [
            f"{new.label if new else old.label}: {old.words if old else '–'}"
            f" → {new.words if new else '–'}"
            for change, _part in changes
            for old, new in change.values
        ]
