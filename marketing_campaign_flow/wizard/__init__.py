from . import (
    flow_enrolment_wizard,
    flow_letter_preview,
    flow_letter_warning,
    flow_webhook_try,
    flow_workflow_publish,
    odoo_mailing_mailing_test,
)
