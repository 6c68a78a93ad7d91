"""What counts as a failure: Odoo's log, the XML check, the choice of tests."""

import pytest

from tools import checks, places, tests_runner
from tools.console import SetupError
from tools.counts import Counts
from tools.odoo_log import RunLog
from tools.pytest_run import PytestRun

HEAD = "2026-01-31 10:00:00,123 4711"
ADDON = "odoo.addons.marketing_campaign_flow.models.flow_campaign"


def read(*lines: str, own_tests: bool = True) -> RunLog:
    log = RunLog("marketing_campaign_flow", own_tests)
    for line in lines:
        log.read(f"{HEAD} {line}")
    return log


def judge(log: RunLog, tmp_path, *, ended_well: bool = True) -> Counts:
    return tests_runner._judge(log, ended_well, tmp_path / "log")


PASSED = (
    "INFO flow odoo.tests.result: 0 failed, 0 error(s) of 5 tests when loading database 'flow' "
)
FAILED = "ERROR flow odoo.tests.result: 1 failed, 2 error(s) of 5 tests when loading database 'f'"


def test_passed_failed_and_skipped_are_counted(tmp_path):
    skipped = f"INFO flow {ADDON}: skipped TestX.test_y : no browser "
    assert judge(read(PASSED), tmp_path) == Counts(5, 0, 0)
    assert judge(read(skipped, PASSED), tmp_path) == Counts(4, 0, 1)
    assert judge(read(FAILED), tmp_path, ended_well=False) == Counts(2, 3, 0)


def test_no_test_is_a_failure(tmp_path):
    assert judge(read(), tmp_path).failed == 1


def test_broken_run_is_a_failure(tmp_path):
    assert judge(read(PASSED), tmp_path, ended_well=False).failed == 1


def test_what_failed_is_said_again_at_the_end(tmp_path, capsys):
    log = read(f"ERROR flow {ADDON}: FAIL: TestX.test_y")
    log.read("Traceback (most recent call last):\n")
    log.read("AssertionError: 1 != 2\n")
    log.read(f"{HEAD} {FAILED}")
    log.read("no part of a complaint\n")
    counts = judge(log, tmp_path)
    assert [text.splitlines()[1:] for text in counts.complaints] == [
        ["Traceback (most recent call last):", "AssertionError: 1 != 2"]
    ]
    capsys.readouterr()
    assert tests_runner._conclude(Counts(passed=1) + counts) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("FAIL: TestX.test_y")
    assert lines[-2:] == ["  AssertionError: 1 != 2", "3 passed, 3 failed"]


@pytest.mark.parametrize(
    "line",
    [
        f"WARNING flow {ADDON}: something is deprecated",
        "ERROR flow odoo.http: Exception during request handling.",
        "CRITICAL flow odoo.service.server: Failed to initialize database",
    ],
)
def test_complaint_in_the_log_is_a_failure(tmp_path, line):
    assert judge(read(line, PASSED), tmp_path).failed == 1


@pytest.mark.parametrize(
    "line",
    [
        "WARNING flow py.warnings: PyPDF2 is deprecated",
        "ERROR flow odoo.sql_db: bad query: CREATE EXTENSION IF NOT EXISTS pg_trgm: not available",
        f"INFO flow {ADDON}: all is well",
    ],
)
def test_known_lines_are_no_failure(tmp_path, line):
    assert judge(read(line, PASSED), tmp_path).failed == 0


def test_errors_of_odoo_are_its_own_tests_matter(tmp_path):
    theirs = "ERROR flow odoo.addons.mass_mailing.tests: Error received after termination"
    ours = f"ERROR flow {ADDON}: something broke"
    assert judge(read(theirs, PASSED, own_tests=False), tmp_path).failed == 0
    assert judge(read(ours, PASSED, own_tests=False), tmp_path).failed == 1


def test_xml_that_is_broken_or_repeats_an_id(tmp_path):
    good = '<odoo><record id="a" model="x"><field name="name">n</field></record></odoo>'
    (tmp_path / "good.xml").write_text(good, encoding="utf-8")
    assert checks.xml_problems(tmp_path) == []
    (tmp_path / "again.xml").write_text(good, encoding="utf-8")
    (tmp_path / "broken.xml").write_text("<odoo>", encoding="utf-8")
    broken, twice = checks.xml_problems(tmp_path)
    assert "broken.xml: not well-formed" in broken
    assert "id a is used 2 times" in twice


def test_selection():
    addon = "marketing_campaign_flow"
    whole = tests_runner.select("")
    assert whole.addons[0] == ((addon,), f"/{addon}"), "alone: the bridges come by themselves"
    assert sorted(one for group, _tags in whole.addons for one in group) == places.addons()
    assert whole.pytest_path == "tests"
    assert all((places.REPOSITORY / path).exists() for path in whole.beside)
    assert tests_runner.select("addon").pytest_path == ""
    assert tests_runner.select(f"{addon}/").addons == (((addon,), f"/{addon}"),)
    assert tests_runner.select(f"/{addon}:TestX").addons == (((addon,), f"/{addon}:TestX"),)
    assert tests_runner.select("tests/conftest.py").addons == ()
    with pytest.raises(SetupError):
        tests_runner.select("tests/test_that_is_not_there.py")


def test_pytest_works_beside_and_is_counted(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(places, "LOGS", tmp_path)
    example = tmp_path / "test_example.py"
    example.write_text("def test_good(): pass\n\n\ndef test_bad(): assert not 'beside'\n")
    (tmp_path / "test_other.py").write_text("def test_good(): pass\n")
    with PytestRun(str(tmp_path), without=[str(tmp_path / "test_other.py")]) as beside:
        assert not capfd.readouterr().out
        assert beside.follow() == Counts(passed=1, failed=1)
    assert "test_bad" in capfd.readouterr().out


def test_pytest_ends_with_whoever_started_it(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "LOGS", tmp_path)
    example = tmp_path / "test_example.py"
    example.write_text("import time\n\n\ndef test_long():\n    time.sleep(600)\n")
    with PytestRun(str(example)) as beside:
        process = beside._process
        assert process.poll() is None
    assert process.returncode
