from . import flow_activity_report, flow_campaign_report, flow_report
