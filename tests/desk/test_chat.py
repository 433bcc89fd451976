"""Customers chat with the desk: one colleague takes each, all of it is kept, and the clocks follow it. S2-12.3, S2-15.5a"""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from jobs.tend_chats import tend_chats
from models import Case, ChannelRule, ChatMessage, Contact, Intake, OnDuty
from models.words import CaseKind, Channel, ChatEnd, ChatStatus, Role
from portal.desk import audit, cases, channels, chat, escalation, policy, queues, timeline
from portal.desk.chat import CHATTER
from portal.desk.errors import NotAccepted, NotAllowed, NotFound, TooOften, WrongMoment
from portal.desk.kinds import NOTES
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ANA, CEM, CORA, FIN, MARA, SAM, Clock, berlin
from tests.chats import SECRET, begun, lines, row, said, taken, walked, wrote
from tests.desk.stories import opened, states, the_case, written
from tests.wizard import known


async def refused(desk: Desk, **told: Any) -> dict[str, str]:
    with pytest.raises(NotAccepted) as found:
        await begun(desk, **told)
    return found.value.fields


async def test_a_chat_is_taken_by_one_answered_and_ended_and_all_of_it_stays(
    desk: Desk, clock: Clock
) -> None:
    """S2-12.3: of two who take it at once one does; a number of a card is left out; what was said cannot be changed."""
    await known(desk)
    chat_id = await begun(desk, "Where is my chair? My card is 4111 1111 1111 1111.")
    opening = await row(desk, chat_id)
    assert (opening.number[:2], opening.customer_id, opening.status, opening.due_at) == (
        "HG", ANA, ChatStatus.WAITING, clock.now + timedelta(minutes=5),
    )  # fmt: skip
    outcomes = await asyncio.gather(
        taken(desk, chat_id, CORA), taken(desk, chat_id, CEM), return_exceptions=True
    )
    told = [str(one) for one in outcomes if one is not None]
    holder = (await row(desk, chat_id)).taken_by_id
    who, other = (CORA, CEM) if holder == CORA.person_id else (CEM, CORA)
    assert told in (
        [f"{who.name} was faster and has this chat."],
        ["There is nothing here, or nothing you may see."],
    )
    with pytest.raises(NotFound):  # what a colleague has is the colleague's
        await said(desk, chat_id, "I look into it.", actor=other)
    await said(desk, chat_id, "One moment.", actor=who)
    await wrote(desk, "Thank you")
    assert (await row(desk, chat_id)).unanswered_since == clock.now
    async with desk.work(who) as work:
        found = (await chat.load(work, chat_id)).chat
        with pytest.raises(NotAccepted, match="card"):
            await chat.say(work, found, "4111 1111 1111 1111")
        with pytest.raises(NotAccepted):
            await chat.hand_over(work, found, FIN.person_id)
        await chat.hand_over(work, found, other.person_id)
    async with desk.work(other) as work:
        await chat.hand_back(work, (await chat.load(work, chat_id)).chat)
    await taken(desk, chat_id, who)
    async with desk.work(who) as work:
        await chat.end(work, (await chat.load(work, chat_id)).chat)
    assert await lines(desk, chat_id) == [
        ("customer", "Where is my chair? My card is [card number left out]."),
        ("desk", f"{who.name} is here now."),
        ("representative", "One moment."),
        ("customer", "Thank you"),
        ("desk", f"{other.name} is here now."),
        ("desk", f"{other.name} has handed the chat back. Somebody else will come."),
        ("desk", f"{who.name} is here now."),
        ("desk", f"{who.name} has ended the chat."),
    ]
    with pytest.raises(WrongMoment):
        await wrote(desk, "Hello?")
    for change in (update(ChatMessage).values(words="Never said"), delete(ChatMessage)):
        with pytest.raises(DBAPIError, match="append-only"):
            async with desk.work(SYSTEM) as work:
                await work.session.execute(change, execution_options={"audited": True})
    async with desk.look(CHATTER) as work:
        assert (await chat.behind(work, SECRET)).id == chat_id
        for wrong in ("", "another secret"):
            with pytest.raises(NotFound):
                await chat.behind(work, wrong)
    clock.forward(days=1, minutes=1)
    async with desk.look(CHATTER) as work:
        with pytest.raises(NotFound):
            await chat.behind(work, SECRET)


