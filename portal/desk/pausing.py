"""Letting the clocks of a case stand for a set reason, besides an open question to the customer. Decision 9

The reasons are a short list in the policy, each with its clause. Such a pause needs a note and ends by hand.
"""

from __future__ import annotations

from models import Case
from models.words import CaseStatus, NoteKind
from portal.desk import audit, case_notes, deadlines, in_hand, policy
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.work import Work


def reason_of(case: Case) -> str:
    """Say what a case whose clocks stand still is waiting for."""
    known = policy.PAUSES.get(case.paused_for)
    if known is not None:
        return known.words
    return f"waiting for the {case.paused_for or 'customer'}"


async def stand_still(work: Work, case: Case, reason: str, words: str) -> None:
    """Stand the clocks still for one of the reasons of `policy.PAUSES`, with a note on what exactly. S2-6.3, S2-9.4

    Raises NotAccepted without a reason or a note, WrongMoment while the case stands still for such a reason already.
    """
    await in_hand.begin(work, case)
    if case.paused_for:
        raise WrongMoment(f"Case {case.number} already stands still, {reason_of(case)}.")
    refuse_card_numbers(reason=reason, words=words)  # before anything of it is said back
    refused: dict[str, str] = {}
    if reason not in policy.PAUSES:
        refused["reason"] = "Choose what the case waits for."
    if not words.strip():
        refused["words"] = "Say what exactly it waits for, and until when."
    if refused:
        raise NotAccepted.of(refused)
    case_notes.write(work, case, NoteKind.NOTE, words, "words")
    case.paused_for = reason
    await deadlines.pause(work, case, policy.PAUSES[reason].words)
    await audit.record(work, "stand case still", case, reason=words.strip())


async def run_on(work: Work, case: Case, words: str) -> None:
    """Say what came of it: the clocks run on from now, unless the customer still has to answer a question.

    Raises NotAccepted without a note, WrongMoment when the case stands still for no such reason.
    """
    await in_hand.begin(work, case)
    if not case.paused_for:
        raise WrongMoment(f"Case {case.number} stands still for no reason of its own.")
    case_notes.write(work, case, NoteKind.NOTE, words, "words")
    over, case.paused_for = reason_of(case), ""
    if case.status is CaseStatus.WAITING:  # an answer noted late ends what is left of the pause, not more
        await deadlines.pause(work, case, f"no longer {over}, but waits for the customer")
    else:
        await deadlines.resume(work, case, f"no longer {over}")
    await audit.record(work, "run case on", case, reason=words.strip())
