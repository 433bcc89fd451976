"""The customer's side of a chat: begun, written in, left as a message, ended. Nothing a chatter says is trusted. S2-12.3

Whoever holds the secret of a chat may read it and write in it, and nothing else: no name and no address that is given
verifies anybody. What is written is bounded in length and in number, for each chat and for each address it comes from.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import select

from models import Case, Chat, ChatMessage
from models.words import CaseKind, Channel, ChatAuthor, ChatEnd, ChatStatus, Direction
from portal.desk import attempts, audit, cases, channels, policy, sessions
from portal.desk.cards import refuse_card_numbers, without_card_numbers
from portal.desk.chat import lines
from portal.desk.chat.attending import attended
from portal.desk.emails import wrong_with
from portal.desk.errors import NotAccepted, NotFound, TooOften, WrongMoment
from portal.desk.interactions import InteractionKind
from portal.desk.mail.threads import by_address
from portal.desk.notices import LANGUAGES, Sender, header_safe
from portal.desk.numbers import next_number
from portal.desk.permissions import May
from portal.desk.saving import storable
from portal.desk.work import Actor, Work

CHATTER = Actor(
    "customer",
    permissions=frozenset({May.SEE_CASES, May.WORK_CASES, May.SEE_CUSTOMERS, May.SEE_RESTRICTED}),
)
"""Somebody on the other side of a chat. What they write reaches their case, whatever it is; no page shows it to them."""
LONGEST_NAME, LONGEST_ADDRESS, LONGEST_SUBJECT = 100, 320, 100
_WHILE, _MINUTE, _DAY = 600, 60, 86_400
"""Seconds in which chats of one address, messages of one chat and letters to one address are counted."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What somebody says of themselves who begins a chat, and from where they come."""

    name: str
    address: str
    language: str
    words: str
    came_from: str
    """The network address, which is counted and never kept."""


def new_secret() -> str:
    """What a browser gets to hold."""
    return secrets.token_urlsafe(32)


async def begin(work: Work, secret: str, told: Opening) -> Chat:
    """Begin a chat; where nobody is there it is left as a message at once. S2-12.3

    Raises NotFound where the channel is not approved, NotAccepted per field, TooOften for too many of one address.
    """
    if not (await channels.rule_of(work, Channel.CHAT)).approved:
        raise NotFound
    there = await attended(work)
    name, address, words = _checked(told, needs_address=not there.now)
    await attempts.count(work, f"chat/{told.came_from}", policy.CHATS_OF_ONE_ADDRESS, _WHILE)
    whose = await by_address(work, address.lower())
    chat = Chat(
        number=await next_number(work, "chat"),
        key=sessions.hashed(secret),
        name=name,
        address=address,
        language=told.language if told.language in LANGUAGES else LANGUAGES[0],
        subject=_subject(words),
        customer_id=whose.id if whose else None,
        status=ChatStatus.WAITING,
        opened_at=work.now,
        due_at=there.due_at or work.now,
        unanswered_since=work.now,
    )
    work.session.add(chat)
    await work.session.flush()
    await lines.add(work, chat, ChatAuthor.CUSTOMER, words)
    await audit.record(work, "begin chat", chat)
    if not there.now:
        await become_case(work, chat)
    return chat


async def behind(work: Work, secret: str) -> Chat:
    """The chat whose secret this is; for a while after it has ended. Raises NotFound for any other."""
    chat: Chat | None = None
    if secret:
        chat = await work.session.scalar(select(Chat).where(Chat.key == sessions.hashed(secret)))
    if chat is None or (chat.ended_at is not None and chat.ended_at < work.now - policy.CHAT_OPEN_FOR):
        raise NotFound
    return chat


async def write(work: Work, secret: str, words: str) -> ChatMessage:
    """Write in one's chat. On the case it is about it counts as what the customer said. S0-3.3.3, S2-15.5a

    Raises NotFound without its secret, WrongMoment when it has ended, NotAccepted of `words`, TooOften.
    """
    chat = await behind(work, secret)
    await lines.hold_running(work, chat)
    kept = lines.checked(words)
    await attempts.count(work, f"chat-in/{chat.id}", policy.CHAT_MESSAGES_A_MINUTE, _MINUTE)
    made = await lines.add(work, chat, ChatAuthor.CUSTOMER, without_card_numbers(kept))
    chat.unanswered_since = chat.unanswered_since or work.now
    await lines.counts(work, chat, InteractionKind.CONCERN, Direction.INBOUND)
    await audit.record(work, "write in chat", chat)
    return made


