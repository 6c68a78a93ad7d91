"""The demo's contacts: a CSV file of the user's, real customers, or a small made-up sample."""

import csv
import hashlib
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tools.console import SetupError, say

# Titles of columns, in lower case and without punctuation, and the contact fields they fill.
COLUMNS = {
    "email": ("email", "e mail", "mail", "email address", "e mail address"),
    "name": ("name", "full name", "contact", "contact name", "customer"),
    "company_name": ("company", "company name", "organisation", "organization"),
    "function": ("function", "job", "job title", "position", "title"),
    "phone": ("phone", "telephone", "phone number", "mobile"),
    "street": ("street", "address"),
    "city": ("city", "town"),
    "zip": ("zip", "zip code", "postcode", "postal code"),
    "website": ("website", "url", "homepage"),
    "category_id": ("tags", "tag", "categories"),
}

# The MineThatData e-mail challenge (Hillstrom, 2008) has no names or addresses.
HILLSTROM = ("recency", "history_segment", "history", "mens", "womens", "zip_code", "newbie",
             "channel", "segment", "visit", "conversion", "spend")  # fmt: skip

SAMPLE_SIZE = 60
# Deliberately loose: what Odoo calls valid decides who is written to.
ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")


@dataclass
class Person:
    """One row: contact fields, and whether this person reacts to what it receives."""

    values: dict[str, str]
    visits: bool = False

    @property
    def address(self) -> str | None:
        """The normalised address, None when there is none or it is not valid."""
        text = self.values.get("email", "").strip().lower()
        return text if ADDRESS.fullmatch(text) else None


@dataclass
class Contacts:
    """All rows of one source."""

    label: str
    key: str
    people: list[Person]
    ignored: list[str] = field(default_factory=list)
    is_sample: bool = False  # the whole of it, which is the same each time

    @property
    def tag(self) -> str:
        """The contact tag that all of them get and the audience asks for."""
        return "Demo customers" if self.is_sample else f"Demo {self.label} {self.key}"

    @property
    def fields(self) -> list[str]:
        """The contact fields that the source fills."""
        return sorted({name for person in self.people for name in person.values})

    def addresses(self) -> Counter:
        """Return how often each valid address occurs."""
        return Counter(person.address for person in self.people if person.address)

    def by_address(self) -> dict[str, Person]:
        """Return the first person behind each valid address."""
        return {person.address: person for person in reversed(self.people) if person.address}

    def report(self) -> None:
        """Say what was found in the file and what of it is of no use."""
        say(f"Contacts: {len(self.people)} from {self.label}")
        if self.ignored:
            say(f"  columns without a contact field, ignored: {', '.join(self.ignored)}")
        missing = sum(not person.values.get("email", "").strip() for person in self.people)
        invalid = [
            person.values["email"]
            for person in self.people
            if person.values.get("email", "").strip() and not person.address
        ]
        repeated = [address for address, times in self.addresses().items() if times > 1]
        for found, words in (
            (missing, "without an e-mail address: taken in, not written to"),
            (len(invalid), f"with an invalid address ({_some(invalid)}): taken in, not written to"),
            (len(repeated), f"address(es) more than once ({_some(repeated)}): written to once"),
        ):
            if found:
                say(f"  {found} {words}")


def load(path: str, limit: str) -> Contacts:
    """Read the contacts.

    :param path: a CSV file with at least an e-mail column; empty for a made-up sample
    :param limit: how many rows to take; empty for all
    :raises SetupError: with one sentence when the file cannot be used
    """
    if limit and (not limit.isdigit() or int(limit) < 1):
        raise SetupError(f"LIMIT={limit} is not a number of rows: give one from 1.")
    if path:
        label, text = Path(path).name, _read(Path(path))
        titles, rows = _parse(path, text)
    else:
        label, titles, rows = "a made-up sample", *_sample(SAMPLE_SIZE)
    rows = rows[: int(limit)] if limit else rows
    if tuple(titles) == HILLSTROM:
        people, ignored = _hillstrom(titles, rows), []
    else:
        people, ignored = _mapped(path, titles, rows)
    identity = repr((titles, rows)).encode()
    key = hashlib.sha256(identity).hexdigest()[:8]
    return Contacts(label, key, people, ignored, is_sample=not (path or limit))


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise SetupError(
            f"CONTACTS={path} is not UTF-8 text (line {line}): save it as a CSV in UTF-8."
        ) from error
    except OSError as error:
        raise SetupError(f"CONTACTS={path} cannot be read: {error.strerror}.") from error


