from . import (
    test_attribution,
    test_effect,
    test_email_test,
    test_exactness,
    test_last_order,
    test_objective,
    test_ordered,
    test_quotation_action,
    test_report,
    test_rfm,
    test_sale_criteria,
    test_sale_events,
)
