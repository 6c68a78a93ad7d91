"""Deliver: hand the messages that wait in Odoo's outbox to its mail queue.

The email action writes messages into the outbox in the transaction of its step. Odoo's queue
job runs in one worker at a time and is the only one that talks to the mail server.
"""


def deliver(env) -> None:
    """Wake Odoo's mail queue."""
    env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
