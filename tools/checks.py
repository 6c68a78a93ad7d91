"""The checks of `make lint`: ruff, pylint-odoo, and the XML data files."""

import xml.etree.ElementTree
from collections import Counter
from pathlib import Path

from tools import places, virtualenv
from tools.console import say

# Without the conventions of a hosting community this project is not part of, and one that would
# merge files that each hold one idea.
PYLINT_OPTIONS = (
    "--disable=all",
    "--enable=odoolint",
    "--disable=manifest-required-author,missing-readme,no-wizard-in-models,"
    "consider-merging-classes-inherited",
)


def run() -> int:
    """Run every check, also after one has failed; return the exit status."""
    addons = places.addons()
    results = {
        "ruff check": virtualenv.run_inside(["-m", "ruff", "check", "."]) == 0,
        "ruff format": virtualenv.run_inside(["-m", "ruff", "format", "--check", "."]) == 0,
        "xml": _xml_holds(addons),
    }
    if addons:
        results["pylint-odoo"] = (
            virtualenv.run_inside(["-m", "pylint", *PYLINT_OPTIONS, *addons]) == 0
        )
    for name, good in results.items():
        say(f"{name}: {'good' if good else 'FAILED'}")
    return 0 if all(results.values()) else 1


def _xml_holds(addons: list[str]) -> bool:
    problems = [problem for addon in addons for problem in xml_problems(places.REPOSITORY / addon)]
    for problem in problems:
        say(problem)
    return not problems


def xml_problems(addon: Path) -> list[str]:
    """Return what is wrong with the XML files of an addon: ill-formed, or an id used twice."""
    problems = []
    ids: Counter[str] = Counter()
    for path in sorted(addon.rglob("*.xml")):
        try:
            root = xml.etree.ElementTree.parse(path).getroot()
        except xml.etree.ElementTree.ParseError as error:
            problems.append(f"{path}: not well-formed: {error}")
            continue
        if root.tag == "odoo":
            ids.update(
                element.get("id")
                for element in root.iter()
                if element.tag in ("record", "template", "menuitem") and element.get("id")
            )
    return problems + [
        f"{addon.name}: id {id_} is used {n} times" for id_, n in ids.items() if n > 1
    ]
