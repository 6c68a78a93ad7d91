from . import flow_activity_report, flow_attribution_report
