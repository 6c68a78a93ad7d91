"""Exports the texts of the addons, and brings their translations up to date with them.

    make translations

Each addon keeps a template (`i18n/<addon>.pot`) and one file per language. Texts that are gone are
dropped, new ones come in without a translation; `tests/test_translations.py` names those.
"""

import re
import tempfile
from pathlib import Path

import polib

from tools import commands, databases, environment, places
from tools.console import Progress, say
from tools.environment import Environment

LANGUAGES = ("de", "es", "fr", "it")
# Odoo writes the moment of the export, which would change the files each time.
MOMENTS = re.compile(r'^"(POT-Creation-Date|PO-Revision-Date):.*\n', re.MULTILINE)
EXPORT = "import odoo.cli; odoo.cli.main()"


def template_path(addon: str) -> Path:
    """Return where the texts of an addon are."""
    return places.REPOSITORY / addon / "i18n" / f"{addon}.pot"


def translation_path(addon: str, language: str) -> Path:
    """Return where the texts of an addon are in a language."""
    return template_path(addon).with_name(f"{language}.po")


def export(prepared: Environment, database: str, addon: str) -> str:
    """Return the texts of an addon, as Odoo exports them.

    :param database: one in which all addons are installed
    """
    with tempfile.TemporaryDirectory() as folder:
        settings, target = Path(folder) / "odoo.conf", Path(folder) / "texts.pot"
        settings.write_text(
            f"[options]\naddons_path = {prepared.addons_path}\ndata_dir = {prepared.data}\n"
        )
        words = [prepared.python, "-c", EXPORT, "i18n", "export", f"--config={settings}"]
        commands.run(
            [*words, "-d", database, "-l", "pot", "-o", target, addon],
            env=prepared.variables(),
            cwd=places.STATE,
        )
        return MOMENTS.sub("", target.read_text(encoding="utf-8"))


def update() -> int:
    """Export all texts, merge them into the translations, and say how many are to be translated."""
    prepared = environment.prepare()
    addons = places.addons()
    database = prepared.database_name("translations")
    try:
        databases.create(prepared, database, list(addons), demo=False, replace=True)
        with Progress("texts of the addons", total=len(addons)) as progress:
            for number, addon in enumerate(addons, 1):
                path = template_path(addon)
                path.parent.mkdir(exist_ok=True)
                path.write_text(export(prepared, database, addon), encoding="utf-8")
                progress.update(number, addon)
    finally:
        databases.drop(prepared, database)
        prepared.close()
    for addon in addons:
        for language in LANGUAGES:
            missing = merge(template_path(addon), translation_path(addon, language), language)
            if missing:
                say(f"{addon}, {language}: {missing} texts to be translated")
    return 0


def merge(template: Path, path: Path, language: str) -> int:
    """Bring a translation up to date with its template; return how many texts it lacks."""
    texts = polib.pofile(str(template), wrapwidth=0)
    known = polib.pofile(str(path), wrapwidth=0) if path.exists() else polib.POFile()
    translated = {entry.msgid: entry.msgstr for entry in known}
    merged = polib.POFile(wrapwidth=78)
    merged.header = texts.header
    merged.metadata = {**texts.metadata, "Language": language}
    for entry in texts:
        entry.msgstr = translated.get(entry.msgid, "")
        merged.append(entry)
    merged.save(str(path))
    return len(merged.untranslated_entries())


if __name__ == "__main__":
    raise SystemExit(update())
