"""Cache entries are whole or not there, whoever else works on them and whatever is killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tools import locks

# A builder in a process of its own: says when it has begun, ends when it is told to.
BUILDER = """
import sys
from pathlib import Path
from tools import commands, locks

def build(folder):
    (folder / "half").write_text("half")
    print("building", flush=True)
    {wait}
    (folder / "whole").write_text("whole")

locks.place(Path(sys.argv[1]), build, "building")
print("placed", flush=True)
"""
WAIT_FOR_INPUT = "sys.stdin.readline()"
WAIT_FOR_HELPER = "commands.run(['cat', sys.argv[2]])"


@pytest.fixture
def start_builder(repository):
    """A function that starts a builder; what is left of them is killed at the end."""
    started = []

    def start(target: Path, wait: str = WAIT_FOR_INPUT, *arguments: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", BUILDER.format(wait=wait), str(target), *arguments],
            cwd=repository,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def leftovers(target: Path) -> list[Path]:
    return list(target.parent.glob(f".{target.name}.*"))


def test_two_processes_build_one_entry_once(start_builder, tmp_path):
    target = tmp_path / "entry"
    first = start_builder(target)
    assert first.stdout.readline() == "building\n"
    second = start_builder(target)
    assert "waiting for another process" in second.stdout.readline()
    assert not target.exists()
    first.communicate("go\n")
    assert second.communicate()[0] == "placed\n"  # and never "building"
    assert (target / "whole").exists()


def test_kill_while_building_leaves_nothing_that_breaks_the_next_run(start_builder, tmp_path):
    target = tmp_path / "entry"
    first = start_builder(target)
    assert first.stdout.readline() == "building\n"
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert not target.exists()
    assert leftovers(target)
    second = start_builder(target)
    output, _ = second.communicate("go\n")
    assert output == "building\nplaced\n"
    assert sorted(path.name for path in target.iterdir()) == ["half", "whole"]
    assert not leftovers(target)


def test_lock_outlives_its_killed_owner_until_its_helper_ends(start_builder, tmp_path):
    target, pipe = tmp_path / "entry", tmp_path / "pipe"
    os.mkfifo(pipe)
    first = start_builder(target, WAIT_FOR_HELPER, str(pipe))
    assert first.stdout.readline() == "building\n"
    with pipe.open("w"):  # opens when the helper has it open too
        first.send_signal(signal.SIGKILL)
        first.wait()
        second = start_builder(target)
        assert "waiting for another process" in second.stdout.readline()
    assert second.communicate("go\n")[0] == "building\nplaced\n"


def test_failed_build_places_nothing(tmp_path):
    target = tmp_path / "entry"

    def build(folder: Path) -> None:
        (folder / "half").touch()
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        locks.place(target, build, "building")
    assert not target.exists()
    assert not leftovers(target)
