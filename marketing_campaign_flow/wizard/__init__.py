from . import flow_enrolment_wizard, flow_webhook_try, flow_workflow_publish
