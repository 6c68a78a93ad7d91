from . import flow_workflow_publish
