from . import flow_email_test, flow_event, res_partner, sale_order
