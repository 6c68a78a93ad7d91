from . import (
    flow_event,
    flow_transition,
    link_tracker_click,
    mailing_mailing,
    sms_composer,
    sms_tracker,
)
