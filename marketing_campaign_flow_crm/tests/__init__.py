from . import (
    test_effect,
    test_lead_actions,
    test_lead_attribution,
    test_lead_audience,
    test_lead_campaigns,
    test_lead_criteria,
    test_lead_events,
)
