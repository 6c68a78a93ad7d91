from . import account_move, flow_campaign, flow_event, flow_money
