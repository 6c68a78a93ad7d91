"""Kinds of events: what is known of one beyond its name."""

from dataclasses import dataclass


@dataclass(frozen=True)
class EventKind:
    """A kind of event, as people choose it.

    :param label: its name, for example “Page visited”
    :param icon: class of Font Awesome 4
    :param of_message: whether it is a reaction to a message of the campaign
    :param url: what the address of such an event is called; empty where it has none
    :param detail: what its text is called
    :param hint: an example of its text, where the name does not say what to type in
    :param value: what its number is called, with the unit
    :param model: the model of the records that it is about, where there is one
    :param told: whether other programs may tell of it
    :param grows: whether its number goes up while it lasts, as the time on a page does; all of it
        is one event
    :param enters: whether somebody who is in no campaign yet can do it, and enter by it
    """

    label: str
    icon: str = "fa-bolt"
    of_message: bool = False
    url: str = ""
    detail: str = ""
    hint: str = ""
    value: str = ""
    model: str | None = None
    grows: bool = False
    enters: bool = True
    told: bool = False
