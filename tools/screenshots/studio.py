"""The campaign whose forms are pictured, with the people and things it speaks of."""

from tools.demo.client import Client

CAMPAIGN = "Spring collection"
OFFER = "https://shop.example/spring"
TEXT = f"""
<div><h2>Dear <t t-out="object.name"/>,</h2>
<p>our spring collection is here. <a href="{OFFER}?from=email">See the collection</a></p>
<p><a href="/unsubscribe_from_list">Unsubscribe</a></p></div>"""


class Studio:
    """Makes what the forms speak of; what an earlier visit has made is used again."""

    def __init__(self, admin: Client, marta: Client):
        self.admin, self.marta = admin, marta
        [self.partner_model] = admin.search("ir.model", [("model", "=", "res.partner")])
        self._forget_campaign()
        audience = self.one("flow.audience", name="Customers who garden", use_criteria=True)
        self.campaign = marta.create("flow.campaign", {"name": CAMPAIGN, "audience_id": audience})
        [values] = marta.read(
            "flow.campaign",
            [("id", "=", self.campaign)],
            ["workflow_id", "utm_campaign_id", "state_ids"],
        )
        self.workflow = values["workflow_id"][0]
        self.utm_campaign = values["utm_campaign_id"][0]
        marta.call("flow.state", "unlink", values["state_ids"])
        self.invited = self.state("Invited", "start")
        self.interested = self.state("Interested", "normal")
        self.reminded = self.state("Reminded", "normal")
        self.customer = self.state("Customer", "goal")
        self.unsubscribed = self.state("Unsubscribed", "exit")
        self.invitation = self.action("email", mailing_id=self.mailing("Our spring collection"))

    def _forget_campaign(self) -> None:
        earlier = self.marta.search("flow.campaign", [("name", "=", CAMPAIGN)])
        for campaign in earlier:
            self.marta.call("flow.campaign", "unlink", [campaign])

    # -- parts of the campaign -------------------------------------------------------------

    def state(self, name: str, kind: str) -> int:
        """Return a new state."""
        values = {"workflow_id": self.workflow, "name": name, "kind": kind}
        return self.marta.create("flow.state", values)

    def action(self, kind: str, **values) -> int:
        """Return a new action of the first state."""
        return self.marta.create("flow.action", {"state_id": self.invited, "kind": kind, **values})

    def way_out(self, trigger: str, **values) -> int:
        """Return a new way out of the first state; to “Interested”, unless said otherwise."""
        values = {"state_id": self.invited, "target_id": self.interested, **values}
        return self.marta.create(
            "flow.transition", {"workflow_id": self.workflow, "trigger": trigger, **values}
        )

    def way_in(self, trigger: str, **values) -> int:
        """Return a new way into the campaign."""
        return self.marta.create(
            "flow.entry", {"campaign_id": self.campaign, "trigger": trigger, **values}
        )

    def mailing(self, subject: str, **values) -> int:
        """Return a new message of the campaign, an email unless said otherwise."""
        return self.marta.create(
            "mailing.mailing",
            {"subject": subject, "body_arch": TEXT, "body_html": TEXT, **values},
            default_flow_campaign_id=self.campaign,
            default_campaign_id=self.utm_campaign,
            default_mailing_model_id=self.partner_model,
        )

    # -- what they speak of ----------------------------------------------------------------

    def one(self, model: str, **values) -> int:
        """Return the record with this name, or login; made by the administrator where missing."""
        name = next(name for name in ("login", "name", "subject") if name in values)
        found = self.admin.search(model, [(name, "=", values[name])], limit=1)
        return found[0] if found else self.admin.create(model, values)

    def colleague(self, name: str) -> int:
        """Return a colleague who sells."""
        first = name.split()[0].lower()
        seller = self.admin.ref("sales_team.group_sale_salesman")
        return self.one(
            "res.users",
            name=name,
            login=first,
            email=f"{first}@flow.example",
            group_ids=[(6, 0, [self.admin.ref("base.group_user"), seller])],
        )

    def field(self, name: str) -> int:
        """Return a field of the contact."""
        asked = [("model", "=", "res.partner"), ("name", "=", name)]
        return self.admin.search("ir.model.fields", asked)[0]

    def country(self, code: str) -> int:
        """Return a country."""
        return self.admin.search("res.country", [("code", "=", code)])[0]
