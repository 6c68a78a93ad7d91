"""Start workers, real processes, from a test."""

import itertools
import json
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from tools import places
from tools.environment import Environment

START_SECONDS = 60
POLL_SECONDS = 0.01
WORK_SECONDS = 900 if os.environ.get("FLOW_CHAOS") else 60
EMPTY = "; ".join((
    "TRUNCATE flow_participant CASCADE",
    "DELETE FROM flow_campaign",
    "DELETE FROM flow_audience",
    "DELETE FROM mailing_mailing",
    "DELETE FROM flow_mail_outage",
    "DELETE FROM flow_held_address",
    "DELETE FROM mail_blacklist",
    "DELETE FROM ir_config_parameter WHERE key LIKE 'marketing_campaign_flow.%'",
    "DELETE FROM res_partner WHERE email LIKE 'fault%'",
    "DROP TABLE IF EXISTS faults_effect",
))  # fmt: skip


@dataclass
class Worker:
    """A process that does a task."""

    task: str
    log_path: Path
    result_path: Path
    ended: threading.Event
    pid: int = 0
    status: int | None = None

    def wait(self, seconds: float = WORK_SECONDS) -> int:
        """Wait for the end and return the exit status; a killed process has -9."""
        assert self.ended.wait(seconds), f"{self.task} has not ended: {self.log}"
        return self.status

    @property
    def result(self):
        return json.loads(self.result_path.read_text())

    @property
    def log(self) -> str:
        return self.log_path.read_text() if self.log_path.exists() else ""


class Workers:
    """The program that forks workers on one database; a context manager."""

    def __init__(self, environment: Environment, database: str, folder: Path):
        self.database = database
        self._environment = environment
        self._folder = folder
        self._numbers = itertools.count(1)
        self._workers: dict[str, Worker] = {}
        self._ready = threading.Event()

    def __enter__(self) -> "Workers":
        variables = self._environment.variables()
        variables["PYTHONPATH"] += f":{places.REPOSITORY / 'tests'}"
        self._log = (self._folder / "program.log").open("w")
        self._program = subprocess.Popen(
            [str(self._environment.python), "-m", "faults.program", self.database,
             self._environment.addons_path],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True,
            env=variables, cwd=places.REPOSITORY,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert self._ready.wait(START_SECONDS), (self._folder / "program.log").read_text()
        return self

    def __exit__(self, *_) -> None:
        self._kill()
        self._program.stdin.close()
        try:
            self._program.wait(10)
        except subprocess.TimeoutExpired:
            self._program.kill()
            self._program.wait()
        self._reader.join()
        self._program.stdout.close()
        self._log.close()

    def start(self, task: str, *, failpoints: str = "", batch: int | None = None, **arguments):
        """Start a worker and return it at once."""
        stem = self._folder / f"{next(self._numbers):04}-{task}"
        log, result = stem.with_suffix(".log"), stem.with_suffix(".json")
        worker = Worker(task, log, result, threading.Event())
        self._workers[str(log)] = worker
        order = {
            "task": task,
            "arguments": arguments,
            "failpoints": failpoints,
            "batch": batch,
            "log": str(log),
            "result": str(result),
        }
        self._program.stdin.write(json.dumps(order) + "\n")
        self._program.stdin.flush()
        return worker

    def run(self, task: str, **options):
        """Do a task to its end and return its result."""
        worker = self.start(task, **options)
        status = worker.wait()
        assert status == 0, f"{task} ended with {status}: {worker.log}"
        return worker.result

    def complaints(self) -> list[str]:
        """Return the lines of all logs that tell of an error nobody dealt with."""
        return [
            line
            for line in self.logs()
            if any(f" {level} " in line for level in ("WARNING", "ERROR", "CRITICAL"))
            or line.startswith("Traceback")
        ]

    def logs(self) -> list[str]:
        """Return the lines of all logs."""
        return [line for worker in self._workers.values() for line in worker.log.splitlines()]

    def sql(self, statement: str) -> list[list[str]]:
        """Run a statement on the database and return its rows."""
        rows = self._environment.postgres.sql(statement, self.database).splitlines()
        return [row.split("|") for row in rows]

    def empty(self) -> None:
        """Take workers, campaigns, contacts and effects away."""
        self._kill()
        self._workers.clear()
        self.sql(EMPTY)

    def _kill(self) -> None:
        """Kill who is still at work, and wait until the program has seen it."""
        for worker in self._workers.values():
            while not worker.pid and self._program.poll() is None:
                time.sleep(POLL_SECONDS)
            if worker.pid and not worker.ended.is_set():
                os.kill(worker.pid, signal.SIGKILL)
                worker.ended.wait(WORK_SECONDS)

    def _read(self) -> None:
        by_pid = {}
        for line in self._program.stdout:
            message = json.loads(line)
            if "ready" in message:
                self._ready.set()
            elif "started" in message:
                worker = by_pid[message["pid"]] = self._workers[message["started"]]
                worker.pid = message["pid"]
            else:
                worker = by_pid.pop(message["pid"])
                worker.status = message["status"]
                worker.ended.set()
