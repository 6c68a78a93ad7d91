from . import (
    flow_audience_use,
    flow_template_use,
    flow_enrolment_wizard,
    flow_letter_preview,
    flow_letter_warning,
    flow_manual_send,
    flow_participant_move,
    flow_release,
    flow_response,
    flow_webhook_try,
    flow_workflow_publish,
    odoo_mailing_mailing_test,
)
