from . import flow_event, res_partner, sale_order
