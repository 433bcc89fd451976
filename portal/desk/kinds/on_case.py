"""What every step that works on the case of a contact shares. S3-4.1.1, S3-3.1.2"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from models import Case
from models.words import Channel
from portal.desk import followups
from portal.desk.kinds.base import Kind, Run, Typed
from portal.desk.scripts import Step
from portal.desk.work import Work

LONGEST_SUBJECT = 120
SPOKEN = frozenset({Channel.PHONE, Channel.IN_PERSON, Channel.CHAT})
OVER = frozenset({"resolved", "handed_on", "flagged", "kept"})
"""How a case may be left so that nothing more is done with it in this contact."""
SLOTS = 16


async def case_of(work: Work, run: Run) -> Case:
    """The case of this contact: opened in it, or open already and chosen in it."""
    return await work.session.get_one(Case, run.case_id)


def chosen_here(run: Run) -> bool:
    """Whether the case of this contact was open already and only chosen in it. S2-10.5"""
    return run.case_id is not None and run.mark_of("choose_case").get("case") == run.case_id


def heard_here(run: Run) -> bool:
    """Whether what the customer says of that case was noted on it."""
    return bool(run.mark_of("heard").get("noted"))


def only_chosen(run: Run) -> bool:
    """Whether a case was chosen and nothing was done on it yet: choosing is no deed on a case."""
    return chosen_here(run) and not heard_here(run)


def settled_of(run: Run) -> str:
    """How the case is left so far: resolved, handed_on, flagged, kept or follow_up; empty while it is open."""
    marks = (run.mark_of(kind).get("settled", "") for kind in ("escalate", "settle", "answer", "refund"))
    return next((str(mark) for mark in marks if mark), "")


def subject_of(words: str) -> str:
    """The first sentence, or as much of it as a list has room for."""
    first = " ".join(words.split(". ", maxsplit=1)[0].split())
    return first if len(first) <= LONGEST_SUBJECT else f"{first[: LONGEST_SUBJECT - 1]}…"


def missing(typed: Typed, **wanted: str) -> dict[str, str]:
    """Say of each answer that is empty what to do about it."""
    return {name: words for name, words in wanted.items() if not typed.get(name, "").strip()}


def told_of(step: Step) -> Mapping[str, Any]:
    """What the script's author told the kind, besides its questions."""
    return step.options


def moment_of(text: str) -> datetime | None:
    """The moment of a slot as its value is written; None when it is none."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo else None


async def slots(work: Work) -> list[tuple[str, str]]:
    """The next open half-hours, to choose from. S2-10.4"""
    zone = ZoneInfo(work.actor.zone)
    found = await followups.next_slots(work, SLOTS)
    return [
        (slot.isoformat(), f"{(at := slot.astimezone(zone)):%A}, {at.day} {at:%B, %H:%M}") for slot in found
    ]


class CaseKindOfStep(Kind):
    """A step that works on the case of this contact; shut once it was settled."""

    needs_case: ClassVar[bool] = True

    def locked(self, run: Run) -> str:
        unheard = run.case_id is None or only_chosen(run)
        return "The customer has to be heard first." if self.needs_case and unheard else ""

    def closed(self, run: Run) -> str:
        return f"{run.case_number} was settled here." if settled_of(run) else ""


class OfNewCase(CaseKindOfStep):
    """A step that writes down what a new case is about: nothing is written over on one that was open already."""

    def closed(self, run: Run) -> str:
        return kept_as_it_was(run) or super().closed(run)

    def needless(self, run: Run) -> str:
        return kept_as_it_was(run) or super().needless(run)


def kept_as_it_was(run: Run) -> str:
    """Why what a case is about cannot be written down anew; empty where it was opened in this contact."""
    return f"{run.case_number} was open already: what it is about stays as it is." if chosen_here(run) else ""
