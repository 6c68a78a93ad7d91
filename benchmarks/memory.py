"""Memory: a worker needs no more for a campaign of a million than for one of ten thousand.

The peak of a process of its own, which does nothing but a pass, beside that of one that finds
nothing to do. The figure is the difference, in megabytes.
"""

import os
import resource

from benchmarks import harness
from benchmarks.harness import Figure
from benchmarks.world import Campaign

SIZE = 1_000_000
TARGET = 150


def run(env, size: int | None) -> list[Figure]:
    """Measure and return the figures."""
    size = size or SIZE
    harness.make_contacts(env, size)
    campaign = Campaign(env)
    idle = _peak(env, lambda _campaign: None, campaign)
    campaign.restart()
    enrolled = _peak(env, _enrol_and_advance, campaign)
    harness.vacuum(env, "flow_participant", "flow_step")
    campaign.pass_days(2)
    advanced = _peak(env, lambda worker: worker.work(), campaign)
    assert campaign.count_done() == size
    campaign.remove()
    return [
        Figure(f"memory, enrolling {size:,}, above idle", enrolled - idle, "MB", target=TARGET),
        Figure(f"memory, advancing {size:,}, above idle", advanced - idle, "MB", target=TARGET),
    ]


def _enrol_and_advance(campaign) -> None:
    campaign.enrol()
    campaign.work()


def _peak(env, work, campaign) -> float:
    """Return the most memory, in megabytes, that a process of its own had during `work`."""
    from odoo import api, sql_db
    from odoo.modules.registry import Registry

    name = env.cr.dbname
    env.cr.commit()
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        status = 1
        try:
            # The connections of the parent stay the parent's: neither used nor closed here.
            _kept, sql_db._Pool._connections = sql_db._Pool._connections, []
            with Registry(name).cursor() as cr:
                worker = Campaign(api.Environment(cr, env.uid, {}))
                if campaign.campaign:
                    worker.campaign = worker.env["flow.campaign"].browse(campaign.campaign.id)
                work(worker)
                cr.commit()
            kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            os.write(writer, str(kilobytes).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader) as answer:
        text = answer.read()
    _pid, status = os.waitpid(pid, 0)
    assert status == 0, "the worker failed"
    env.invalidate_all()
    return int(text) / 1024
