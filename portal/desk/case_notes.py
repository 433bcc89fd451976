"""Writing something down on a case: a note, an action, what the customer asked, was told or said. S3-4.2.1b"""

from __future__ import annotations

from models import Case, CaseNote
from models.words import NoteKind
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted
from portal.desk.work import Work


def write(work: Work, case: Case, kind: NoteKind, words: str, field: str) -> CaseNote:
    """Write words down on a case, as part of the deed that has them.

    Raises NotAccepted of the field when they are empty, or hold a card number (decision 7).
    """
    if not words.strip():
        raise NotAccepted.of({field: "Say it in a sentence."})
    refuse_card_numbers(**{field: words})
    written = CaseNote(
        case_id=case.id,
        kind=kind,
        words=words.strip(),
        written_by_id=work.actor.person_id,
        written_at=work.now,
    )
    work.session.add(written)
    return written
