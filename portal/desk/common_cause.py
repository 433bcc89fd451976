"""Cases of one cause: told of together, and told once more when the cause is solved. S2-4.5

The cause is a case too: a delivery van that broke down, a batch that was faulty. Cases are put under it one level deep.
What is said to all of them is noted on each and written to each customer once, however many of the cases are theirs. A
legal or regulatory case is left out of all of it: its own group speaks to that customer. S3-5.1.2
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, not_, or_, select
from sqlalchemy.orm import joinedload

from models import Case, CaseLink, CaseNote
from models.words import Direction, NoteKind
from portal.desk import audit, case_notes, deadlines, due, in_hand, interactions, tone
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.interactions import InteractionKind
from portal.desk.notices import by_call, language_of
from portal.desk.numbers import read_number
from portal.desk.rows import narrowed
from portal.desk.work import Work

MOST = 200
"""Cases that are told of together; more of one cause are for the manager to decide on."""
CHANGED = (
    "Since you looked, cases were put under it or ended, or the words are others. Look again, then send."
)


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a message to all would reach, as far as the actor may see them."""

    cases: Sequence[Case]
    letters: int
    """Customers who are written to; each once."""
    calls: int
    """Customers who have no address, or want to be called: it is noted on their cases."""
    digest: str
    """Of the words and the cases: what was looked at is what is sent."""


async def put_under(work: Work, case: Case, number: str) -> Case:
    """Put an open case under the open case that is its cause; give that one. Twice changes nothing. S2-4.5

    Raises NotAccepted for a number that leads nowhere, for itself, and where more than one level would come of it.
    """
    await in_hand.begin(work, case)
    cause = await _called(work, number)
    if cause.id == case.id:
        raise NotAccepted(number="A case is not its own cause.")
    await in_hand.begin(work, cause)
    known = await _causes(work, [case.id, cause.id])
    if known.get(case.id) == cause.id:
        return cause
    if case.id in known:
        raise NotAccepted(number="It is under another cause already. Take it out there first.")
    if cause.id in known:
        raise NotAccepted(number=f"{cause.number} is under a cause itself. Name that one.")
    if await _has_children(work, case):
        raise NotAccepted(number="Other cases are under this one. Put those under the cause instead.")
    many = select(func.count()).where(CaseLink.case_id == cause.id, CaseLink.cause)
    if (await work.session.scalar(many) or 0) >= MOST:
        raise NotAccepted(number=f"At most {MOST} cases are under one cause.")
    tie = await work.session.scalar(
        select(CaseLink).where(CaseLink.case_id == cause.id, CaseLink.led_to_id == case.id)
    )
    if tie is None:
        tie = CaseLink(
            case_id=cause.id, led_to_id=case.id, linked_by_id=work.actor.person_id, linked_at=work.now
        )
        work.session.add(tie)
    tie.cause = True
    await audit.record(work, "put under cause", case)
    return cause


async def take_out(work: Work, case: Case) -> None:
    """Take a case out from under its cause; the two go on naming each other. Raises WrongMoment where it has none."""
    await in_hand.begin(work, case)
    tie = await work.session.scalar(select(CaseLink).where(CaseLink.led_to_id == case.id, CaseLink.cause))
    if tie is None:
        raise WrongMoment("This case is under no cause.")
    tie.cause = False
    await audit.record(work, "take out of cause", case)


async def cause_of(work: Work, case: Case) -> Case | None:
    """The cause a case is under, where the actor may see it."""
    chosen = select(Case).join(CaseLink, CaseLink.case_id == Case.id)
    found: Case | None = await work.session.scalar(
        narrowed(work.actor, Case, chosen.where(CaseLink.led_to_id == case.id, CaseLink.cause))
    )
    return found


async def foreseen(work: Work, cause: Case, words: str = "") -> Told:
    """Say which open cases are under a cause and whom a message to all of them would reach. Two statements."""
    cases = await _open_children(work, cause)
    first = {one.customer_id: one for one in reversed(cases) if one.customer is not None}
    calls = sum(1 for one in first.values() if one.customer is not None and by_call(one.customer))
    seen = [words.strip(), *(str(one.id) for one in cases)]
    return Told(cases, len(first) - calls, calls, hashlib.sha256("/".join(seen).encode()).hexdigest()[:32])


