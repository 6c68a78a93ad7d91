{
    "name": "Campaign Flow: queue jobs",
    "summary": "Runs the passes of campaigns as jobs of queue_job, on one machine or on many",
    "version": "19.0.1.0.0",
    "category": "Marketing/Campaign Flow",
    "author": "Marketing Campaign Flow contributors",
    "license": "LGPL-3",
    "depends": ["marketing_campaign_flow", "queue_job"],
    "data": ["data/queue_job.xml"],
    "uninstall_hook": "uninstall_hook",
    "auto_install": True,
}
