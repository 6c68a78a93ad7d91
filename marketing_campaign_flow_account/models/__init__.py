from . import (
    account_move,
    flow_attribution,
    flow_campaign,
    flow_event,
    flow_money,
    flow_objective,
    flow_report,
)
