"""What installing and uninstalling need beyond the data files."""

from odoo.tools import SQL

from .engine import fact_triggers

# References between our own tables that refuse the deletion of what they refer to.
RESTRICTING = """
    SELECT child.relname, fk.conname
      FROM pg_constraint fk
      JOIN pg_class child ON child.oid = fk.conrelid
      JOIN pg_class parent ON parent.oid = fk.confrelid
     WHERE fk.contype = 'f' AND fk.confdeltype = 'r'
       AND starts_with(child.relname, 'flow_') AND starts_with(parent.relname, 'flow_')
"""


def uninstall_hook(env):
    """Let go of everything without a refusal, and give core its own list of mailings back.

    Odoo deletes the records of the data files one model after the other before it drops the
    tables; references that protect, say, a phase in use would refuse that and fill the log. The
    domain of core's list names a column that goes away. What was set on the settings page has no
    record of the addon's that would take it away.
    """
    parameters = env["ir.config_parameter"]
    parameters.search([("key", "=like", r"marketing\_campaign\_flow.%")]).unlink()
    for table, constraint in env.execute_query(SQL(RESTRICTING)):
        env.cr.execute(
            SQL(
                "ALTER TABLE %s DROP CONSTRAINT %s",
                SQL.identifier(table),
                SQL.identifier(constraint),
            )
        )
    fact_triggers.drop(env.cr)
    # Odoo leaves the indexes of columns that are its own.
    env.cr.execute(
        "DROP INDEX IF EXISTS mailing_trace__message_id_index, mailing_trace__email_index"
    )
    action = env.ref("mass_mailing.mailing_mailing_action_mail", raise_if_not_found=False)
    if action:
        action.domain = "[('mailing_type', '=', 'mail')]"
