"""Writing something down on a case: a note, an action, what the customer asked, was told or said. S3-4.2.1b

The server's time is kept and cannot be set; who notes something afterwards says when it happened, and why so late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models import Case, CaseNote
from models.words import NoteKind
from portal.desk.cards import REFUSAL, holds_card_number
from portal.desk.errors import NotAccepted
from portal.desk.work import Work

LONGEST_WHY = 300


@dataclass(frozen=True, slots=True)
class Earlier:
    """When something happened that is noted only now, and why it is noted late; empty for now. S2-15.2"""

    at: datetime | None = None
    why: str = ""


JUST_NOW = Earlier()


def write(
    work: Work, case: Case, kind: NoteKind, words: str, field: str, earlier: Earlier = JUST_NOW
) -> CaseNote:
    """Write words down on a case, as part of the deed that has them. Both times are kept. S2-15.2

    Raises NotAccepted of the field when they are empty, or hold a card number (decision 7); of `happened_at` and
    `happened_why` for a moment that is still to come or before the case, or one without a reason.
    """
    refused = _wrong(work, case, earlier)
    if not words.strip():
        refused[field] = "Say it in a sentence."
    elif holds_card_number(words):
        refused[field] = REFUSAL
    if refused:
        raise NotAccepted.of(refused)
    written = CaseNote(
        case_id=case.id,
        kind=kind,
        words=words.strip(),
        written_by_id=work.actor.person_id,
        written_at=work.now,
        happened_at=earlier.at,
        happened_why=earlier.why.strip(),
    )
    work.session.add(written)
    return written


def _wrong(work: Work, case: Case, earlier: Earlier) -> dict[str, str]:
    """What is wrong with when something is said to have happened. It is told to the minute, as it is typed."""
    why, refused = earlier.why.strip(), {}
    if earlier.at is None:
        if why:
            refused["happened_at"] = "Say when it happened, or leave the reason out."
    elif earlier.at > work.now:
        refused["happened_at"] = "That is still to come. Say when it happened."
    elif earlier.at < case.opened_at.replace(second=0, microsecond=0):
        refused["happened_at"] = "That was before the case was opened."
    if earlier.at is not None and not why:
        refused["happened_why"] = "Say why it is noted only now."
    elif len(why) > LONGEST_WHY:
        refused["happened_why"] = f"At most {LONGEST_WHY} characters."
    elif holds_card_number(why):
        refused["happened_why"] = REFUSAL
    return refused
