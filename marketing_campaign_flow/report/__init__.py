from . import (
    flow_activity_report,
    flow_attribution_report,
    flow_money,
    flow_campaign_report,
    flow_report,
    flow_report_money,
    flow_report_results,
)
