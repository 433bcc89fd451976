"""The representative’s side of a chat: taken by one, answered, handed back or over, ended, walked through. S2-12.3"""

from __future__ import annotations

from sqlalchemy import select, update

from models import Chat, ChatMessage, Contact, Intake
from models.words import Channel, ChatAuthor, ChatEnd, ChatStatus, Direction
from portal.desk import audit, channels, intake, tone
from portal.desk.cards import refuse_card_numbers, without_card_numbers
from portal.desk.chat import lines, listed
from portal.desk.errors import NotAccepted, NotAllowed, WrongMoment
from portal.desk.kinds import NOTES
from portal.desk.permissions import May
from portal.desk.saving import hold
from portal.desk.work import Work


async def take(work: Work, chat: Chat) -> None:
    """Take a chat that waits; of two at once one does, and the other is told who. S2-12.3

    One that a colleague has is taken over by those who lead, and by who holds the contact that was begun about it.
    Raises WrongMoment for anybody else, and when it has ended.
    """
    work.require(May.TAKE_CONTACTS)
    before = chat.taken_by_id
    await lines.hold_running(work, chat)
    if chat.taken_by_id == work.actor.person_id and chat.status is ChatStatus.TAKEN:
        return
    if chat.status is ChatStatus.TAKEN and (
        chat.taken_by_id != before or not await _may_take_over(work, chat)
    ):
        who = await listed.name_of(work, chat.taken_by_id)
        raise WrongMoment(f"{who} was faster and has this chat.")
    _give(chat, work.actor.person_id)
    await lines.note(work, chat, "came", name=work.actor.name)
    await audit.record(work, "take chat", chat)


async def _may_take_over(work: Work, chat: Chat) -> bool:
    if work.may(May.SEE_TEAM):
        return True
    holds = select(Intake.id).where(
        Intake.contact_id == chat.contact_id, Intake.held_by_id == work.actor.person_id
    )
    return chat.contact_id is not None and await work.session.scalar(holds) is not None


def _give(chat: Chat, person_id: int | None) -> None:
    chat.status, chat.taken_by_id = ChatStatus.TAKEN, person_id


async def say(work: Work, chat: Chat, words: str, counts_as: str = "") -> ChatMessage:
    """Write to the customer. On the case the chat is about it counts as an answer, unless it is said to be another. S0-3.3.1

    `counts_as` is one of COUNTS_AS. Raises WrongMoment when it has ended, NotAllowed for somebody else's chat,
    NotAccepted of `words`, also for listed words. S0-3.2.1
    """
    work.require(May.TAKE_CONTACTS)
    await _hold_mine(work, chat)
    kept = lines.checked(words)
    refuse_card_numbers(words=kept)
    kind = lines.COUNTS_AS.get(counts_as or "answer")
    if kind is None:
        raise NotAccepted(counts_as="Choose what it is.")
    await tone.heed(work, chat.language, chat, {"words": kept})
    made = await lines.add(work, chat, ChatAuthor.REPRESENTATIVE, kept)
    chat.unanswered_since = None
    await lines.counts(work, chat, kind, Direction.OUTBOUND)
    await audit.record(work, "answer in chat", chat)
    return made


async def hand_back(work: Work, chat: Chat) -> None:
    """Let somebody else take it: it waits again, at its old place. S2-12.3"""
    work.require(May.TAKE_CONTACTS)
    await _hold_mine(work, chat)
    chat.status, chat.taken_by_id = ChatStatus.WAITING, None
    await lines.note(work, chat, "went", name=work.actor.name)
    await audit.record(work, "hand chat back", chat)


async def hand_over(work: Work, chat: Chat, person_id: int | None) -> None:
    """Give it to a colleague. Raises NotAccepted for nobody who takes contacts. S2-12.3"""
    work.require(May.TAKE_CONTACTS)
    await _hold_mine(work, chat)
    to = next((one for one in await listed.colleagues(work) if one.id == person_id), None)
    if to is None:
        raise NotAccepted(person_id="Choose a colleague who takes contacts.")
    _give(chat, to.id)
    await lines.note(work, chat, "came", name=to.name)
    await audit.record(work, "hand chat over", chat)


async def end(work: Work, chat: Chat) -> None:
    """End it; what was said stays. S2-12.3"""
    work.require(May.TAKE_CONTACTS)
    await _hold_mine(work, chat)
    await lines.note(work, chat, "representative", name=work.actor.name)
    lines.ends(work, chat, ChatEnd.REPRESENTATIVE)
    await audit.record(work, "end chat", chat)


async def begin_contact(work: Work, chat: Chat) -> int:
    """Begin the contact of a chat in the wizard, its words among the notes; give the intake's id. S2-12.3, S2-2.1

    Nobody is verified by an address: the wizard finds the customer and verifies as always. Begun before, it is the same;
    one that the customer has ended is written down all the same. S0-3.3.3
    """
    work.require(May.TAKE_CONTACTS)
    await hold(work, chat)
    if chat.contact_id is not None:
        known = await work.session.scalar(select(Intake.id).where(Intake.contact_id == chat.contact_id))
        return int(known or 0)
    if chat.taken_by_id != work.actor.person_id:
        raise NotAllowed("Take this chat first.")
    said = await listed.messages(work, chat)
    origin = channels.Origin(handle=chat.address or chat.name)
    intake_id = await intake.begin(work, Channel.CHAT, Direction.INBOUND, origin=origin)
    begun = await work.session.get_one(Intake, intake_id)
    told = "\n".join(one.words for one in said if one.author is ChatAuthor.CUSTOMER)
    told = without_card_numbers(told)[: intake.LONGEST]  # one may be spread over messages
    audited = {"audited": True, "synchronize_session": False}
    await work.session.execute(
        update(Intake).where(Intake.id == intake_id).values(answers={NOTES: {NOTES: told}}),
        execution_options=audited,
    )
    await work.session.execute(
        update(Contact).where(Contact.id == begun.contact_id).values(language=chat.language),
        execution_options=audited,
    )
    chat.contact_id = begun.contact_id
    await audit.record(work, "begin contact about chat", chat)
    return intake_id


async def _hold_mine(work: Work, chat: Chat) -> None:
    await lines.hold_running(work, chat)
    if chat.status is not ChatStatus.TAKEN or chat.taken_by_id != work.actor.person_id:
        raise NotAllowed("Take this chat first.")
