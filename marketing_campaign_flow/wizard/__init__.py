from . import flow_webhook_try, flow_workflow_publish
