from . import flow_email_test, flow_event, last_order, res_partner, sale_order
