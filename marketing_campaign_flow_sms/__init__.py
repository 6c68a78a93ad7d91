from . import actions, models


def uninstall_hook(env):
    """Give core its own list of SMS back: its domain names a column that may go away. Odoo leaves
    the indexes of columns that are its own."""
    env.cr.execute("DROP INDEX IF EXISTS mailing_trace__sms_number_index")
    action = env.ref("mass_mailing_sms.mailing_mailing_action_sms", raise_if_not_found=False)
    if action:
        action.domain = "[('mailing_type', '=', 'sms')]"
