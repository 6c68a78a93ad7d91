from . import flow_campaign
