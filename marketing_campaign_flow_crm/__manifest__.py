{
    "name": "Campaign Flow: CRM",
    "summary": "Campaigns about leads, moved by what becomes of them, that create and change leads",
    "version": "19.0.1.0.0",
    "category": "Marketing/Campaign Flow",
    "author": "Marketing Campaign Flow contributors",
    "license": "LGPL-3",
    "depends": ["marketing_campaign_flow", "mass_mailing_crm"],
    "data": [
        "security/ir.model.access.csv",
        "views/flow_action_views.xml",
        "views/flow_by_hand_views.xml",
        "views/crm_lead_audience_views.xml",
        "data/flow_template.xml",
    ],
    "auto_install": True,
}
