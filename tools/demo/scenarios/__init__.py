"""Campaigns that are played from a template to their end, over real HTTP and mail.

Each scenario is a module with a `TITLE`, the external id of its `TEMPLATE`, the `ADDONS` it needs
beside the core, and `play(scene)`, which lets people do what they do and returns where each of them
has to be at the end.
"""

from tools.demo.scenarios import (
    birthday,
    event,
    lead_form,
    newsletter,
    nurturing,
    phases,
    quotation,
    reengagement,
    welcome,
    winback,
)

# By the number in `make demo SCENARIO=n`.
SCENARIOS = {
    1: welcome,
    2: lead_form,
    3: newsletter,
    4: phases,
    5: quotation,
    6: reengagement,
    7: birthday,
    8: event,
    9: winback,
    10: nurturing,
}
