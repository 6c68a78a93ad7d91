from . import models


def uninstall_hook(env):
    """Take away the jobs that wait: nobody could run them any more; the lanes are crons again."""
    # sudo: only an administrator uninstalls; the jobs are the addon's own.
    jobs = env["queue.job"].sudo()
    jobs.search(
        [
            ("model_name", "=", "flow.campaign"),
            ("method_name", "=", "_run_lane"),
            ("state", "not in", ("started", "done")),
        ]
    ).unlink()
