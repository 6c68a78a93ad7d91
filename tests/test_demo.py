"""`make demo` as a person runs it: to its end, again, and after a kill."""

import os
import signal
import subprocess
import sys
import urllib.request

import pytest

from tools import ports

SMALL = "email,name,Shoe size\n" + "".join(
    f"person{number}@example.com,Person {number},{number}\n" for number in range(24)
)


@pytest.fixture
def demo(repository, own_state, tmp_path):
    """A function that starts the demo with a small file; everything is stopped at the end."""
    people = tmp_path / "people.csv"
    people.write_text(SMALL)
    port = ports.free_port()

    def start() -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "tools", "demo", f"--port={port}", f"--contacts={people}"],
            cwd=repository,
            env=own_state,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    start.port = port
    yield start
    subprocess.run(
        [sys.executable, "-m", "tools", "stop"], cwd=repository, env=own_state, check=True
    )


def read_until(process: subprocess.Popen, words: str) -> None:
    said = []
    for line in process.stdout:
        said.append(line)
        if words in line:
            return
    raise AssertionError(f"the demo ended without saying “{words}”:\n{''.join(said)}")


def test_a_killed_demo_goes_to_its_end_the_next_time_and_the_third_only_shows_it(demo):
    for moment in ("importing contacts", "Opening the phase Sending"):
        killed = demo()
        read_until(killed, moment)
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
        killed.stdout.close()

    told, _ = (second := demo()).communicate(timeout=300)
    assert second.returncode == 0, told
    assert "columns without a contact field, ignored: Shoe size" in told
    assert "invitations 24 = valid contacts 24; 24 of 24 participants have ended" in told
    assert "everything agrees" in told
    with urllib.request.urlopen(f"http://127.0.0.1:{demo.port}/web/health", timeout=30) as answer:
        assert answer.status == 200

    shown, _ = (third := demo()).communicate(timeout=120)
    assert third.returncode == 0, shown
    assert "everything agrees" in shown
    assert "Launching" not in shown
