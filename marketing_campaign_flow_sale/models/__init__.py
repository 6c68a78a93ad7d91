from . import flow_event, last_order, res_partner, sale_order
