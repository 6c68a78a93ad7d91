from odoo import models

PREFIX = "flow.monitor"


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Let browsers listen to campaigns that their user may read: ``flow.monitor_7`` is the
        campaign 7, ``flow.monitor`` all campaigns of the user's companies."""
        asked = [name for name in channels if isinstance(name, str) and name.startswith(PREFIX)]
        others = [name for name in channels if name not in asked]
        return super()._build_bus_channel_list(
            others + self.env["flow.monitor"]._channels(asked) if asked else others
        )
