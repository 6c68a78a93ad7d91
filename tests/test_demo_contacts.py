"""The demo's contacts: what is read from a file, and what is said when it cannot be used."""

import csv
from pathlib import Path

import pytest

from tools.console import SetupError
from tools.demo import contacts

REAL = Path(__file__).parents[2] / "shared" / "data" / "hillstrom.csv"


def write(path: Path, text: str, encoding: str = "utf-8") -> str:
    path.write_text(text, encoding=encoding)
    return str(path)


def refusal(path: str, limit: str = "") -> str:
    with pytest.raises(SetupError) as caught:
        contacts.load(path, limit)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_titles_are_mapped_and_the_rest_is_listed_as_ignored(tmp_path, capsys):
    path = write(
        tmp_path / "people.csv", "E-Mail;Full name;Shoe size\nann@example.com;Ann Ågren;38\n"
    )
    found = contacts.load(path, "")
    assert found.people[0].values == {"email": "ann@example.com", "name": "Ann Ågren"}
    assert found.ignored == ["Shoe size"]
    found.report()
    assert "ignored: Shoe size" in capsys.readouterr().out


def test_bad_addresses_are_taken_in_and_reported(tmp_path, capsys):
    path = write(
        tmp_path / "people.csv",
        "name,email\nAnn,ann@example.com\nTwin,ANN@example.com\nNo,\nBad,nowhere\n",
    )
    found = contacts.load(path, "")
    assert len(found.people) == 4
    assert list(found.addresses()) == ["ann@example.com"]
    found.report()
    told = capsys.readouterr().out
    assert "1 without an e-mail address" in told
    assert "1 with an invalid address (nowhere)" in told
    assert "1 address(es) more than once (ann@example.com)" in told


def test_limit_takes_the_first_rows(tmp_path):
    path = write(tmp_path / "p.csv", "email\n" + "".join(f"p{n}@example.com\n" for n in range(9)))
    assert len(contacts.load(path, "4").people) == 4


def test_the_same_file_has_the_same_key_and_another_limit_another(tmp_path):
    path = write(tmp_path / "p.csv", "email\na@example.com\nb@example.com\n")
    assert contacts.load(path, "").key == contacts.load(path, "2").key
    assert contacts.load(path, "").key != contacts.load(path, "1").key


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name,city\nAnn,Rome\n", "no e-mail column"),
        (b"email,name\na@example.com,J\xfcrgen\n", "not UTF-8 text (line 2)"),
        (b"email,name\n", "no rows"),
        (b"", "no rows"),
        (b"PK\x03\x04\0\0", "not a text file"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(tmp_path, content, words):
    path = tmp_path / "people.csv"
    path.write_bytes(content)
    assert words in refusal(str(path))


def test_a_missing_file_and_a_strange_limit_are_refused(tmp_path):
    assert "cannot be read" in refusal(str(tmp_path / "none.csv"))
    assert "LIMIT=many" in refusal("", "many")


def test_the_sample_has_what_real_files_have():
    sample = contacts.load("", "")
    addresses = sample.addresses()
    assert len(sample.people) == contacts.SAMPLE_SIZE
    assert len(addresses) == contacts.SAMPLE_SIZE - 3
    assert max(addresses.values()) == 2


def test_real_customers_get_addresses_and_keep_their_attributes(tmp_path):
    path = REAL
    if not path.exists():
        path = tmp_path / "hillstrom.csv"
        rows = ["10,2) $100 - $200,142.44,1,0,Surburban,0,Phone,Womens E-Mail,0,0,0"] * 20
        path.write_text("\n".join([",".join(contacts.HILLSTROM), *rows]) + "\n")
    found = contacts.load(str(path), "20")
    with path.open(newline="") as file:
        source = list(csv.DictReader(file))[:20]
    assert len(found.addresses()) == 20
    first = found.people[0]
    assert first.address == "customer00001@example.com"
    assert f"Channel {source[0]['channel']}" in first.values["category_id"].split(",")
    assert [person.visits for person in found.people] == [row["visit"] == "1" for row in source]
