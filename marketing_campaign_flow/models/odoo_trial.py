"""Nothing of a trial leaves the database: what Odoo would do at once, and not when it commits."""

from odoo import api, models

from ..engine import transaction


class IrMailServer(models.Model):
    _inherit = "ir.mail_server"

    def send_email(self, message, *args, **kwargs):
        if transaction.is_trial(self.env):
            return message["Message-Id"]
        return super().send_email(message, *args, **kwargs)


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _notify_thread_by_web_push(self, *args, **kwargs):
        if transaction.is_trial(self.env):
            return None
        return super()._notify_thread_by_web_push(*args, **kwargs)


class LinkTracker(models.Model):
    _inherit = "link.tracker"

    @api.model
    def _get_title_from_url(self, url):
        if transaction.is_trial(self.env):
            return url
        return super()._get_title_from_url(url)