async def tell_all(work: Work, cause: Case, words: str, digest: str) -> int:
    """Tell the customers of all open cases under a cause the same, each once; return of how many cases. S2-4.5

    `digest` is that of what was looked at before. Noted on every case, whose update is met by it. What was said on a case
    in the same words is not said again. Raises NotAccepted without words, or when it is no longer what was looked at.
    """
    await in_hand.begin(work, cause)
    if not words.strip():
        raise NotAccepted(words="Say what the customers shall hear.")
    refuse_card_numbers(words=words)
    told = await foreseen(work, cause, words)
    if not told.cases:
        raise WrongMoment("No open case is under this one.")
    if told.digest != digest:
        raise NotAccepted(words=CHANGED)
    for language in sorted({language_of(one.customer) for one in told.cases if one.customer}):
        await tone.heed(work, language, cause, {"words": words})
    count = await _tell(work, told.cases, words.strip())
    await audit.record(work, "tell all of a cause", cause)
    return count


async def solved(work: Work, cause: Case) -> None:
    """Tell everybody under a cause, once, that it was solved; part of the deed that resolves it, which records it. S2-4.5

    Their cases stay open: whether each of them is solved by it is for who holds it to say.
    """
    if await _has_children(work, cause):
        await _tell(work, await _open_children(work, cause), cause.resolution)


async def _tell(work: Work, cases: Sequence[Case], words: str) -> int:
    said = await work.session.scalars(
        select(CaseNote.case_id).where(
            CaseNote.case_id.in_([one.id for one in cases]),
            CaseNote.kind == NoteKind.TOLD,
            CaseNote.words == words,
        )
    )
    known = set(said)
    written = {case.customer_id for case in cases if case.id in known and case.customer_id is not None}
    count = 0
    for case in cases:
        if case.id in known:
            continue
        await deadlines.hold(work, case)
        if case.status not in due.OPEN_CASES or case.restricted:  # ended or withdrawn a moment ago
            continue
        case_notes.write(work, case, NoteKind.TOLD, words, "words")
        if case.customer_id is None or case.customer_id not in written:
            await in_hand.write(work, case, "case-update", words=words)
            written |= {case.customer_id} if case.customer_id is not None else set()
        await interactions.happened(work, case, InteractionKind.UPDATE, Direction.OUTBOUND)
        count += 1
    return count


async def _called(work: Work, number: str) -> Case:
    typed = read_number(number) or number.strip()
    found: Case | None = await work.session.scalar(
        narrowed(work.actor, Case, select(Case).where(Case.number == typed))
    )
    if found is None:
        raise NotAccepted(number="No case that you may see has this number.")
    return found


async def _causes(work: Work, ids: Sequence[int]) -> dict[int, int]:
    """Under which cause each of these is."""
    asked = select(CaseLink.led_to_id, CaseLink.case_id).where(CaseLink.led_to_id.in_(ids), CaseLink.cause)
    return {row.led_to_id: row.case_id for row in await work.session.execute(asked)}


async def _has_children(work: Work, case: Case) -> bool:
    asked = select(CaseLink.id).where(CaseLink.case_id == case.id, CaseLink.cause).limit(1)
    return await work.session.scalar(asked) is not None


def _children(cause: Case) -> Select[Case]:
    return (
        select(Case)
        .join(CaseLink, CaseLink.led_to_id == Case.id)
        .where(CaseLink.case_id == cause.id, CaseLink.cause)
    )


async def _open_children(work: Work, cause: Case) -> list[Case]:
    """The open cases under a cause, the oldest first; never one that a lawyer or an authority is at."""
    chosen = _children(cause).where(Case.status.in_(due.OPEN_CASES), not_(or_(Case.legal, Case.regulatory)))
    found = await work.session.scalars(
        chosen.options(joinedload(Case.customer)).order_by(Case.id).limit(MOST)
    )
    return list(found)
