from . import (
    addressee,
    crm_lead,
    flow_attribution,
    flow_audience,
    flow_campaign,
    flow_criterion,
    flow_effect,
    flow_entry,
    flow_event,
    flow_objective,
    flow_report,
    mail_activity,
)
