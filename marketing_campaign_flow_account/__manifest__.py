{
    "name": "Campaign Flow: Invoicing",
    "summary": "Campaigns that invoices move: posted, paid, overdue",
    "version": "19.0.1.0.0",
    "category": "Marketing/Campaign Flow",
    "author": "Marketing Campaign Flow contributors",
    "license": "LGPL-3",
    "depends": ["marketing_campaign_flow", "account"],
    "data": ["data/ir_cron.xml"],
    "auto_install": True,
}
