"""What can be read of a document of a campaign, to show it before anything is made of it."""

from dataclasses import dataclass

from ..engine import picture
from .flow_campaign_document import FORMAT


@dataclass(frozen=True)
class Design:
    """The parts of a document that could be read, whatever else is wrong with it."""

    is_whole: bool
    target_model: str
    states: tuple[dict, ...]
    transitions: tuple[dict, ...]
    entries: tuple[dict, ...]

    @staticmethod
    def actions_of(owner) -> list[dict]:
        """Return the actions of a state or transition."""
        return _dictionaries(owner.get("actions"))

    @property
    def actions(self) -> list[dict]:
        owners = (*self.states, *self.transitions)
        return [action for owner in owners for action in self.actions_of(owner)]


def design_of(document) -> Design:
    """Return what can be read of a document, to show it."""
    is_whole = isinstance(document, dict) and document.get("format") == FORMAT
    document = document if is_whole else {}
    return Design(
        is_whole=is_whole,
        target_model=str(document.get("target_model") or "res.partner"),
        states=tuple(_dictionaries(document.get("states"))),
        transitions=tuple(_dictionaries(document.get("transitions"))),
        entries=tuple(_dictionaries(document.get("entries"))),
    )


def boxes_and_ways(design, icons):
    """Return a design as `engine.picture` draws it.

    :param icons: of the kinds of actions
    """
    boxes = tuple(
        picture.Box(
            str(state.get("key")),
            str(state.get("name") or ""),
            str(state.get("kind", "normal")),
            tuple(
                icons.get(str(action.get("kind")), "fa-cog") for action in design.actions_of(state)
            ),
        )
        for state in design.states
    )
    ways = tuple(
        picture.Way(way.get("from") and str(way["from"]), str(way["to"]))
        for way in design.transitions
        if way.get("to")
    )
    return boxes, ways


def _dictionaries(parts) -> list[dict]:
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
