from . import (
    flow_attribution,
    flow_campaign,
    flow_criterion,
    flow_email_test,
    flow_event,
    flow_objective,
    flow_rfm,
    flow_rfm_segment,
    last_order,
    res_config_settings,
    res_partner,
    sale_order,
)
