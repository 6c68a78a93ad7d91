from . import account_move, flow_attribution, flow_event, flow_objective
