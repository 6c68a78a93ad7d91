from . import (
    flow_criterion,
    flow_email_test,
    flow_event,
    flow_rfm,
    flow_rfm_grouped,
    flow_rfm_seen,
    flow_rfm_segment,
    last_order,
    res_config_settings,
    res_partner,
    sale_order,
)
