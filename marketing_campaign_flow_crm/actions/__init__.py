from . import lead, lead_close, lead_create, lead_update
