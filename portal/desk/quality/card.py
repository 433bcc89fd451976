"""The card: what a contact is scored by, with weights and clauses. Written by managers, in numbers that never change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from models import QualityCard
from portal.desk import audit, clauses
from portal.desk.errors import Conflict, NotAccepted
from portal.desk.permissions import May
from portal.desk.plain_numbers import number_in
from portal.desk.work import Work

MOST_CRITERIA = 12
LONGEST = 200
HEAVIEST = 100


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing a contact is scored by, and how much it counts beside the others."""

    key: str
    asks: str
    clause: str
    weight: int


SHIPPED = (
    Criterion("1", "The beginning was friendly, and in the words of the house.", "S2-1.1", 2),
    Criterion("2", "The caller was verified before anything was told.", "S2-1.4", 3),
    Criterion("3", "The matter was understood, and said back before anything was done.", "S2-3.5", 3),
    Criterion("4", "The worry was met with understanding, in polite and clear words.", "S2-3.6", 2),
    Criterion("5", "What was said and decided stands in the record, for who reads it next.", "S2-15.4", 2),
)
"""What ships, until a manager writes another."""
SHIPPED_ADHERENCE = 4


def criteria_of(card: QualityCard) -> tuple[Criterion, ...]:
    """The criteria of a card, in their order."""
    return tuple(Criterion(**one) for one in card.criteria)


async def in_force(work: Work) -> QualityCard:
    """The newest card; where none was used or written yet the one that ships, with the number 0 and no row of its own."""
    newest = select(QualityCard).options(joinedload(QualityCard.made_by)).order_by(QualityCard.number.desc())
    found: QualityCard | None = await work.session.scalar(newest.limit(1))
    if found is not None:
        return found
    return QualityCard(
        number=0,
        criteria=[asdict(one) for one in SHIPPED],
        adherence_weight=SHIPPED_ADHERENCE,
        made_by=None,
        made_at=work.now,
    )


async def kept(work: Work) -> QualityCard:
    """The card in force as a row, to be named by a sample: the first time the one that ships is written down."""
    card = await in_force(work)
    if card.number == 0:
        card.number = 1
        try:
            return await _add(work, card)
        except Conflict:  # somebody draws at the same moment, and wrote it down
            return await in_force(work)
    return card


async def write(
    work: Work, given: Sequence[tuple[str, str, str]], adherence_weight: str, expected_number: int
) -> QualityCard:
    """Put another card in force: (what is asked, clause, weight) a criterion, in order. Lines without words are left out.

    `expected_number` is that of the card it is written over.
    Samples drawn before keep the card they were drawn with. Raises NotAccepted with a message a field
    (`asks-1`, `clause-1`, `weight-1`, `adherence`), Conflict when somebody wrote one meanwhile.
    """
    work.require(May.EDIT_CARD)
    criteria, found = _read(given)
    adherence = _weight(adherence_weight)
    if adherence is None:
        found["adherence"] = f"A whole number from 1 to {HEAVIEST}: the steps of the procedures always count."
    if found:
        raise NotAccepted.of(found)
    before = await in_force(work)
    if before.number != expected_number:
        raise Conflict("Somebody else wrote a card meanwhile. Nothing was overwritten.")
    return await _add(
        work,
        QualityCard(
            number=before.number + 1,
            criteria=[asdict(one) for one in criteria],
            adherence_weight=adherence,
            made_by_id=work.actor.person_id,
            made_at=work.now,
        ),
    )


def _read(given: Sequence[tuple[str, str, str]]) -> tuple[list[Criterion], dict[str, str]]:
    """The lines of the form as criteria, and what is wrong with them by field."""
    found: dict[str, str] = {}
    criteria: list[Criterion] = []
    for place, line in enumerate(given, start=1):
        asks, clause, weight = (one.strip() for one in line)
        if not asks:
            if clause or weight:
                found[f"asks-{place}"] = "Say what is looked at, or empty the whole line."
            continue
        if len(asks) > LONGEST:
            found[f"asks-{place}"] = f"At most {LONGEST} characters."
        if clause and not clauses.title_of(clause):
            found[f"clause-{place}"] = "There is no such clause. Its number looks like S2-1.4."
        counts = _weight(weight)
        if counts is None:
            found[f"weight-{place}"] = f"A whole number from 1 to {HEAVIEST}."
        criteria.append(Criterion(str(len(criteria) + 1), asks, clause, counts or 1))
    if not criteria and not found:
        found["asks-1"] = "A card asks for one thing at least."
    return criteria, found


async def _add(work: Work, card: QualityCard) -> QualityCard:
    try:
        async with work.session.begin_nested():
            work.session.add(card)
    except IntegrityError:  # the number went to somebody else a moment ago
        raise Conflict("Somebody else wrote a card meanwhile. Nothing was overwritten.") from None
    await audit.record(work, "write quality card", card)
    return card


def _weight(text: str) -> int | None:
    number = number_in(text)
    return number if number is not None and 1 <= number <= HEAVIEST else None
