"""How the desk writes to customers: listed words are pointed out before they are sent, and no blank is left. S0-3.2.1

Every deed by which a colleague's own words reach a customer lets them be looked through here. A listed word is refused
the first time, with what to say instead; whoever sends it all the same says so, and the trail keeps it. S3-3.2.1
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from models import Base, Customer, ListedWord
from portal.desk import audit
from portal.desk.errors import NotAccepted
from portal.desk.notices import LANGUAGES, language_of
from portal.desk.permissions import May
from portal.desk.saving import hold_version
from portal.desk.work import Work

TICK = "listed"
"""The field by which somebody says that it is sent all the same."""
MOST = 500
"""Words of one language that are looked for."""
LONGEST_PHRASE, LONGEST_INSTEAD = 120, 300
_SENT_ANYWAY, _HEEDED, _LISTED = "listed words anyway", "listed words heeded", "listed words"
_BLANK = re.compile(r"\{\{\s*[^\W\d][\w .-]*\}\}")
"""A name between the signs by which templates leave room for one."""
DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "calm down": "say that you see why it upsets them.",
        "you should have": "say what helps from here on.",
        "as I already told you": "put it another way.",
        "not my job": "say who can help, and bring them in.",
        "not my department": "say who can help, and bring them in.",
        "no idea": "say that you find out, and by when.",
        "your own fault": "say what happened, without blame.",
        "not our problem": "say who can help, and bring them in.",
    },
    "de": {
        "beruhigen Sie sich": "sagen Sie, dass Sie den Ärger verstehen.",
        "hätten Sie doch": "sagen Sie, was jetzt hilft.",
        "wie ich schon sagte": "sagen Sie es mit anderen Worten.",
        "nicht zuständig": "sagen Sie, wer helfen kann, und holen Sie Hilfe.",
        "keine Ahnung": "sagen Sie, bis wann Sie es herausfinden.",
        "selbst schuld": "sagen Sie, was geschehen ist, ohne Vorwurf.",
        "das geht nicht": "sagen Sie, was stattdessen geht.",
        "Reklamant*": "schreiben Sie „Sie“ oder den Namen.",
    },
}
"""What a new desk begins with; the rest is the managers' own."""


class ListedWords(NotAccepted):
    """Words of the list stand in a text. `found` names them, so that a page can mark them."""

    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """One word to avoid, ready to be looked for."""

    phrase: str
    instead: str
    pattern: re.Pattern[str]


def pattern_of(phrase: str) -> re.Pattern[str]:
    """Finds a phrase as whole words, whatever its case and blanks; a star at the end takes any ending."""
    told = unicodedata.normalize("NFC", phrase).strip()
    words = r"\s+".join(re.escape(one) for one in told.removesuffix("*").split())
    ending = r"\w*" if told.endswith("*") else ""
    return re.compile(rf"(?<!\w){words}{ending}(?!\w)", re.IGNORECASE)


