from . import test_invoice_attribution, test_invoice_events, test_money