async def test_what_is_said_in_a_chat_moves_the_clocks_of_its_case(desk: Desk, clock: Clock) -> None:
    """S0-3.3.1, S3-3.1: by kind and direction, as on every channel; it stands in the timeline, word for word."""
    chat_id = await begun(desk)
    await taken(desk, chat_id)
    intake_id, contact_id = await walked(desk, chat_id)
    assert (await walked(desk, chat_id)) == (intake_id, contact_id)
    async with desk.look(SYSTEM) as work:
        contact = await work.session.get_one(Contact, contact_id)
        begun_as = await work.session.get_one(Intake, intake_id)
    assert (contact.channel, contact.handle, contact.verified_strength, contact.customer_id, begun_as.answers) == (
        Channel.CHAT, "ana@example.com", 0, None, {NOTES: {NOTES: "Where is my chair?"}},
    )  # fmt: skip
    await said(desk, chat_id, "I open a case.")  # there is none yet: nothing follows
    case_id = await opened(desk, CaseKind.INQUIRY, Channel.PHONE, contact_id=contact_id)
    async with desk.work(SYSTEM) as work:
        await work.session.execute(
            update(Intake).where(Intake.id == intake_id).values(case_id=case_id),
            execution_options={"audited": True},
        )
        await audit.record(work, "tie case")
    assert await states(desk, case_id) == {"acknowledge": "met", "answer": "running", "resolve": "running"}
    await said(desk, chat_id, "Which chair is it?", "question")
    assert (await states(desk, case_id))["answer"] == "paused"
    clock.forward(minutes=2)
    await wrote(desk, "The blue one")
    assert (await states(desk, case_id))["answer"] == "running"
    await said(desk, chat_id, "It is on its way.")
    assert (await states(desk, case_id))["answer"] == "met"
    with pytest.raises(NotAccepted):
        await said(desk, chat_id, "It is on its way.", "joke")
    async with desk.work(CHATTER) as work:
        await chat.stop(work, SECRET)
        await chat.stop(work, SECRET)
    async with desk.look(CEM) as work:  # a colleague reads it on the case, without a way to the chat itself
        case = await queues.case_of(work, case_id)
        story = await timeline.timeline(work, case)
    entry = next(one for one in story if one.kind is timeline.Told.CHAT)
    assert (entry.words, entry.href, entry.state) == (
        (
            "Customer: Where is my chair?\nCora is here now.\nCora: I open a case.\nCora: Which chair is it?\n"
            "Customer: The blue one\nCora: It is on its way.\nYou have ended the chat."
        ),
        "",
        "ended",
    )  # fmt: skip
    for once in range(2):
        async with desk.work(CHATTER) as work:
            await chat.send(work, SECRET)
        assert await written(desk, "chat-transcript") == [("chat-transcript", "ana@example.com")], once
    async with desk.work(MARA) as work:
        await escalation.restrict(
            work, await the_case(work, case_id), "A lawyer.", legal=True, regulatory=False
        )
        await audit.record(work, "restrict case")
    for actor in (CORA, SAM):
        async with desk.look(actor) as work:
            with pytest.raises(NotFound):
                await chat.load(work, chat_id)
            assert (await chat.ended(work)).rows == []
    async with desk.look(MARA) as work:
        assert [one.id for one in (await chat.ended(work)).rows] == [chat_id]
    async with desk.look(FIN) as work:
        with pytest.raises(NotAllowed):
            await chat.queue(work)


async def test_where_nobody_is_there_a_message_is_left_and_becomes_an_inquiry(
    desk: Desk, clock: Clock
) -> None:
    """S2-12.3, S0-4: the next opening is told; who is on duty counts; nothing that was written is lost. S0-5.1b"""
    assert await refused(desk, words=" ", name="", address="nobody") == {
        "name": "Between 1 and 100 characters.", "words": "Between 1 and 2000 characters.",
        "address": "This is not an e-mail address. An email address must have an @-sign.",
    }  # fmt: skip
    clock.at("2026-03-06 17:30")  # Friday, after closing
    async with desk.look(CHATTER) as work:
        assert await chat.attended(work) == chat.Attended(now=False, opens_at=berlin("2026-03-09 09:00"))
    assert await refused(desk, address="") == {"address": "Without an address nobody can answer."}
    chat_id = await begun(desk, address="bea@example.com", name="Bea", language="de")
    left = await row(desk, chat_id)
    async with desk.look(SYSTEM) as work:
        case = await the_case(work, left.case_id or 0)
    assert (left.status, left.ended_as, case.channel, case.statement, case.held_by_id, case.customer_id) == (
        ChatStatus.ENDED, ChatEnd.LEFT, Channel.ONLINE, "Where is my chair?", None, None,
    )  # fmt: skip
    assert (await lines(desk, chat_id))[-1] == (
        "desk", f"Ihre Worte wurden als Nachricht hinterlassen, Nummer {case.number}.",
    )  # fmt: skip
    other = await opened(desk, CaseKind.INQUIRY, Channel.EMAIL)
    async with desk.look(SYSTEM) as work:
        told = [await chat.of_case(work, await the_case(work, one)) for one in (case.id, other)]
    assert [[one.chat.id for one in about] for about in told] == [[chat_id], []]
    async with desk.work(CORA) as work:  # it is answered by mail, to the address that was given
        await cases.take(work, await the_case(work, case.id))
        await cases.answer(work, await the_case(work, case.id), "On its way.")
    assert [one for one in await written(desk) if one[1] != "ana@example.com"] == [
        ("case-acknowledgement", "bea@example.com"), ("case-answer", "bea@example.com"),
    ]  # fmt: skip
    clock.at("2026-03-09 10:00")
    async with desk.work(SYSTEM) as work:
        entry = OnDuty(role=Role.REPRESENTATIVE, person_id=CEM.person_id, hours="Mo-Fr 13:00-17:00", zone="Europe/Berlin",
                       valid_from=clock.now.date(), note="")  # fmt: skip
        work.session.add(entry)
        await audit.record(work, "put on duty", entry)
    async with desk.look(CHATTER) as work:
        assert await chat.attended(work) == chat.Attended(now=False)
    clock.at("2026-03-09 14:00")
    waits = await begun(desk, secret="another")
    other = await begun(desk, "And mine?", secret="a third", address="")
    assert await tend_chats(desk) == 0
    clock.forward(minutes=6)
    assert [await tend_chats(desk), await tend_chats(desk)] == [2, 0]
    assert await written(desk, "chat-waits") == [("chat-waits", "cem@example.com")] * 2
    async with desk.work(CHATTER) as work:
        with pytest.raises(NotAccepted):
            await chat.leave(work, "a third", "")
    await wrote(desk, "4111 1111", "a third")
    await wrote(desk, "1111 1111", "a third")
    async with desk.work(CHATTER) as work:
        assert (
            await chat.leave(work, "a third", "dan@example.com")
        ).statement == "And mine?\n[card number left out]"
    clock.forward(minutes=55)
    assert await tend_chats(desk) == 1
    assert [(await row(desk, one)).ended_as for one in (waits, other)] == [ChatEnd.LEFT, ChatEnd.LEFT]
    async with desk.look(SYSTEM) as work:
        subjects = list(await work.session.scalars(select(Case.subject).order_by(Case.id)))
    assert subjects == ["Where is my chair?", "A cracked kettle", "And mine?", "Where is my chair?"]


