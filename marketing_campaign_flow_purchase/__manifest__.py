{
    "name": "Campaign Flow: Purchase",
    "summary": "What is ordered for campaigns is committed of their budgets",
    "version": "19.0.1.0.0",
    "category": "Marketing/Campaign Flow",
    "author": "Marketing Campaign Flow contributors",
    "license": "LGPL-3",
    "depends": ["marketing_campaign_flow_account", "purchase"],
    "auto_install": True,
}
