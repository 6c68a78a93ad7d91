from . import (
    addressee,
    crm_lead,
    flow_audience,
    flow_campaign,
    flow_criterion,
    flow_effect,
    flow_entry,
    flow_event,
    mail_activity,
)
