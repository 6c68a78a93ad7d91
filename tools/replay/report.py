"""What the campaign says of itself, held against the file."""

import math

from tools.console import say
from tools.demo.client import Client
from tools.replay import independent
from tools.replay.experiment import Experiment

FIELDS = ["outcome", "who", "group_in_words", "people", "total", "value", "difference", "low",
          "high", "p_value", "difference_in_words", "relative_in_words", "test_in_words",
          "value_in_words", "sentence", "has_interval", "method"]  # fmt: skip
TITLES = {"response": "visited", "ordered": "ordered", "revenue": "spent"}
# The campaign keeps six digits of a value.
DIGITS = 2e-6


def show(marta: Client, campaign_id: int, experiment: Experiment) -> list[str]:
    """Print what the campaign says; return where it is not what the file says, as sentences."""
    rows = marta.read("flow.effect", [("campaign_id", "=", campaign_id)], FIELDS, order="id")
    groups = {f"“{arm}”": experiment.of(arm) for arm in experiment.emails}
    control = experiment.of(experiment.control)
    differences = []
    say()
    for outcome, title in TITLES.items():
        say(f"  {title}")
        for row in rows:
            if row["outcome"] != outcome:
                continue
            people = {"held_out": control, "treated": experiment.of(*experiment.emails)}.get(
                row["who"]
            ) or groups.get(row["group_in_words"], [])
            say(
                f"    {row['group_in_words']:24} {row['people']:6} {row['value_in_words']:>10}"
                f"  {row['difference_in_words']:44} {row['relative_in_words']:>9}"
                f"  {row['test_in_words']}"
            )
            differences += _differences(outcome, row, people, control)
    known = {(row["outcome"], row["group_in_words"]) for row in rows}
    for outcome in TITLES:
        differences += [
            f"{outcome}: nothing is said of {name}"
            for name in groups
            if (outcome, name) not in known
        ]
    say()
    for row in rows:
        if row["sentence"] and row["who"] == "email" and row["outcome"] in TITLES:
            say(f"  {row['sentence']}")
    return differences


def _differences(outcome, row, people, control) -> list[str]:
    if not people:
        return [f"{outcome}: nobody is “{row['group_in_words']}” in the file"]
    true = independent.compare(outcome, people, control)
    wanted = {"people": true.people, "total": true.total, "value": true.value}
    if row["who"] != "held_out":
        wanted["difference"] = true.difference
    if row["has_interval"]:
        wanted |= {"low": true.low, "high": true.high, "p_value": true.p_value}
    elif math.isfinite(true.p_value) and row["who"] != "held_out":
        return [f"{outcome}, {row['group_in_words']}: no limits"]
    return [
        f"{outcome}, {row['group_in_words']}: {name} is {row[name]}, should be {value}"
        for name, value in wanted.items()
        if not math.isclose(row[name], value, rel_tol=1e-6, abs_tol=DIGITS)
    ]
