"""The user guide explains every action and every trigger, each with a picture of its form."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import places

DOCS = places.REPOSITORY / "docs"
MOST_BYTES = 40_000
ENTRY = re.compile(
    r"^#### (?P<heading>.+)\n\n(?P<text>(?:.+\n)+)\n!\[(?P<alt>.+)\]\((?P<picture>.+)\)$",
    re.MULTILINE,
)


@pytest.fixture(scope="module")
def entries() -> dict[str, re.Match]:
    """The entries of the guide with a picture, by its path without the ending."""
    guide = (DOCS / "users-guide.md").read_text(encoding="utf-8")
    return {
        entry["picture"].removeprefix("images/").removesuffix(".png"): entry
        for entry in ENTRY.finditer(guide)
    }


def sources() -> Iterator[tuple[Path, ast.Module]]:
    """The modules of all addons, their tests apart."""
    for addon in places.addons():
        for path in sorted((places.REPOSITORY / addon).rglob("*.py")):
            if "tests" not in path.parts:
                yield path, ast.parse(path.read_text(encoding="utf-8"))


def selections(tree: ast.AST, field: str) -> Iterator[tuple[str, str]]:
    """The values and labels that a module gives a selection field, or adds to it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == field:
            for part in ast.walk(node.value):
                if isinstance(part, ast.List):
                    yield from (ast.literal_eval(pair) for pair in part.elts)


def action_kinds() -> dict[str, str]:
    """Labels of the kinds of actions that the code registers."""
    return {
        kind: label
        for path, tree in sources()
        if path.parent.name == "actions"
        for kind, label in selections(tree, "kind")
    }


def event_kinds() -> dict[str, str]:
    """Labels of the kinds of events that the code registers."""
    return {
        ast.literal_eval(key): ast.literal_eval(about.args[0].args[0])
        for _path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key, about in zip(node.keys, node.values, strict=True)
        if isinstance(about, ast.Call) and ast.unparse(about.func) == "EventKind"
    }


def triggers(module: str) -> dict[str, str]:
    """Labels of the triggers of a model."""
    path = places.REPOSITORY / places.CORE_ADDON / "models" / f"{module}.py"
    return dict(selections(ast.parse(path.read_text(encoding="utf-8")), "trigger"))


ACTIONS = action_kinds()
TRIGGERS = triggers("flow_transition") | event_kinds()
ENTRIES = {f"entry_{name}": label for name, label in triggers("flow_entry").items()}


def test_the_code_is_read():
    assert {"email", "sms", "coupon", "lead_create", "quotation"} <= ACTIONS.keys()
    assert {"opened", "visited", "order_confirmed", "timeout", "manual"} <= TRIGGERS.keys()
    assert ENTRIES.keys() == {"entry_event", "entry_date"}


@pytest.mark.parametrize("kind", ACTIONS)
def test_every_action_has_its_lines_and_its_picture(entries, kind):
    assert_is_explained(entries, f"actions/{kind}", ACTIONS[kind])


@pytest.mark.parametrize("kind", TRIGGERS)
def test_every_trigger_has_its_lines_and_its_picture(entries, kind):
    assert_is_explained(entries, f"triggers/{kind}", TRIGGERS[kind])


@pytest.mark.parametrize("kind", ENTRIES)
def test_every_way_in_has_its_lines_and_its_picture(entries, kind):
    assert_is_explained(entries, f"triggers/{kind}", ENTRIES[kind])


def test_no_picture_is_left_of_what_is_gone():
    pictures = {
        path.relative_to(DOCS / "images").with_suffix("").as_posix()
        for folder in ("actions", "triggers")
        for path in (DOCS / "images" / folder).iterdir()
    }
    explained = {f"actions/{kind}" for kind in ACTIONS}
    explained |= {f"triggers/{kind}" for kind in TRIGGERS | ENTRIES}
    assert pictures == explained


def assert_is_explained(entries, path, label):
    entry = entries.get(path)
    assert entry, f"docs/users-guide.md has no entry with the picture images/{path}.png"
    assert entry["heading"] == entry["alt"] == label
    assert 2 <= entry["text"].count("\n") <= 3
    assert 0 < (DOCS / "images" / f"{path}.png").stat().st_size <= MOST_BYTES
