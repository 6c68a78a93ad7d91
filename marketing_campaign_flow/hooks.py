"""What installing and uninstalling need beyond the data files."""


def uninstall_hook(env):
    """Give core's list of mailings its own domain back; ours names a column that goes away."""
    action = env.ref("mass_mailing.mailing_mailing_action_mail", raise_if_not_found=False)
    if action:
        action.domain = "[('mailing_type', '=', 'mail')]"
