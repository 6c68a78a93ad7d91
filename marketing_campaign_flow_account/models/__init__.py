from . import account_move, flow_event
