{
    "name": "Campaign Flow: coupons",
    "summary": "Campaigns that give contacts a coupon of their own, and name its code in messages",
    "version": "19.0.1.0.0",
    "category": "Marketing/Campaign Flow",
    "author": "Marketing Campaign Flow contributors",
    "license": "LGPL-3",
    "depends": ["marketing_campaign_flow", "sale_loyalty"],
    "data": ["security/ir.model.access.csv", "views/flow_action_views.xml"],
    "auto_install": True,
}
