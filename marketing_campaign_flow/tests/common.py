"""The world the tests live in: a campaign with an invitation, a reminder and a goal."""

from datetime import timedelta
from email import message_from_bytes, policy
from unittest.mock import patch

from odoo.addons.mail.tests.common import MockEmail
from odoo.tests import Form, TransactionCase, new_test_user

from ..engine import database_clock, deliver, tick
from ..engine.handover import Receipt
from .ledger_counts import MISCOUNTED, MISREACTED, MISSPENT


class Received(dict):
    """What the mail server got: `email_to`, and once somebody looks, what is written in it."""

    def __init__(self, envelope):
        super().__init__(email_to=list(envelope.recipients))
        self._content = envelope.content

    def __missing__(self, key):
        message = message_from_bytes(self._content, policy=policy.default)
        self.update(
            subject=message["Subject"],
            body=message.get_body(("html",)).get_content(),
            message=message,
        )
        return self[key]


class FlowCase(TransactionCase, MockEmail):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._init_mail_gateway()
        cls.user = new_test_user(
            cls.env,
            "flow_user",
            groups="marketing_campaign_flow.group_flow_user,base.group_partner_manager",
            email="flow.user@example.com",
            tz="Europe/Rome",
            notification_type="inbox",  # no email is written for what the tests are not about
        )
        cls.phases = cls.env["flow.phase"].search([])
        cls.hot_list = cls.env["mailing.list"].create({"name": "Hot"})
        cls.partners = cls.env["res.partner"].create(
            [
                {"name": name, "email": f"{name.lower()}@example.com"}
                for name in ("Ann", "Bob", "Cleo")
            ]
        )
        cls.ann, cls.bob, cls.cleo = cls.partners
        cls.audience = cls.env["flow.audience"].create(
            {"name": "Picked", "partner_ids": cls.partners.ids}
        )
        cls.campaign = cls.env["flow.campaign"].create(
            {
                "name": "Invitation",
                "audience_id": cls.audience.id,
                "user_id": cls.user.id,
            }
        )
        cls.workflow = cls.campaign.workflow_id
        cls.workflow.state_ids.unlink()

    def setUp(self):
        super().setUp()
        self.sent, self.answers = [], {}

    def tearDown(self):
        self.assert_counted()  # whatever was written in whichever way
        super().tearDown()

    @staticmethod
    def counted(form):
        """Return the figures that a form of somebody whom it means asks for, as it stands."""
        values = form._get_onchange_values()
        for name in ("audience_id", "parent_id"):  # of a block: the form around it
            if isinstance(values.get(name), dict):
                del values[name]
        return form._record.get_count(values)

    def assert_counted(self):
        """Facts, reactions and sums of money say what the ledger says."""
        self.env.flush_all()
        for wrong in (MISCOUNTED, MISSPENT, MISREACTED):
            self.env.cr.execute(wrong)
            self.assertEqual(self.env.cr.fetchall(), [])

    # -- building ------------------------------------------------------------------------

    @classmethod
    def state(cls, name, kind="normal", phase=None, **values):
        return cls.env["flow.state"].create(
            {
                "workflow_id": cls.workflow.id,
                "name": name,
                "kind": kind,
                "phase_id": phase and phase.id,
                "key": name.lower(),
                **values,
            }
        )

    @classmethod
    def email(cls, owner, subject="Hello", **values):
        mailing = cls.env["mailing.mailing"].create(
            {
                "subject": subject,
                "body_html": '<p>Dear <t t-out="object.name"/>, <a href="https://shop.example/offer">look</a></p>',
                "mailing_model_id": cls.env["ir.model"]._get_id(cls.campaign.target_model),
                "flow_campaign_id": cls.campaign.id,
                "reply_to_mode": "update",
                "user_id": cls.user.id,
            }
        )
        return cls.action(owner, "email", mailing_id=mailing.id, **values)

    @classmethod
    def action(cls, owner, kind, **values):
        field = "state_id" if owner._name == "flow.state" else "transition_id"
        return cls.env["flow.action"].create({field: owner.id, "kind": kind, **values})

    @classmethod
    def transition(cls, state, target, trigger, **values):
        return cls.env["flow.transition"].create(
            {
                "workflow_id": cls.workflow.id,
                "state_id": state and state.id,
                "target_id": target and target.id,
                "trigger": trigger,
                **values,
            }
        )

    def stranger(self):
        """Return a new user of another company who may use campaigns."""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        return new_test_user(
            self.env,
            "stranger",
            groups="marketing_campaign_flow.group_flow_user",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    def by_hand(self, action, **values):
        """Send what the mail composer that an action of the screen opens would send."""
        composers = self.env["mail.compose.message"].with_user(self.user)
        composer = composers.browse(action["res_id"]).with_context(**action["context"])
        with Form(composer) as form:
            for name, value in {"body": "<p>Hello</p>", **values}.items():
                form[name] = value
        composer.action_send_mail()
        return composer

    # -- running ---------------------------------------------------------------------------

    def launch(self):
        self.campaign.action_launch()
        self.run_engine()

    def run_engine(self):
        """Let the engine work until nothing is due; what it sends is in `sent`, oldest first."""
        self.sent = []
        with patch.object(deliver, "_hand_over", self._accept):
            tick.run(self.env)
        self.env.invalidate_all()

    def _accept(self, consignments):
        """The mail server: accepts everything but what `answers` has another receipt for."""
        receipts = []
        for _session, envelope in consignments:
            receipt = self.answers.get(envelope.recipients[0]) or Receipt("accepted", 250, "OK")
            receipts.append(receipt)
            if receipt.status == "accepted":
                self.sent.append(Received(envelope))
        return receipts

    def pass_time(self, **delta):
        """Move the engine's clock and let it work."""
        database_clock.move(self.env, timedelta(**delta).total_seconds())
        self.run_engine()

    def participant(self, contact):
        return self.env["flow.participant"].search(
            [("campaign_id", "=", self.campaign.id), ("res_id", "=", contact.id)]
        )

    def state_of(self, contact):
        return self.participant(contact).state_id.name

    def trace(self, contact, action=None):
        domain = [("flow_step_id.participant_id", "=", self.participant(contact).id)]
        if action:
            domain.append(("flow_step_id.action_id", "=", action.id))
        return self.env["mailing.trace"].search(domain, order="id desc", limit=1)

    def count_mails(self):
        """Return how many messages wait in Odoo's own queue, apart from news of campaigns."""
        return self.env["mail.mail"].search_count([("model", "!=", "flow.campaign")])

    def steps(self, contact):
        return self.participant(contact).step_ids.sorted("id")
