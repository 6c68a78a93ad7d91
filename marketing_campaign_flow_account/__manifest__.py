{
    "name": "Campaign Flow: Invoicing",
    "summary": "Campaigns that invoices move, and what accounting spends on them",
    "version": "19.0.1.0.0",
    "category": "Marketing/Campaign Flow",
    "author": "Marketing Campaign Flow contributors",
    "license": "LGPL-3",
    "depends": ["marketing_campaign_flow", "account"],
    "data": ["data/ir_cron.xml", "views/flow_campaign_views.xml"],
    "auto_install": True,
}
