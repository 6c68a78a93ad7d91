from . import test_email_test, test_ordered, test_quotation_action, test_sale_events
