from . import (
    test_email_test,
    test_last_order,
    test_ordered,
    test_quotation_action,
    test_sale_events,
)
