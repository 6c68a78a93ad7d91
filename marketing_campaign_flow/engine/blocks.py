"""Blocks: parts of an email that only some of its recipients get; pure.

A block names an audience in an attribute. Whoever is not in it gets the email without the block, as
if it had never been written: nothing in it is rendered for them. ``data-flow-audience-not`` turns
it round.
"""

import re
from collections.abc import Collection, Mapping
from copy import deepcopy
from dataclasses import dataclass, field

AUDIENCE, TURNED = "data-flow-audience", "data-flow-audience-not"
NAMED = f"{AUDIENCE}-name"  # in documents, where an id means nothing
FOUND = re.compile(rf"""\b{AUDIENCE}=(["'])\s*(.*?)\s*\1""")
FOUND_NAMED = re.compile(rf"""\b{NAMED}=(["'])\s*(.*?)\s*\1""")


def audience_ids(body: str | None) -> list[int]:
    """Return the audiences that blocks of an email are for, each once.

    :raises ValueError: when a block names something that is no audience
    """
    return sorted({int(found[2]) for found in FOUND.finditer(body or "")})


@dataclass
class Blocks:
    """Who is in which audience, for the recipients of one batch.

    :param members: ids of recipients by the id of an audience
    """

    members: Mapping[int, Collection[int]]
    _templates: dict = field(default_factory=dict)

    def template_for(self, template, record_id: int):
        """Return the part of a template that a recipient gets.

        Recipients who are in the same audiences share one.

        :param template: an `lxml.html` element, which stays as it is
        """
        mine = frozenset(one for one, members in self.members.items() if record_id in members)
        key = (template, mine)
        if key not in self._templates:
            self._templates[key] = _without_others(template, mine)
        return self._templates[key]


def _without_others(template, mine: frozenset[int]):
    template = deepcopy(template)
    for block in template.xpath(f"//*[@{AUDIENCE}]"):
        is_member = int(block.attrib.pop(AUDIENCE)) in mine
        if is_member == bool(block.attrib.pop(TURNED, "")):
            block.drop_tree()
    return template
