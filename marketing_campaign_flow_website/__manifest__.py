{
    "name": "Campaign Flow: website",
    "summary": "Tells campaigns what visitors of Odoo's website look at and which forms they send",
    "version": "19.0.1.0.0",
    "category": "Marketing/Campaign Flow",
    "author": "Marketing Campaign Flow contributors",
    "license": "LGPL-3",
    "depends": ["marketing_campaign_flow", "website"],
    "data": ["views/website_templates.xml", "views/flow_visitor_views.xml"],
    "assets": {
        "web.assets_frontend": ["marketing_campaign_flow_website/static/src/tracker.js"],
    },
    "auto_install": True,
}
