from . import test_invoice_events
