"""Other processes: a second worker, the mail server, and what they and the database cost."""

import subprocess
import sys

import psutil

WORKER = """
import sys
from benchmarks import harness
with harness.odoo_environment(sys.argv[1], sys.argv[2]) as env:
    from odoo.addons.marketing_campaign_flow.engine import tick
    print("ready", flush=True)
    for _line in sys.stdin:
        env.registry.check_signaling()
        tick.run(env)
        env.cr.commit()
        print("ready", flush=True)
"""


class Worker:
    """A process that runs a pass of the engine whenever it is told to, as a worker of Odoo does."""

    def __init__(self, database: str, addons_path: str):
        self._process = subprocess.Popen(
            [sys.executable, "-c", WORKER, database, addons_path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.wait()

    def start(self) -> None:
        """Let it work."""
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def wait(self) -> None:
        """Return when it has nothing left to do."""
        assert self._process.stdout.readline() == "ready\n"

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_) -> None:
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


class CpuMeter:
    """The processor seconds that groups of processes use."""

    def __init__(self, **groups: list[psutil.Process]):
        self._groups = groups
        self._before = {name: self._seconds(group) for name, group in groups.items()}

    def used(self) -> dict[str, float]:
        """Return the seconds since the meter was made, by group."""
        return {
            name: self._seconds(group) - self._before[name] for name, group in self._groups.items()
        }

    @staticmethod
    def _seconds(group) -> float:
        total = 0.0
        for process in group:
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
        return total


def postgres(env) -> list[psutil.Process]:
    """Return the processes of the database server, where it runs on this machine."""
    env.cr.execute("SELECT pg_backend_pid()")
    try:
        parent = psutil.Process(env.cr.fetchone()[0]).parent()
    except psutil.NoSuchProcess:
        return []
    return [parent, *parent.children()]
