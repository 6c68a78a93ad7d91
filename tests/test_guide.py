"""The first walk names what is there: its pictures, and the words of buttons, menus and pages."""

import re

import pytest

from tools import places

DOCS = places.REPOSITORY / "docs"
GUIDE = (DOCS / "guide.md").read_text(encoding="utf-8")
WALK, _, MENDED = GUIDE.partition("## What was unclear")
PICTURES = re.findall(r"!\[.+\]\((images/[^)]+)\)", GUIDE)
MOST_BYTES = 120_000
# Words of Odoo and what only the examples are called; what else is set apart is of our screens.
OTHERS = {
    "Campaign Flow", "New", "Edit", "Save", "Create and edit…", "Plain Text",
    "We miss you", "Newsletter", "when the first messages go out",
}  # fmt: skip


def named() -> list[str]:
    """Return the words of buttons, menus and pages that the walk names."""
    text = re.sub(r"^\s*\* ", "", WALK, flags=re.MULTILINE)
    text = re.sub(r"^\*\*\d\. .*?\*\*", "", text, flags=re.MULTILINE)  # what the steps are called
    found = re.findall(r"\*\*([^*]+)\*\*|\*([^*]+)\*", text)
    words = {" ".join((strong or slanted).split()) for strong, slanted in found}
    return sorted({part for one in words for part in one.split(" → ")} - OTHERS)


@pytest.fixture(scope="module")
def sources() -> str:
    """The code of our screens."""
    core = places.REPOSITORY / places.CORE_ADDON
    paths = (path for ending in ("xml", "py", "js", "json") for path in core.rglob(f"*.{ending}"))
    return "\n".join(
        path.read_text(encoding="utf-8") for path in paths if "tests" not in path.parts
    )


def test_every_picture_is_there_and_small():
    assert len(PICTURES) > 12
    for picture in PICTURES:
        assert 0 < (DOCS / picture).stat().st_size <= MOST_BYTES, picture


def test_no_picture_of_the_walk_is_left_over():
    kept = {f"images/{path.name}" for path in (DOCS / "images").glob("guide_*.png")}
    assert kept == {picture for picture in PICTURES if "/guide_" in picture}


def test_the_words_of_the_walk_are_found():
    assert {"Launch", "New from Template", "Use this template", "Next email"} <= set(named())


@pytest.mark.parametrize("words", named())
def test_what_the_walk_names_is_on_the_screens(sources, words):
    assert re.search(rf"[\">]\s*{re.escape(words)}\s*[\"<]", sources)


def test_it_is_found_from_where_people_begin():
    for page in (places.REPOSITORY / "README.md", DOCS / "users-guide.md"):
        assert re.search(r"\((docs/)?guide\.md\)", page.read_text(encoding="utf-8"))
