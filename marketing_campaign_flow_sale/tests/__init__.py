from . import (
    test_exactness,
    test_ordered,
    test_quotation_action,
    test_rfm,
    test_sale_criteria,
    test_sale_events,
)
