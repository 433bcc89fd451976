"""What every step that works on the case of a contact shares. S3-4.1.1, S3-3.1.2"""

from __future__ import annotations

from typing import ClassVar

from models import Case
from models.words import Channel
from portal.desk.kinds.base import Kind, Run, Typed
from portal.desk.work import Work

LONGEST_SUBJECT = 120
SPOKEN = frozenset({Channel.PHONE, Channel.IN_PERSON, Channel.CHAT})


async def case_of(work: Work, run: Run) -> Case:
    """The case that was opened in this contact."""
    return await work.session.get_one(Case, run.case_id)


def subject_of(words: str) -> str:
    """The first sentence, or as much of it as a list has room for."""
    first = " ".join(words.split(". ", maxsplit=1)[0].split())
    return first if len(first) <= LONGEST_SUBJECT else f"{first[: LONGEST_SUBJECT - 1]}…"


def missing(typed: Typed, **wanted: str) -> dict[str, str]:
    return {name: words for name, words in wanted.items() if not typed.get(name, "").strip()}


class CaseKindOfStep(Kind):
    """A step that works on the case of this contact; shut once it was settled."""

    needs_case: ClassVar[bool] = True

    def locked(self, run: Run) -> str:
        return "The customer has to be heard first." if self.needs_case and run.case_id is None else ""

    def closed(self, run: Run) -> str:
        mark = run.mark_of("settle") or run.mark_of("answer")
        return f"{run.case_number} was settled here." if mark.get("settled") else ""
