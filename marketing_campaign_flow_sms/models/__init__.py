from . import (
    flow_attribution,
    flow_event,
    flow_transition,
    flow_trial_sms,
    link_tracker_click,
    mailing_mailing,
    mailing_trace,
    res_company,
    res_config_settings,
    sms_composer,
    sms_tracker,
)
