"""Every text of the addons is there in each language, with the same placeholders and tags."""

import re
from collections import Counter

import polib
import pytest

from tools import places, translations

PLACEHOLDER = re.compile(r"%\(\w+\)[sdif]|%[sdif%]|\{\{.*?\}\}|</?[a-zA-Z][^>]*>")
POSITIONAL = ("%s", "%d")
# Words within tags, which are translated.
WORDS = re.compile(r'\b(alt|aria-label|placeholder|title)="[^"]*"')

LANGUAGES = [
    pytest.param(addon, language, id=f"{addon}-{language}")
    for addon in places.addons()
    for language in translations.LANGUAGES
]


@pytest.mark.parametrize("addon, language", LANGUAGES)
def test_nothing_is_untranslated(addon, language):
    wanted = {entry.msgid for entry in polib.pofile(str(translations.template_path(addon)))}
    texts = polib.pofile(str(translations.translation_path(addon, language)))
    assert {entry.msgid for entry in texts} == wanted, "run make translations"
    assert [entry.msgid for entry in texts if not entry.msgstr] == []
    assert [entry.msgid for entry in texts if entry.fuzzy] == []


@pytest.mark.parametrize("addon, language", LANGUAGES)
def test_placeholders_and_tags_are_kept(addon, language):
    for entry in polib.pofile(str(translations.translation_path(addon, language))):
        here, there = (
            PLACEHOLDER.findall(WORDS.sub("", text)) for text in (entry.msgid, entry.msgstr)
        )
        assert Counter(there) == Counter(here), entry.msgstr
        order = [[mark for mark in marks if mark in POSITIONAL] for marks in (here, there)]
        assert order[0] == order[1], entry.msgstr
