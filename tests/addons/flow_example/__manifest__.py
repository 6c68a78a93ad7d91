{
    "name": "Campaign Flow: an action of one's own",
    "author": "Marketing Campaign Flow contributors",
    "license": "LGPL-3",
    "depends": ["marketing_campaign_flow"],
    "data": ["views.xml"],
}
