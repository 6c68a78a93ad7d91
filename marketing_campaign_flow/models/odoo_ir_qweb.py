from lxml import etree
from odoo import models


class IrQweb(models.AbstractModel):
    _inherit = "ir.qweb"

    def _compile(self, template):
        compiled = self.env.context.get("flow_compiled")
        if compiled is None or not isinstance(template, etree._Element):
            return super()._compile(template)
        if template not in compiled:  # by identity: elements have no equality of their own
            compiled[template] = super()._compile(template)
        return compiled[template]
