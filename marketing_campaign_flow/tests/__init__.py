from . import (
    test_actions,
    test_audience,
    test_campaign,
    test_clock,
    test_engine,
    test_events,
    test_graph,
    test_manual_send,
    test_money,
    test_security,
    test_timing,
    test_triggers,
)