async def test_chats_and_their_messages_are_bounded_and_need_an_approved_channel(
    desk: Desk, clock: Clock
) -> None:
    """S2-12.3: for each address they come from, for each chat, and for each address that is written to."""
    clock.at("2026-03-06 17:30")
    for place in range(policy.CHATS_OF_ONE_ADDRESS):
        await begun(desk, secret=f"secret {place}")
    with pytest.raises(TooOften):
        await begun(desk, secret="one more")
    last = await begun(desk, secret="elsewhere", came_from="192.0.2.8")
    assert (await row(desk, last)).case_id is not None
    assert len(await written(desk, "case-acknowledgement")) == policy.ACKNOWLEDGED_A_DAY
    clock.at("2026-03-09 10:00")
    await begun(desk)
    for place in range(policy.CHAT_MESSAGES_A_MINUTE):
        await wrote(desk, f"Line {place}")
    with pytest.raises(TooOften):
        await wrote(desk, "One more")
    async with desk.work(CHATTER) as work:
        with pytest.raises(NotAccepted):
            await chat.write(work, SECRET, "x" * 2001)
        with pytest.raises(WrongMoment):
            await chat.send(work, SECRET)
    async with desk.work(SYSTEM) as work:
        await channels.ensure_defaults(work)
    async with desk.work(MARA) as work:
        rule = (
            await work.session.scalars(select(ChannelRule).where(ChannelRule.channel == Channel.CHAT))
        ).one()
        await channels.change(work, rule, rule.version, approved=False, redirect="Please call us.")
    with pytest.raises(NotFound):
        await begun(desk, secret="not approved", came_from="192.0.2.9")


async def test_who_is_in_a_chat_goes_on_when_its_case_is_restricted_and_writes_down_what_has_ended(
    desk: Desk,
) -> None:
    """S3-5.1.2, S0-3.3.3"""
    chat_id = await begun(desk)
    await taken(desk, chat_id)
    async with desk.work(CHATTER) as work:
        await chat.stop(work, SECRET)
    _, contact_id = await walked(desk, chat_id)
    second = await begun(desk, secret="another")
    await taken(desk, second)
    _, about = await walked(desk, second)
    assert contact_id != about
    await opened(desk, CaseKind.INQUIRY, Channel.CHAT, contact_id=about, legal=True)
    await said(desk, second, "I go on.")
    async with desk.look(SAM) as work:
        assert [one.id for one in await chat.queue(work)] == []
    async with desk.work(CORA) as work:
        await chat.end(work, (await chat.load(work, second)).chat)
    async with desk.look(CORA) as work:
        assert [one.id for one in (await chat.ended(work)).rows] == [chat_id]


async def test_the_holder_of_its_contact_and_those_who_lead_take_a_chat_over(desk: Desk) -> None:
    chat_id = await begun(desk)
    await taken(desk, chat_id)
    await walked(desk, chat_id)

    async def takes(actor: Actor) -> int | None:
        await taken(desk, chat_id, actor)
        return (await row(desk, chat_id)).taken_by_id

    assert await takes(SAM) == SAM.person_id
    assert await takes(CORA) == CORA.person_id  # she holds the contact
    async with desk.work(SAM) as work:
        with pytest.raises(NotAllowed):
            await chat.say(work, (await chat.load(work, chat_id)).chat, "Hello")
