"""What becomes of a case once it is resolved: closed when its follow-up has a result, or taken up again. S3-4.2.1c

A solution that holds closes the case; one that does not opens it anew. Where nobody could be asked, the reason is
kept instead.
"""

from __future__ import annotations

from enum import StrEnum

from models import Case
from models.words import CaseStatus, NoteKind, Role
from portal.desk import audit, case_notes, deadlines, policy
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.escalation import refuse_hidden
from portal.desk.permissions import May
from portal.desk.work import Work


class Asked(StrEnum):
    """What came of asking the customer whether the solution holds."""

    HOLDS = "holds"
    DOES_NOT_HOLD = "does_not_hold"
    NOT_REACHED = "not_reached"


async def close(work: Work, case: Case, because: str = "") -> None:
    """Close a resolved case; `because` says why nobody could be asked whether the solution holds. S3-4.2.1c

    Raises WrongMoment for one that is not resolved, or closed already.
    """
    work.require(May.WORK_FOLLOW_UPS)
    refuse_hidden(work, case)
    await deadlines.hold(work, case)
    if case.status is not CaseStatus.RESOLVED:
        raise WrongMoment(f"Case {case.number} is {case.status.value}: only a resolved case is closed.")
    refuse_card_numbers(reason=because)
    case.status, case.closed_at, case.closed_because = CaseStatus.CLOSED, work.now, because.strip()
    await audit.record(work, "close case", case, reason=because.strip())


async def reopen(work: Work, case: Case, reason: str) -> None:
    """Take an ended case up again, in a new cycle with clocks of its own. Decision 13.

    The written rule: it is answered, resolved and escalated anew from this moment, and it was acknowledged for
    good; a legal or regulatory case stays with the managers, any other goes back to the representatives.
    Raises NotAccepted without a reason, WrongMoment when the case is not over.
    """
    work.require(May.WORK_CASES)
    refuse_hidden(work, case)
    await deadlines.hold(work, case)
    if case.status in deadlines.OPEN_CASES:
        raise WrongMoment(f"Case {case.number} is still open.")
    if not reason.strip():
        raise NotAccepted(reason="Say why it is taken up again.")
    refuse_card_numbers(reason=reason)
    case.status, case.resolved_at, case.resolution_code = CaseStatus.OPEN, None, None
    case.closed_at, case.closed_because = None, ""
    case.answered_at = None
    case.cycle += 1
    if not case.restricted:
        case.held_by_role, case.escalation_level = Role.REPRESENTATIVE, 0
        case.held_by_id = case.held_by_id or work.actor.person_id
    await work.session.flush()
    await deadlines.reopen(work, case)
    await audit.record(work, "reopen case", case, reason=reason)


def not_reached(work: Work, case: Case, times: int, words: str) -> None:
    """Write down on the case that its customer was tried and not reached. S3-4.2.1c"""
    told = f"Not reached, try {times} of {policy.TRIES_TO_REACH}: {words.strip()}"
    case_notes.write(work, case, NoteKind.NOTE, told, "result")
