{
    "name": "Campaign Flow: Sales",
    "summary": "Campaigns that quotations and orders move, and that create quotations",
    "version": "19.0.1.0.0",
    "category": "Marketing/Campaign Flow",
    "author": "Marketing Campaign Flow contributors",
    "license": "LGPL-3",
    "depends": ["marketing_campaign_flow", "sale_management"],
    "data": [
        "security/ir.model.access.csv",
        "data/ir_cron.xml",
        "views/flow_action_views.xml",
        "data/flow_template.xml",
    ],
    "auto_install": True,
}