def _parse(path: str, text: str) -> tuple[list[str], list[list[str]]]:
    if "\0" in text:
        raise SetupError(f"CONTACTS={path} is not a text file: save it as a CSV in UTF-8.")
    first_line = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first_line.count)
    try:
        table = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise SetupError(f"CONTACTS={path} is not a CSV file: {error}.") from error
    if len(table) < 2:
        raise SetupError(f"CONTACTS={path} has no rows below its column titles.")
    return table[0], table[1:]


def _mapped(path, titles, rows):
    """Map columns to contact fields by their titles; the first column for a field wins."""
    known = {title: name for name, titles_ in COLUMNS.items() for title in titles_}
    target, ignored = {}, []
    for position, title in enumerate(titles):
        name = known.get(re.sub(r"[\W_]+", " ", title).strip().lower())
        if name and name not in target.values():
            target[position] = name
        else:
            ignored.append(title)
    if "email" not in target.values():
        raise SetupError(
            f"CONTACTS={path} has no e-mail column: name one of its columns “email”"
            f" (found: {', '.join(titles)})."
        )
    people = []
    for number, row in enumerate(rows, start=1):
        values = {name: row[at].strip() for at, name in target.items() if at < len(row)}
        if not values.get("name"):
            values["name"] = values.get("email", "").split("@")[0] or f"Contact {number}"
        people.append(Person(values, visits=_draw(values, number) < 55))
    return people, ignored


def _hillstrom(titles, rows):
    """Make contacts of the customers: invented addresses, their attributes as contact tags."""
    people = []
    for number, row in enumerate(rows, start=1):
        customer = dict(zip(titles, row, strict=True))
        tags = [
            f"Channel {customer['channel']}",
            f"Area {customer['zip_code'].replace('Surburban', 'Suburban')}",
            f"Spent {customer['history_segment'].split(') ')[-1]}".replace(",", ""),
            *(["Bought mens"] if customer["mens"] == "1" else []),
            *(["Bought womens"] if customer["womens"] == "1" else []),
            *(["New customer"] if customer["newbie"] == "1" else []),
        ]
        values = {
            "name": f"Customer {number:05d}",
            "email": f"customer{number:05d}@example.com",
            "category_id": ",".join(tags),
            "comment": f"Spent {customer['history']} USD in the past year, last purchase"
            f" {customer['recency']} month(s) ago.",
        }
        people.append(Person(values, visits=customer["visit"] == "1"))
    return people


def _sample(size):
    """Make a small table with what real files contain: gaps, typing errors, repetitions."""
    first = ("Ada", "Ben", "Chiara", "David", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas")
    last = ("Rossi", "Müller", "Novak", "García", "Okafor", "Lindqvist")
    rows = [
        [f"{first[n % 10]} {last[n // 10 % 6]}",
         f"{first[n % 10]}.{n:02d}@example.com".lower(),
         ("Buyer", "Director", "Teacher", "Engineer")[n % 4],
         ("Rome", "Vienna", "Lisbon", "Kraków")[n // 3 % 4],
         ("Webinar", "Trade fair", "Web site")[n % 3]]
        for n in range(size)
    ]  # fmt: skip
    rows[7][1] = ""
    rows[23][1] = "jonas.23(at)example.com"
    rows[41][1] = rows[40][1].upper()
    return ["Name", "E-mail", "Job title", "City", "Source"], rows


def _draw(values, number):
    """Return a number from 0 to 99 that is the same in every run."""
    seed = f"{values.get('email', '')}{number}".encode()
    return int(hashlib.sha256(seed).hexdigest(), 16) % 100


def _some(texts, most=3):
    return ", ".join(texts[:most]) + (" …" if len(texts) > most else "")
