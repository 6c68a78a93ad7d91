"""The benchmarks of several databases end up in one list of figures."""

import json
from types import SimpleNamespace

import pytest

from benchmarks import __main__ as program
from benchmarks import harness


@pytest.fixture
def latest(monkeypatch, tmp_path):
    """Figures of an earlier run, in the place of the repository's own."""
    path = tmp_path / "latest.json"
    path.write_text('["earlier"]')
    monkeypatch.setattr(program, "LATEST", path)
    monkeypatch.setattr(program.environment, "prepare", lambda: SimpleNamespace(close=int))
    for name in ("ONLY", "SIZE"):
        monkeypatch.delenv(name, raising=False)
    return path


def run_with(monkeypatch, broken=()):
    """Run all; each benchmark has its name for a figure. Return the exit status."""

    def run_in_database(_prepared, _addons, names, _size, results):
        if broken and set(broken) & set(names):
            return 3
        results.write_text(json.dumps(names))
        return 0

    monkeypatch.setattr(program, "_run_in_database", run_in_database)
    return program._prepare_and_run()


def test_figures_of_all_databases_are_kept(monkeypatch, latest):
    assert len(harness.by_addons(harness.names())) > 1
    assert run_with(monkeypatch) == 0
    assert sorted(json.loads(latest.read_text())) == harness.names()


def test_figures_stay_where_a_run_breaks_off(monkeypatch, latest):
    assert run_with(monkeypatch, broken=["rfm"]) == 3
    assert json.loads(latest.read_text()) == ["earlier"]
