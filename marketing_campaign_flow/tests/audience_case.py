"""Audiences of a small world of their own, and what is asked of them."""

from odoo.fields import Command

from .common import FlowCase


class AudienceCase(FlowCase):
    @classmethod
    def make(cls, name="Testers", **values):
        """Return an audience of the marketing user's."""
        return cls.env["flow.audience"].with_user(cls.user).create({"name": name, **values})

    @classmethod
    def contact(cls, name, email=None, **values):
        email = f"{name.lower()}@example.com" if email is None else email
        return cls.env["res.partner"].create({"name": name, "email": email, **values})

    @classmethod
    def subscribe(cls, email, mailing_list, opt_out=False):
        return cls.env["mailing.contact"].create(
            {
                "email": email,
                "subscription_ids": [
                    Command.create({"list_id": mailing_list.id, "opt_out": opt_out})
                ],
            }
        )

    def names(self, audience):
        """Return the names of those in an audience, as campaigns take them in."""
        contacts = self.env[audience.target_model].with_env(audience.env)
        return sorted(contacts.search(audience._contact_domain()).mapped("name"))

    def reasons(self, audience):
        """Return how many there are by what is said of them, and check that it adds up."""
        audience.invalidate_recordset()
        preview = audience.preview
        rows = {row["verdict"]: row["count"] for row in preview["rows"]}
        out = sum(row["count"] for row in preview["rows"] if row["is_out"])
        self.assertEqual(preview["found"], out + preview["people"])
        self.assertEqual(sum(rows.values()) - out + preview["reachable"], preview["people"])
        return rows

    def verdict(self, audience, contact):
        contact = contact.with_user(self.user).with_context(flow_audience_id=audience.id)
        contact.invalidate_recordset(["flow_audience_verdict"])
        return contact.flow_audience_verdict
