"""Write the record of this process, then become the program named on the command line.

The process records itself, so that a kill of its parent leaves no server nobody knows of.
Usage: launch.py RECORD PROGRAM [ARGUMENT ...]
"""

import json
import os
import sys
from pathlib import Path


def started(pid: int) -> str:
    """Return what tells a process from a later one with the same id: its start and the boot.

    Raises OSError when there is no such process, or it has ended and its parent has yet to notice.
    """
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    state, *fields = stat.rpartition(")")[2].split()
    if state in "ZX":
        raise ProcessLookupError(pid)
    ticks = fields[18]
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    return f"{boot}/{ticks}"


if __name__ == "__main__":
    record, *command = sys.argv[1:]
    fresh = Path(f"{record}.{os.getpid()}")
    facts = {"pid": os.getpid(), "started": started(os.getpid()), "command": command}
    fresh.write_text(json.dumps(facts), encoding="utf-8")
    fresh.replace(record)
    os.execvp(command[0], command)  # noqa: S606 (no shell is meant)