async def leave(work: Work, secret: str, address: str) -> Case:
    """Leave what was written as a message instead of waiting on: it becomes an inquiry, answered by mail. S2-12.3

    Raises WrongMoment when somebody has come meanwhile, NotAccepted without an address.
    """
    chat = await behind(work, secret)
    await lines.hold_running(work, chat)
    if chat.status is not ChatStatus.WAITING:
        raise WrongMoment("Somebody is here now.")
    chat.address = chat.address or read_address(address, needed=True)
    if chat.customer_id is None:
        whose = await by_address(work, chat.address.lower())
        chat.customer_id = whose.id if whose else None
    return await become_case(work, chat)


async def stop(work: Work, secret: str) -> None:
    """End one's chat. Ended before it stays as it was. S2-12.3"""
    chat = await behind(work, secret)
    if chat.status is ChatStatus.ENDED:
        return
    await lines.hold_running(work, chat)
    await lines.note(work, chat, "customer")
    lines.ends(work, chat, ChatEnd.CUSTOMER)
    await audit.record(work, "end chat", chat)


async def become_case(work: Work, chat: Chat) -> Case:
    """Open an inquiry of what was written, held by nobody yet; its clocks run from when the chat began. S3-3.1.1a

    It came by a page and is answered by mail, to the address that was given. It is acknowledged by itself, but no
    address more often than mail is.
    """
    said = await work.session.scalars(
        select(ChatMessage.words)
        .where(ChatMessage.chat_id == chat.id, ChatMessage.author == ChatAuthor.CUSTOMER)
        .order_by(ChatMessage.id)
    )
    case = await cases.open_case(
        work,
        cases.NewCase(
            CaseKind.INQUIRY,
            Channel.ONLINE,
            chat.subject,
            statement=without_card_numbers("\n".join(said)),  # which may be spread over messages
            customer_id=chat.customer_id,
            received_at=chat.opened_at,
            mail=cases.Written(
                Sender(chat.name, chat.address, chat.language), "", await may_write_to(work, chat.address)
            ),
        ),
    )
    chat.case_id = case.id
    await lines.note(work, chat, "left", number=case.number)
    lines.ends(work, chat, ChatEnd.LEFT)
    await audit.record(work, "leave chat as message", chat)
    return case


async def may_write_to(work: Work, address: str) -> bool:
    """Whether this address, which anybody may have typed, is written to by itself once more today. S3-3.1.1b"""
    if not address:
        return False
    digest = hashlib.sha256(address.lower().encode()).hexdigest()[:40]
    try:
        await attempts.count(work, f"chat-to/{digest}", policy.ACKNOWLEDGED_A_DAY, _DAY)
    except TooOften:
        return False
    return True


def _checked(told: Opening, *, needs_address: bool) -> tuple[str, str, str]:
    """Name, address and words as they are kept. A card number among the words is left out, it cannot be asked back."""
    name, refused = header_safe(storable(told.name)).strip(), {}
    if not 0 < len(name) <= LONGEST_NAME:
        refused["name"] = f"Between 1 and {LONGEST_NAME} characters."
    address = words = ""
    try:
        address = read_address(told.address, needed=needs_address)
    except NotAccepted as error:
        refused |= error.fields
    try:
        words = lines.checked(told.words)
    except NotAccepted as error:
        refused |= error.fields
    if refused:
        raise NotAccepted.of(refused)
    refuse_card_numbers(name=name)
    return name, address, without_card_numbers(words)


def read_address(told: str, *, needed: bool) -> str:
    """An address as it is kept. Raises NotAccepted for what is none, and for none where one is needed."""
    kept = storable(told).strip()
    if not kept:
        if needed:
            raise NotAccepted(address="Without an address nobody can answer.")
        return ""
    wrong = wrong_with(kept) if len(kept) <= LONGEST_ADDRESS else "It is too long."
    if wrong:
        raise NotAccepted(address=f"This is not an e-mail address. {wrong}")
    return kept


def _subject(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= LONGEST_SUBJECT else f"{line[: LONGEST_SUBJECT - 1]}…"
