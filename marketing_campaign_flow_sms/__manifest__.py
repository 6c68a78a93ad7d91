{
    "name": "Campaign Flow: SMS",
    "summary": "Campaigns that send SMS, and that clicks and delivery reports move",
    "version": "19.0.1.0.0",
    "category": "Marketing/Campaign Flow",
    "author": "Marketing Campaign Flow contributors",
    "license": "LGPL-3",
    "depends": ["marketing_campaign_flow", "mass_mailing_sms"],
    "data": [
        "views/flow_action_views.xml",
        "views/mailing_mailing_views.xml",
        "views/res_config_settings_views.xml",
        "data/flow_template.xml",
    ],
    "uninstall_hook": "uninstall_hook",
    "auto_install": True,
}
