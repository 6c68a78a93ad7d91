from . import flow_activity_report