def marked(text: str, phrases: Iterable[str]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is one of these phrases."""
    plain = unicodedata.normalize("NFC", text)
    places = sorted(found.span() for phrase in phrases for found in pattern_of(phrase).finditer(plain))
    pieces, at = [], 0
    for begins, ends in places:
        if begins >= at:
            pieces += [(plain[at:begins], False), (plain[begins:ends], True)]
            at = ends
    return [one for one in [*pieces, (plain[at:], False)] if one[0]]


def send_all_the_same(work: Work) -> None:
    """Whoever does this deed has seen which of their words are listed, and sends them. It is written down by `heed`."""
    work.remembered[_SENT_ANYWAY] = True


async def heed(work: Work, language: str, about: Base, texts: Mapping[str, str]) -> None:
    """Look through what a customer is about to get, by the names of its fields; part of the deed that sends it.

    Raises NotAccepted for a blank that nobody filled in, and ListedWords until somebody sends it all the same, which
    is recorded. The same text is looked through once in a deed. S0-3.2.1
    """
    looked: set[str] = work.remembered.setdefault(_HEEDED, set())
    fresh = {name: text for name, text in texts.items() if text.strip() and text not in looked}
    if not fresh:
        return
    looked.update(fresh.values())
    blanks = {name: _BLANK.findall(text) for name, text in fresh.items()}
    unfilled = {
        name: f"Fill in {' and '.join(dict.fromkeys(found))}, or take it out."
        for name, found in blanks.items()
        if found
    }
    if unfilled:
        raise NotAccepted.of(unfilled)
    words = await _listed(work, language)
    found = {name: hits for name, text in fresh.items() if (hits := _hits(text, words))}
    if not found:
        return
    phrases = tuple(dict.fromkeys(one.phrase for hits in found.values() for one in hits))
    if not work.remembered.get(_SENT_ANYWAY):
        told = {name: " ".join(map(_told, hits)) for name, hits in found.items()}
        error = ListedWords(**{TICK: "Put it another way, or tick that it is sent all the same."})
        error.fields = {**told, **error.fields}
        error.message = " ".join(error.fields.values())
        error.found = phrases
        raise error
    await audit.record(work, "send listed words", about, reason=", ".join(phrases)[:500])


async def heed_reason(work: Work, customer_id: int | None, about: Base, **texts: str) -> None:
    """Look through why something of the customer's is decided so, where somebody reads it, in their language."""
    if customer_id is not None:
        customer = await work.session.get_one(Customer, customer_id)
        await heed(work, language_of(customer), about, texts)


def _told(one: Listed) -> str:
    return f"“{one.phrase}” is a word we avoid. Better: {one.instead}"


def _hits(text: str, words: Sequence[Listed]) -> list[Listed]:
    plain = unicodedata.normalize("NFC", text)
    return [one for one in words if one.pattern.search(plain)]


async def _listed(work: Work, language: str) -> Sequence[Listed]:
    """The list of one language; read once in a transaction."""
    known: dict[str, Sequence[Listed]] = work.remembered.setdefault(_LISTED, {})
    if language not in known:
        rows = await work.session.execute(
            select(ListedWord.phrase, ListedWord.instead)
            .where(ListedWord.language == language, ListedWord.active)
            .order_by(ListedWord.id)
            .limit(MOST)
        )
        known[language] = [Listed(phrase, instead, pattern_of(phrase)) for phrase, instead in rows]
    return known[language]


async def add(work: Work, language: str, phrase: str, instead: str) -> ListedWord:
    """Put a word on the list. Raises NotAccepted per field, also for one that stands there already."""
    work.require(May.EDIT_POLICY)
    _check(language, phrase, instead)
    row = ListedWord(language=language, phrase=_plain(phrase), instead=instead.strip(), active=True)
    await _refuse_twice(work, row.language, row.phrase)
    work.session.add(row)
    await work.session.flush()
    await audit.record(work, "list word", row)
    return row


async def change(
    work: Work, row: ListedWord, expected_version: int, *, phrase: str, instead: str, active: bool
) -> None:
    """Change a word of the list, or take it off; Raises as `add` does, and Conflict when somebody saved first."""
    work.require(May.EDIT_POLICY)
    changes = {"phrase": _plain(phrase), "instead": instead.strip(), "active": active}
    await hold_version(work, row, expected_version, changes)
    _check(row.language, phrase, instead)
    if changes["phrase"] != row.phrase:
        await _refuse_twice(work, row.language, _plain(phrase))
    row.phrase, row.instead, row.active = _plain(phrase), instead.strip(), active
    await audit.record(work, "change listed word", row)


async def ensure_defaults(work: Work) -> int:
    """Write the list that ships, where there is none yet; return how many. What a desk made of it stays."""
    work.require(May.EDIT_POLICY)
    if await work.session.scalar(select(ListedWord.id).limit(1)) is not None:
        return 0
    rows = [
        ListedWord(language=language, phrase=phrase, instead=instead, active=True)
        for language, words in DEFAULTS.items()
        for phrase, instead in words.items()
    ]
    work.session.add_all(rows)
    await audit.record(work, "write default listed words")
    return len(rows)


def _plain(phrase: str) -> str:
    return unicodedata.normalize("NFC", " ".join(phrase.split()))


def _check(language: str, phrase: str, instead: str) -> None:
    refused: dict[str, str] = {}
    if language not in LANGUAGES:
        refused["language"] = f"One of {', '.join(LANGUAGES)}."
    if not _plain(phrase).removesuffix("*").strip():
        refused["phrase"] = "Write the word, with a star at its end for any ending."
    elif len(_plain(phrase)) > LONGEST_PHRASE:
        refused["phrase"] = f"At most {LONGEST_PHRASE} characters."
    if not instead.strip():
        refused["instead"] = "Say what is said instead."
    elif len(instead.strip()) > LONGEST_INSTEAD:
        refused["instead"] = f"At most {LONGEST_INSTEAD} characters."
    if refused:
        raise NotAccepted.of(refused)


async def _refuse_twice(work: Work, language: str, phrase: str) -> None:
    there = select(ListedWord.id).where(ListedWord.language == language, ListedWord.phrase == phrase)
    if await work.session.scalar(there) is not None:
        raise NotAccepted(phrase="It stands on the list already.")
