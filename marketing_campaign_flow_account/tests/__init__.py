from . import test_invoice_events, test_money
