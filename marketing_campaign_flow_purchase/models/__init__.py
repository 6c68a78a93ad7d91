from . import flow_money
