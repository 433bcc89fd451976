"""What stands in a chat: a message of either side, and the desk's own lines, in the customer's language. S2-12.3"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import func, select

from models import Case, Chat, ChatMessage, Intake
from models.words import CaseStatus, ChatAuthor, ChatEnd, ChatStatus, Direction
from portal.desk import audit, deadlines, interactions, policy
from portal.desk.due import OPEN_CASES
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.interactions import InteractionKind
from portal.desk.saving import hold, storable
from portal.desk.work import Work

LONGEST = 2000
"""Characters of one message."""
DESK: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "came": "{name} is here now.",
            "went": "{name} has handed the chat back. Somebody else will come.",
            "customer": "You have ended the chat.",
            "representative": "{name} has ended the chat.",
            "left": "Your words were left as a message, number {number}.",
        },
        "de": {
            "came": "{name} ist jetzt da.",
            "went": "{name} hat den Chat zurückgegeben. Es kommt jemand anders.",
            "customer": "Sie haben den Chat beendet.",
            "representative": "{name} hat den Chat beendet.",
            "left": "Ihre Worte wurden als Nachricht hinterlassen, Nummer {number}.",
        },
    }
)
COUNTS_AS: Mapping[str, InteractionKind] = MappingProxyType(
    {one.value: one for one in (InteractionKind.ANSWER, InteractionKind.UPDATE, InteractionKind.QUESTION)}
)
"""As what a message of the desk's may count on an open case; what a customer writes is what it is. S0-3.3.1"""


@dataclass(frozen=True, slots=True)
class Line:
    """One message as it is read."""

    id: int
    author: ChatAuthor
    who: str
    """The colleague; empty for the customer and the desk."""
    words: str
    at: datetime


def checked(words: str, field: str = "words") -> str:
    """The words as they are kept. Raises NotAccepted for none, and for too many."""
    kept = storable(words).strip()
    if not 0 < len(kept) <= LONGEST:
        raise NotAccepted.of({field: f"Between 1 and {LONGEST} characters."})
    return kept


async def add(work: Work, chat: Chat, author: ChatAuthor, words: str) -> ChatMessage:
    """Add a message to a chat that is held. Raises WrongMoment where it has too many."""
    if author is not ChatAuthor.DESK:
        many = await work.session.scalar(
            select(func.count()).select_from(ChatMessage).where(ChatMessage.chat_id == chat.id)
        )
        if (many or 0) >= policy.CHAT_MESSAGES:
            raise WrongMoment("This chat is very long. Please end it and begin another one.")
    made = ChatMessage(
        chat_id=chat.id,
        author=author,
        person_id=work.actor.person_id if author is ChatAuthor.REPRESENTATIVE else None,
        words=words,
        written_at=work.now,
    )
    work.session.add(made)
    return made


async def note(work: Work, chat: Chat, what: str, **facts: str) -> None:
    """Add a line of the desk's own."""
    await add(work, chat, ChatAuthor.DESK, DESK[chat.language][what].format(**facts))


async def hold_running(work: Work, chat: Chat) -> None:
    """Hold a chat for a deed. Raises WrongMoment when it has ended."""
    await hold(work, chat)
    if chat.status is ChatStatus.ENDED:
        raise WrongMoment("This chat has ended.")


def ends(work: Work, chat: Chat, how: ChatEnd) -> None:
    chat.status, chat.ended_as, chat.ended_at = ChatStatus.ENDED, how, work.now
    chat.unanswered_since = None


async def open_case_of(work: Work, chat: Chat) -> Case | None:
    """The open case that a chat is about: that of the contact that was begun about it. None where there is none."""
    if chat.contact_id is None:
        return None
    found: Case | None = await work.session.scalar(
        select(Case)
        .join(Intake, Intake.case_id == Case.id)
        .where(Intake.contact_id == chat.contact_id, Case.status.in_(OPEN_CASES))
    )
    return found


async def counts(work: Work, chat: Chat, kind: InteractionKind, direction: Direction) -> None:
    """Let the clocks of the case that a chat is about follow what was said, as on every channel. S0-3.3.1, S3-3.1"""
    case = await open_case_of(work, chat)
    if case is None:
        return
    await deadlines.hold(work, case)
    if case.status not in OPEN_CASES:
        return
    waits = case.status is CaseStatus.WAITING
    if direction is Direction.INBOUND and waits:
        kind = InteractionKind.ANSWER
    if direction is Direction.OUTBOUND and kind is InteractionKind.QUESTION and waits:
        kind = InteractionKind.UPDATE  # it waits for the customer already
    await interactions.happened(work, case, kind, direction)
    await audit.record(work, "speak in chat", case)
