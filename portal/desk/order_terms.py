"""The terms under which orders are placed: written by managers as versions, read out, confirmed and kept. S4-4.2

The newest version whose day has come is in force. A version whose day has come is never reworded, and an order names
the one it was placed under for good; an amendment changes nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select

from models import Order, OrderTerms
from portal.desk import audit
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted
from portal.desk.notices import LANGUAGES
from portal.desk.permissions import May
from portal.desk.saving import hold_version, storable
from portal.desk.work import Work

LONGEST = 10_000
_REWORDED = "Orders are placed under it already. Write a new version for other words."


async def in_force(work: Work) -> int | None:
    """The version that an order is placed under now; None where none is written."""
    found: int | None = await work.session.scalar(
        select(OrderTerms.id)
        .where(OrderTerms.valid_from <= work.now.date())
        .order_by(OrderTerms.valid_from.desc(), OrderTerms.id.desc())
        .limit(1)
    )
    return found


async def in_force_on(work: Work, days: Sequence[date]) -> dict[date, int | None]:
    """The version that was in force on each of these days: for orders that come with their own day."""
    rows = await work.session.execute(
        select(OrderTerms.valid_from, func.max(OrderTerms.id)).group_by(OrderTerms.valid_from)
    )
    begun = sorted(((since, number) for since, number in rows), reverse=True)
    return {day: next((number for since, number in begun if since <= day), None) for day in set(days)}


async def of_order(work: Work, order: Order) -> OrderTerms | None:
    """The version that an order was placed under; None where there was none."""
    work.require(May.SEE_ORDERS)
    return await work.session.get(OrderTerms, order.terms_id) if order.terms_id is not None else None


async def words_of(work: Work, terms_id: int | None, language: str) -> str:
    """What a version says in a language; in another where it has none in it. Empty for no version."""
    row = await work.session.get(OrderTerms, terms_id) if terms_id is not None else None
    return in_language(row, language) if row else ""


def in_language(row: OrderTerms, language: str) -> str:
    """What a version says in a language; in another where it has none in it."""
    return getattr(row, f"words_{language}", "") or row.words_en or row.words_de


async def add(work: Work, *, words_en: str, words_de: str, valid_from: date) -> OrderTerms:
    """Write a version that holds from a day on. Raises NotAccepted per field, also for a day that is over. S4-4.2"""
    work.require(May.EDIT_POLICY)
    told = _read(words_en, words_de)
    if valid_from < work.now.date():
        raise NotAccepted(valid_from="Not before today: orders of before were not placed under it.")
    row = OrderTerms(**told, valid_from=valid_from)
    work.session.add(row)
    await work.session.flush()
    await audit.record(work, "write order terms", row)
    return row


async def change(
    work: Work, row: OrderTerms, expected_version: int, *, words_en: str, words_de: str, valid_from: date
) -> None:
    """Change a version before its day; afterwards no more than add a language that it lacks.

    Raises NotAccepted per field, Conflict when somebody saved first.
    """
    work.require(May.EDIT_POLICY)
    told = _read(words_en, words_de)
    await hold_version(work, row, expected_version, {**told, "valid_from": valid_from})
    if row.valid_from <= work.now.date():
        kept = {name: getattr(row, name) for name in told if getattr(row, name)}
        refused = {name: _REWORDED for name, words in kept.items() if told[name] != words}
        if valid_from != row.valid_from:
            refused["valid_from"] = "Its day has come already."
        if refused:
            raise NotAccepted.of(refused)
    elif valid_from < work.now.date():
        raise NotAccepted(valid_from="Not before today.")
    row.words_en, row.words_de, row.valid_from = told["words_en"], told["words_de"], valid_from
    await audit.record(work, "change order terms", row)


def _read(words_en: str, words_de: str) -> dict[str, str]:
    given = dict(zip((f"words_{one}" for one in LANGUAGES), (words_en, words_de), strict=True))
    told = {name: storable(words).strip() for name, words in given.items()}
    refused = {
        name: f"At most {LONGEST} characters; these are {len(words)}."
        for name, words in told.items()
        if len(words) > LONGEST
    }
    if not any(told.values()):
        refused["words_en"] = "Write the terms, in one language at least."
    if refused:
        raise NotAccepted.of(refused)
    refuse_card_numbers(**told)
    return told
