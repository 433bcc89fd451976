"""What the law of a region wants said, such as that calls are recorded: by country, channel and day. S3-10.2.1

A script asks with a question of the kind `announcement` that it was said. Which text that is follows from the
customer's country as soon as it is known; what stands under the question is the text's key, so the evidence says which
of them a customer heard. A text whose day has come is never reworded: a new one takes its place from a day on.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import String, bindparam, cast, func, literal, select

from models import Announcement
from models.words import Channel
from portal.desk import audit
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted
from portal.desk.notices import LANGUAGES
from portal.desk.permissions import May
from portal.desk.phones import NO_COUNTRY, place_of, region_of
from portal.desk.plain_numbers import number_in
from portal.desk.saving import hold_version, storable
from portal.desk.work import Work

LONGEST = 1000
ELSEWHERE = "any"
"""Stands in a key for every country that has no text of its own."""
_table: Any = Announcement.__table__


def _joined(*parts: Any) -> Any:
    """The columns as one text with colons between."""
    told = parts[0]
    for part in parts[1:]:
        told = told + literal(":") + part
    return told


IN_FORCE = (
    select(
        func.aggregate_strings(
            _joined(
                _table.c.country,
                func.coalesce(cast(_table.c.channel, String), ""),
                cast(_table.c.valid_from, String),
                cast(_table.c.id, String),
            ),
            ",",
        )
    )
    .where(_table.c.active, _table.c.valid_from <= bindparam("today"))
    .scalar_subquery()
)
"""Every text in force as one short column, so that an intake needs no further statement to know which one is owed."""


WORDED = (
    select(
        func.aggregate_strings(
            _joined(
                _table.c.country,
                cast(_table.c.id, String),
                *(cast(func.length(_table.c[f"words_{one}"]), String) for one in LANGUAGES),
            ),
            ",",
        )
    )
    .where(_table.c.active)
    .scalar_subquery()
)
"""Of every text how long it is in each language, for a statement that is asked anyhow."""


class _Place(NamedTuple):
    """Where a text in force holds, as `IN_FORCE` tells it; the one that sorts last of those that hold is said."""

    by_country: bool
    by_channel: bool
    valid_from: str
    id: int
    key: str


def owed(in_force: str | None, country: str, channel: Channel) -> str:
    """The key of the text that a customer of this country has to hear on this channel; empty where there is none.

    A text of the country goes before one for everywhere else, one for the channel before one for all. An unknown
    country is everywhere else.
    """
    if not in_force:
        return ""
    code = region_of(country) or ""
    found: list[_Place] = []
    for told in in_force.split(","):
        where, by, since, number = told.split(":")
        if where in {"", code} and by in {"", channel.value}:
            key = f"{where or ELSEWHERE}-{number}"
            found.append(_Place(bool(where), bool(by), since, int(number), key))
    return max(found).key if found else ""


async def words_of(work: Work, key: str, language: str) -> str:
    """The text of a key in a language; in the other where it has none in it. Empty for a key that names none."""
    number = number_in(key.rpartition("-")[2])
    row = await work.session.get(Announcement, number) if number is not None else None
    if row is None:
        return ""
    return getattr(row, f"words_{language}", "") or row.words_en or row.words_de


def lacking(told: str | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Every text that is or will be in force and lacks a language, by its key, with what it lacks: for the linter."""
    found = []
    for row in filter(None, (told or "").split(",")):
        country, number, *lengths = row.split(":")
        missing = tuple(one for one, length in zip(LANGUAGES, lengths, strict=True) if length == "0")
        if missing:
            found.append((int(number), f"{country or ELSEWHERE}-{number}", missing))
    return tuple((key, missing) for _, key, missing in sorted(found))


def key_of(row: Announcement) -> str:
    """How the evidence names a text: its country and its number."""
    return f"{row.country or ELSEWHERE}-{row.id}"


async def add(
    work: Work, *, country: str, channel: Channel | None, words_en: str, words_de: str, valid_from: date
) -> Announcement:
    """Write a text that is said from a day on. Raises NotAccepted per field, also for a day that is over."""
    work.require(May.EDIT_POLICY)
    told = _read(country, words_en, words_de)
    if valid_from < work.now.date():
        raise NotAccepted(valid_from="Not before today: what was not said cannot have been owed.")
    row = Announcement(**told, channel=channel, valid_from=valid_from, active=True)
    work.session.add(row)
    await work.session.flush()
    await audit.record(work, "write announcement", row)
    return row


async def change(
    work: Work,
    row: Announcement,
    expected_version: int,
    *,
    words_en: str,
    words_de: str,
    valid_from: date,
    active: bool,
) -> None:
    """Reword a text before its day, or take it back at any time.

    Raises NotAccepted per field, also for other words once its day has come; Conflict when somebody saved first.
    """
    work.require(May.EDIT_POLICY)
    told = _read(row.country, words_en, words_de)
    changes = {**told, "valid_from": valid_from, "active": active}
    await hold_version(work, row, expected_version, changes)
    today = work.now.date()
    if row.valid_from <= today:
        kept = {name: getattr(row, name) for name in ("words_en", "words_de") if getattr(row, name)}
        if reworded := [name for name, words in kept.items() if told[name] != words]:
            raise NotAccepted.of(
                dict.fromkeys(reworded, "It is being said already. Write a new one for other words.")
            )
        if valid_from != row.valid_from:
            raise NotAccepted(valid_from="Its day has come already.")
    elif valid_from < today:
        raise NotAccepted(valid_from="Not before today.")
    row.words_en, row.words_de = told["words_en"], told["words_de"]
    row.valid_from, row.active = valid_from, active
    await audit.record(work, "change announcement", row)


def _read(country: str, words_en: str, words_de: str) -> dict[str, str]:
    told = {"words_en": storable(words_en).strip(), "words_de": storable(words_de).strip()}
    refused = {
        name: f"At most {LONGEST} characters; these are {len(words)}."
        for name, words in told.items()
        if len(words) > LONGEST
    }
    if not any(told.values()):
        refused["words_en"] = "Write what is to be said."
    code = place_of(country)
    if code is None:
        refused["country"] = NO_COUNTRY
    if refused:
        raise NotAccepted.of(refused)
    refuse_card_numbers(**told)
    return {"country": code or "", **told}
