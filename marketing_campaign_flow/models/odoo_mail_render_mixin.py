from contextlib import contextmanager

from lxml import html
from odoo import api, models
from odoo.addons.base.models.ir_qweb import QWebError
from odoo.exceptions import AccessError, UserError

from ..engine import time_limit

COMPILE_ONCE = "flow_compile_once"
BLOCKS = "flow_blocks"


class MailRenderMixin(models.AbstractModel):
    _inherit = "mail.render.mixin"

    @api.model
    def _render_template_qweb(self, template_src, model, res_ids, add_context=None, options=None):
        """Compile a body once for a batch of recipients; Odoo does so for each of them.

        Who may render what stays Odoo's decision: expressions that are not plain fields of the
        recipient are for those who may edit templates.
        """
        blocks = self.env.context.get(BLOCKS)
        ours = blocks or self.env.context.get(COMPILE_ONCE)
        if not (ours and template_src and res_ids):
            return super()._render_template_qweb(template_src, model, res_ids, add_context, options)
        options = dict(options or {})
        if not (self.env.is_admin() or self.env.user.has_group("mail.group_mail_template_editor")):
            options["raise_on_forbidden_code_for_model"] = model
        template = html.fragment_fromstring(template_src, create_parent="div")
        qweb = self.env["ir.qweb"].with_context(flow_compiled={})
        variables = {**self._render_eval_context(), **(add_context or {})}
        results = {}
        with self._flow_in_time() as watch:
            for record in self.env[model].browse(res_ids):
                variables["object"] = record
                watch.begin()
                try:
                    shown = blocks.template_for(template, record.id) if blocks else template
                    results[record.id] = qweb._render(shown, variables, **options)[5:-6]
                except QWebError as error:
                    raise self._flow_rendering_error(error) from error
        return results

    @api.model
    def _render_template_inline_template(
        self, template_txt, model, res_ids, add_context=None, options=None
    ):
        if not (self.env.context.get(COMPILE_ONCE) and template_txt and res_ids):
            return super()._render_template_inline_template(
                template_txt, model, res_ids, add_context, options
            )
        with self._flow_in_time():
            return super()._render_template_inline_template(
                template_txt, model, res_ids, add_context, options
            )

    @contextmanager
    def _flow_in_time(self):
        """Stop a template that takes too long or too much, with a reason that a person understands.

        A text that runs in circles may be out of memory before it is out of time.
        """
        try:
            with time_limit.at_most(time_limit.SECONDS) as watch:
                yield watch
        except time_limit.TooSlowError as error:
            raise time_limit.TooSlowError(
                self.env._(
                    "The text takes longer than %s seconds for one contact: it seems to run in"
                    " circles.",
                    int(time_limit.SECONDS),
                )
            ) from error
        except Exception as error:
            if not time_limit.is_out_of_memory(error):
                raise
            raise time_limit.TooSlowError(
                self.env._(
                    "The text takes more memory than there is for one contact: it seems to run in"
                    " circles."
                )
            ) from error

    def _flow_rendering_error(self, error):
        if isinstance(error.__cause__, PermissionError):
            return AccessError(
                self.env._(
                    "The email has placeholders that only those who may edit templates can use;"
                    " the responsible of the campaign may not."
                )
            )
        return UserError(self.env._("The email cannot be rendered: %s", error))
