from . import flow_visitor, website
