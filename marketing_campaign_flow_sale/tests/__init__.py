from . import test_ordered, test_quotation_action, test_sale_events
