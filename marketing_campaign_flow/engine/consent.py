"""Consent: who may not be written to, asked for a batch of addresses at once."""

from odoo.tools import SQL

BLACKLISTED = "SELECT email FROM mail_blacklist WHERE active AND email = ANY(%s)"

# Somebody who is still on one of the lists of the audience has not left it. Who was put on a list
# by the field *Mailing Lists* has no value for whether they have left.
OPTED_OUT = """
    SELECT c.email_normalized
      FROM mailing_contact c JOIN mailing_subscription s ON s.contact_id = c.id
     WHERE s.list_id = ANY(%s) AND c.email_normalized = ANY(%s)
     GROUP BY c.email_normalized HAVING bool_and(s.opt_out IS TRUE)
"""


def blacklisted(env, emails) -> set[str]:
    """Return those of the normalised addresses that are on Odoo's blacklist."""
    env["mail.blacklist"].flush_model(["email", "active"])
    env.cr.execute(SQL(BLACKLISTED, list(emails)))
    return {row[0] for row in env.cr.fetchall()}


def opted_out(env, mailing_lists, emails) -> set[str]:
    """Return those of the normalised addresses that have left the lists and are on none of them.

    :param mailing_lists: `mailing.list` records; nobody can have left none
    """
    if not mailing_lists:
        return set()
    env["mailing.subscription"].flush_model()
    env.cr.execute(SQL(OPTED_OUT, mailing_lists.ids, list(emails)))
    return {row[0] for row in env.cr.fetchall()}
