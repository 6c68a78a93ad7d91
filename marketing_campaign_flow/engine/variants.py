"""Variants: which of the emails of an action each of its recipients gets.

An action has a main email, which is version A, and may have others: versions to be tested against
it (B, C …), and each of them in other languages.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from odoo.tools import SQL

MAIN_ARM = "A"

# The version that a step was given (see `arms.mark`), and the language of who gets it: that of the
# record, where it has one, else that of the contact behind it.
WANTED = """
    SELECT s.id, COALESCE(left(s.arm, 1), %(main)s), %(lang)s
      FROM flow_step s JOIN flow_participant p ON p.id = s.participant_id
      LEFT JOIN %(table)s c ON c.id = p.res_id
     WHERE s.id = ANY(%(ids)s)
"""
LANG_OF_CONTACT = "(SELECT r.lang FROM res_partner r WHERE r.id = p.partner_id)"


@dataclass(frozen=True)
class Version:
    """One of the emails of an action.

    :param arm: the letter of the version
    :param lang: code of the language; None for whoever has no email in theirs
    """

    arm: str
    lang: str | None
    mailing_id: int


def choose(versions: Iterable[Version], arm: str, lang: str | None, main_lang: str | None) -> int:
    """Return the email in the language of a recipient, else the one without a language.

    :param arm: the version; one that there is no more is the main one
    :param lang: the recipient's language; ``de_AT`` is content with ``de_DE``
    :param main_lang: in which language the emails without a language are written, where known
    """
    versions = list(versions)
    mine = [version for version in versions if version.arm == arm]
    if not any(version.lang is None for version in mine):
        mine = [version for version in versions if version.arm == MAIN_ARM]
    fallback = next(version for version in mine if version.lang is None)
    offered = {version.lang: version for version in mine if version.lang}
    offered.setdefault(main_lang, fallback)
    if lang in offered:
        return offered[lang].mailing_id
    base = _base(lang)
    near = sorted(code for code in offered if base and _base(code) == base)
    if main_lang in near:
        return offered[main_lang].mailing_id
    return offered[near[0]].mailing_id if near else fallback.mailing_id


def are_sisters(lang: str | None, other: str | None) -> bool:
    """Return whether whoever reads one language reads the other, as ``de_AT`` and ``de_DE``."""
    return bool(lang) and _base(lang) == _base(other)


def _base(lang: str | None) -> str:
    """Return “de” of “de_AT”."""
    return (lang or "").partition("_")[0].partition("@")[0]


def by_email(action, steps) -> list[tuple]:
    """Return pairs of an email and the steps that get it, in one statement.

    :param action: an email `flow.action`
    :param steps: `flow.step` records of it, with their version
    """
    versions = action._versions()
    if len(versions) == 1:
        return [(action.mailing_id, steps)]
    env, campaign = action.env, action.campaign_id
    target = env[campaign.target_model]
    env["res.partner"].flush_model(["lang"])
    main_lang = action._main_lang()
    step_ids = {}
    rows = env.execute_query(
        SQL(
            WANTED,
            main=MAIN_ARM,
            lang=_lang(campaign),
            table=SQL.identifier(target._table),
            ids=steps.ids,
        )
    )
    for step_id, arm, lang in rows:
        mailing_id = choose(versions, arm, lang, main_lang)
        step_ids.setdefault(mailing_id, []).append(step_id)
    emails = env["mailing.mailing"]
    return [(emails.browse(one), steps.browse(sorted(ids))) for one, ids in step_ids.items()]


def _lang(campaign) -> SQL:
    """Return SQL for the language of record ``c`` of participant ``p``."""
    return campaign._target_columns().get("lang") or SQL(LANG_OF_CONTACT)
