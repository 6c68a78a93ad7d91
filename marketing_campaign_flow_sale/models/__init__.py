from . import (
    flow_criterion,
    flow_event,
    flow_rfm,
    flow_rfm_segment,
    res_config_settings,
    res_partner,
    sale_order,
)
