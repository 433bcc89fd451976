"""What was said in a chat, told afterwards: on its case, with its contact, and in one letter to who asks for it. S2-15.5a"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, select, union

from models import Case, Chat, ChatMessage, Intake, Message, Person
from models.words import ChatAuthor, ChatStatus
from portal.desk import audit, notices
from portal.desk.chat import lines, talking
from portal.desk.chat.lines import Line
from portal.desk.chat.listed import messages
from portal.desk.errors import TooOften, WrongMoment
from portal.desk.listing import LIMIT
from portal.desk.notices import Sender
from portal.desk.rows import narrowed, seen
from portal.desk.work import Work

LONGEST = 20_000
"""Characters of a transcript in a letter or a story; the whole stands on the chat's page."""
TEMPLATE = "chat-transcript"
_CUSTOMER = {"en": "You", "de": "Sie"}


@dataclass(frozen=True, slots=True)
class Transcript:
    """A chat with all that was said in it."""

    chat: Chat
    lines: Sequence[Line]
    open_to_me: bool
    """Whether the actor may open its page."""

    @property
    def words(self) -> str:
        """All of it as a text, a line each."""
        return cut("\n".join(f"{_who(one)}{one.words}" for one in self.lines))

    @property
    def at(self) -> datetime:
        return self.chat.ended_at or self.chat.opened_at


def _who(line: Line, customer: str = "Customer") -> str:
    if line.author is ChatAuthor.DESK:
        return ""
    return f"{line.who or customer}: "


def cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


async def of_case(work: Work, case: Case) -> list[Transcript]:
    """The chats about a case that the caller may see: of its contacts, and the one it was left as."""
    met = select(Intake.contact_id).where(Intake.case_id == case.id)
    begun = select(Case.contact_id).where(Case.id == case.id, Case.contact_id.is_not(None))
    about: CompoundSelect[Any] = union(  # each by an index of its own
        select(Chat.id).where(Chat.case_id == case.id),
        select(Chat.id).where(Chat.contact_id.in_(met)),
        select(Chat.id).where(Chat.contact_id.in_(begun)),
    )
    rows = (
        await work.session.execute(
            select(Chat, seen(work.actor, Chat).label("open_to_me"))
            .where(Chat.id.in_(about))
            .order_by(Chat.id)
            .limit(LIMIT)
        )
    ).all()
    said = await transcripts(work, [chat.id for chat, _ in rows])
    return [Transcript(chat, said[chat.id], bool(mine)) for chat, mine in rows]


async def of_contact(work: Work, contact_id: int) -> Transcript | None:
    """The chat that a contact was begun about, where it may be seen. S1-3.4c, S2-15.5a"""
    statement = narrowed(work.actor, Chat, select(Chat)).where(Chat.contact_id == contact_id)
    chat: Chat | None = await work.session.scalar(statement)
    return Transcript(chat, await messages(work, chat), open_to_me=True) if chat else None


async def transcripts(work: Work, ids: Collection[int]) -> dict[int, list[Line]]:
    """What was said in several chats, in one statement."""
    found: dict[int, list[Line]] = defaultdict(list)
    if ids:
        rows = await work.session.execute(
            select(ChatMessage, Person.name)
            .outerjoin(Person, Person.id == ChatMessage.person_id)
            .where(ChatMessage.chat_id.in_(ids))
            .order_by(ChatMessage.id)
        )
        for one, name in rows:
            found[one.chat_id].append(Line(one.id, one.author, name or "", one.words, one.written_at))
    return found


async def send(work: Work, secret: str, address: str = "") -> None:
    """Send who asks what was said, once: it has ended, and a colleague has been in it. S2-12.3

    Nobody has verified the address, so none is written to more often in a day than mail is acknowledged. Raises
    NotFound without the secret, WrongMoment, NotAccepted without an address, TooOften.
    """
    chat = await talking.behind(work, secret)
    if chat.status is not ChatStatus.ENDED or chat.taken_by_id is None:
        raise WrongMoment("There is no transcript to send yet.")
    if not chat.address:
        chat.address = talking.read_address(address, needed=True)
    case = await lines.open_case_of(work, chat)
    said = await messages(work, chat)
    you = _CUSTOMER[chat.language]
    once = f"{TEMPLATE}/{chat.id}"
    sent = await work.session.scalar(select(Message.id).where(Message.once == once))
    if sent is None and not await talking.may_write_to(work, chat.address):
        raise TooOften("This address has been written to very often today. Try again tomorrow.")
    await notices.write(
        work,
        TEMPLATE,
        to=Sender(chat.name, chat.address, chat.language),
        once=once,
        reference=chat.number,
        case=case.id if case else chat.case_id,
        words=cut("\n".join(f"{_who(one, you)}{one.words}" for one in said)),
        began_at=chat.opened_at,
    )
    await audit.record(work, "send transcript", chat)
