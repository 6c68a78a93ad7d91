from . import flow_enrolment_wizard, flow_workflow_publish
