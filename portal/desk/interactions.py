"""What is said between the desk and a customer, and what each saying does to the clocks of the case. Decisions 9, 13.

Clocks hang on the kind and the direction of an interaction, never on its channel: `EFFECTS` is the one table that says
so, and every deed by which something is said goes through `happened`.

What is noted only afterwards: what the customer said counts from when it happened, so that a pause never covers time in
which the answer was there; what the desk did counts from when it was noted, so that no target is met by what somebody
says later. S2-15.2
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from models import Case
from models.words import CaseStatus, DeadlineKind, Direction
from portal.desk import actions, deadlines, status_updates
from portal.desk.work import Work


class InteractionKind(StrEnum):
    """What is said. The channel by which it is said is no part of it."""

    CONCERN = "concern"
    QUESTION = "question"
    ANSWER = "answer"
    ACKNOWLEDGEMENT = "acknowledgement"
    UPDATE = "update"
    THANKS = "thanks"


@dataclass(frozen=True, slots=True)
class Effect:
    """What one kind of saying in one direction does to the clocks of a case."""

    meets: tuple[DeadlineKind, ...] = ()
    tells: bool = False
    """The customer knows how it stands: the next update is due from now."""
    pauses: bool = False
    """The case cannot go on without the customer: the clocks stand still."""
    owes: bool = False
    """The customer said something: the pause for a question ends, and after the first answer the next one is owed."""


_NOTHING = Effect()
_OWES = Effect(owes=True)
_KNOWN = (DeadlineKind.ACKNOWLEDGE, DeadlineKind.UPDATE)
EFFECTS: Mapping[tuple[InteractionKind, Direction], Effect] = MappingProxyType(
    {
        (InteractionKind.CONCERN, Direction.INBOUND): _OWES,
        (InteractionKind.QUESTION, Direction.INBOUND): _OWES,
        (InteractionKind.ANSWER, Direction.INBOUND): _OWES,
        (InteractionKind.UPDATE, Direction.INBOUND): _OWES,
        (InteractionKind.ACKNOWLEDGEMENT, Direction.INBOUND): _NOTHING,
        (InteractionKind.THANKS, Direction.INBOUND): _NOTHING,
        (InteractionKind.CONCERN, Direction.OUTBOUND): Effect(_KNOWN, tells=True),
        (InteractionKind.QUESTION, Direction.OUTBOUND): Effect(
            (*_KNOWN, DeadlineKind.NEXT_ANSWER), tells=True, pauses=True
        ),
        (InteractionKind.ANSWER, Direction.OUTBOUND): Effect(
            (*_KNOWN, DeadlineKind.ANSWER, DeadlineKind.NEXT_ANSWER), tells=True
        ),
        (InteractionKind.UPDATE, Direction.OUTBOUND): Effect(_KNOWN, tells=True),
        (InteractionKind.ACKNOWLEDGEMENT, Direction.OUTBOUND): Effect((DeadlineKind.ACKNOWLEDGE,)),
        (InteractionKind.THANKS, Direction.OUTBOUND): _NOTHING,
    }
)
"""S3-3.1.1a: told that it arrived. S0-3.3.1: answered. S1-3.1b: kept informed. S0-3.2.2c: asked."""


async def happened(
    work: Work,
    case: Case,
    kind: InteractionKind,
    direction: Direction,
    *,
    at: datetime | None = None,
    last: bool = False,
) -> None:
    """Let the clocks of a case follow what was said, now or then. Part of the deed that says it, which records it.

    `at` is when the customer said it, if that was before now: it counts from then, but from no sooner than the fact
    before it, because what was recorded of the clocks since then stays as it is. The one thing of the desk's own that
    has it is the conversation by which a case was opened. `last` says that the case ends with it, so that no clock
    begins anew. S0-3.3.1, S3-3.1.1a
    """
    effect, moment = EFFECTS[kind, direction], at or work.now
    if DeadlineKind.ACKNOWLEDGE in effect.meets:
        case.acknowledged_at = case.acknowledged_at or moment
    if DeadlineKind.ANSWER in effect.meets:
        case.answered_at = case.answered_at or moment
    if effect.meets:
        clocks = await deadlines.meet(work, case, *effect.meets, at=at)
        await actions.met(work, case, clocks)
        await status_updates.close(work, clocks)
    if effect.tells and not last:
        await deadlines.told(work, case)
    if effect.pauses:
        case.status = CaseStatus.WAITING
        await deadlines.pause(work, case, "waits for the customer")
    if effect.owes:
        since = await deadlines.no_sooner(work, case, moment)
        if case.status is CaseStatus.WAITING:
            case.status = CaseStatus.OPEN
            await deadlines.resume(work, case, "the customer answered", at=since)
        if case.answered_at is not None:
            await deadlines.heard(work, case, at=since)
