"""Nobody is forgotten: an escalation of which no notice went out is told again, or is a finding. S0-4, S3-5.2.2"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import select, update

from jobs.tell_again import tell_again
from models import AuditEntry, Escalation, Message, Person
from models.words import CaseKind, MessageStatus, Role, Severity
from portal.database import Database
from portal.desk import audit, duty, escalation, overview, policy, queues, sweep, unheard
from portal.desk.messages import Envelope, claim_due, dead, discard, sent
from portal.desk.work import SYSTEM, Actor, Desk, Letter, Work, plain_letter
from portal.letters import Letters
from tests.cast import CORA, FIN, MARA, SAM, TERMS, ZONE, Clock
from tests.desk import stories
from tests.house.counting import statements

MINUTES = policy.HEARD_WITHIN.total_seconds() / 60
BLIND = {"email": ""}
MOST_STATEMENTS = 9
"""One look, the cases held, three to know how each was told, the rota and two to find people, the letters, the trail."""


@pytest.fixture
async def desk(desk: Desk) -> Desk:
    """Real letters: in a notice of several cases their numbers have to stand."""
    desk.writer = Letters()
    return desk


async def handed_up(desk: Desk, kind: CaseKind = CaseKind.INQUIRY, **given: Any) -> int:
    """Let Cora hand a case up: an inquiry to Sam, a payment issue to Fin."""
    case_id = await stories.opened(desk, kind, **given)
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        await escalation.raise_by_hand(
            work, case, "Beyond me.", severity=Severity.HIGH, in_spite_of_gaps="It is urgent."
        )
    return case_id


async def of_case(work: Work, case_id: int) -> Escalation:
    return (await work.session.scalars(select(Escalation).where(Escalation.case_id == case_id))).one()


async def change(desk: Desk, actor: Actor, **values: Any) -> None:
    async with desk.work(SYSTEM) as work:
        chosen = update(Person).where(Person.id == actor.person_id).values(**values)
        await work.session.execute(chosen, execution_options={"audited": True})
        await audit.record(work, "change a person")


async def notices_of(desk: Desk) -> list[tuple[str, str]]:
    """Every notice of an escalation as (to whom, what became of it), in order."""
    async with desk.look(SYSTEM) as work:
        rows = await work.session.scalars(
            select(Message).where(Message.template == "escalation-notice").order_by(Message.id)
        )
        return [(one.to_name, one.status.value) for one in rows]


async def post(desk: Desk, *, taken: bool, only: Sequence[str] = ()) -> None:
    """Let the mail server take what waits, or refuse it for good; `only` what goes to these people."""
    async with desk.work(SYSTEM) as work:
        for envelope in await claim_due(work, "post", 1000):
            if only and envelope.to_name not in only:
                await _release(work, envelope)
            elif taken:
                await sent(work, envelope)
            else:
                await dead(work, envelope, "550 No such mailbox")


async def _release(work: Work, envelope: Envelope) -> None:
    back = update(Message).where(Message.id == envelope.id).values(claimed_until=None, claimed_by="")
    await work.session.execute(back, execution_options={"audited": True})
    await audit.record(work, "put back")


async def findings(desk: Desk, actor: Actor = MARA) -> tuple[int, list[int]]:
    """What stands on somebody's desk, and the cases it leads to."""
    async with desk.look(actor) as work:
        figures = (await overview.my_desk(work)).figures
        listed = await queues.escalations(work, nobody_told=True)
        return figures["nobody told"], [row.case.id for row in listed.rows]


async def test_a_notice_that_went_out_is_enough(desk: Desk, clock: Clock) -> None:
    await handed_up(desk)
    await post(desk, taken=True)
    clock.forward(days=3)
    assert await tell_again(desk) == 0
    assert await notices_of(desk) == [("Sam", "sent")]
    assert await findings(desk) == (0, [])


async def test_a_dead_letter_is_told_again_once_to_each_circle(desk: Desk, clock: Clock) -> None:
    """On duty, then everybody of the role, then the managers, then it is a finding."""
    await change(desk, CORA, roles=("representative", "supervisor"))
    async with desk.work(MARA) as work:
        await duty.put_on(work, Role.SUPERVISOR, SAM.person_id or 0, "24/7", ZONE, clock.now.date())
    case_id = await handed_up(desk)
    seen, written = [await notices_of(desk)], 1
    for _ in range(5):
        await post(desk, taken=False)
        clock.forward(minutes=MINUTES, seconds=-1)
        assert await tell_again(desk) == 0  # not before it is time
        clock.forward(seconds=1)
        await tell_again(desk)
        assert await tell_again(desk) == 0  # and once
        seen.append((await notices_of(desk))[written:])
        written += len(seen[-1])
    waits = "queued"
    assert seen == [
        [("Sam", waits)],
        [("Sam", waits)],
        [("Cora", waits), ("Sam", waits)],
        [("Mara", waits)],
        [],
        [],
    ]
    assert await findings(desk) == (1, [case_id])
    assert await stories.trail(desk, "tell of escalation again", "find nobody to tell") == [
        ("tell of escalation again", "Handrail", "escalations/1"),
        ("tell of escalation again", "Handrail", "escalations/1"),
        ("tell of escalation again", "Handrail", "escalations/1"),
        ("find nobody to tell", "Handrail", "untold escalations/1"),
    ]


async def test_the_second_telling_may_be_heard(desk: Desk, clock: Clock) -> None:
    await handed_up(desk)
    await post(desk, taken=False)
    clock.forward(minutes=MINUTES)
    assert await tell_again(desk) == 1
    await post(desk, taken=True)
    clock.forward(days=1)
    assert await tell_again(desk) == 0
    assert await notices_of(desk) == [("Sam", "dead"), ("Sam", "sent")]


async def test_a_discarded_notice_was_not_heard(desk: Desk, clock: Clock) -> None:
    await handed_up(desk)
    async with desk.work(SAM) as work:
        await discard(work, (await work.session.scalars(select(Message))).one())
    clock.forward(minutes=MINUTES)
    assert await tell_again(desk) == 1
    assert await notices_of(desk) == [("Sam", "discarded"), ("Sam", "queued")]


async def test_a_letter_that_waits_too_long_widens_the_circle_and_is_not_doubled(
    desk: Desk, clock: Clock
) -> None:
    """No mail server answers: Sam's letter waits still, so the managers get one."""
    await handed_up(desk)
    clock.forward(minutes=MINUTES)
    assert await tell_again(desk) == 1
    assert await notices_of(desk) == [("Sam", "queued"), ("Mara", "queued")]
    clock.forward(minutes=MINUTES)
    assert await tell_again(desk) == 1
    assert await notices_of(desk) == [("Sam", "queued"), ("Mara", "queued")]
    assert (await findings(desk))[0] == 1
    await post(desk, taken=True)
    assert (await findings(desk))[0] == 0


async def test_a_role_that_nobody_holds_is_told_to_the_managers_again(desk: Desk, clock: Clock) -> None:
    await change(desk, FIN, active=False)
    await handed_up(desk, CaseKind.PAYMENT_ISSUE)
    await post(desk, taken=False)
    clock.forward(minutes=MINUTES)
    assert await tell_again(desk) == 1
    assert await notices_of(desk) == [("Mara", "dead"), ("Mara", "queued")]


async def test_without_an_address_in_the_role_the_managers_are_told(desk: Desk, clock: Clock) -> None:
    """Nothing was written at all when it was handed up."""
    await change(desk, FIN, **BLIND)
    await handed_up(desk, CaseKind.PAYMENT_ISSUE)
    assert await notices_of(desk) == []
    clock.forward(minutes=MINUTES)
    assert await tell_again(desk) == 1
    assert await notices_of(desk) == [("Mara", "queued")]


async def test_nobody_at_all_is_a_finding_until_somebody_can_be_told(desk: Desk, clock: Clock) -> None:
    for actor in (FIN, MARA):
        await change(desk, actor, **BLIND)
    case_id = await handed_up(desk, CaseKind.PAYMENT_ISSUE)
    assert await findings(desk) == (0, [])
    clock.forward(minutes=MINUTES)
    assert [await tell_again(desk), await tell_again(desk)] == [1, 0]  # found once
    assert await findings(desk) == (1, [case_id])
    assert await findings(desk, SAM) == (1, [case_id])
    await change(desk, FIN, email="fin@example.com")
    clock.forward(minutes=1)
    assert [await tell_again(desk), await tell_again(desk)] == [1, 0]
    await post(desk, taken=True)
    assert await notices_of(desk) == [("Fin", "sent")]
    assert await findings(desk) == (0, [])


async def test_what_somebody_has_in_hand_or_is_over_is_told_to_nobody(desk: Desk, clock: Clock) -> None:
    accepted, returned, over, left = [await handed_up(desk) for _ in range(4)]
    await post(desk, taken=False)
    async with desk.work(SAM) as work:
        await escalation.accept(work, await of_case(work, accepted))
        await escalation.hand_back(work, await of_case(work, returned), "Cora knows the answer.")
    await stories.resolved(desk, over, SAM)
    clock.forward(minutes=MINUTES)
    assert await tell_again(desk) == 1
    async with desk.look(SYSTEM) as work:
        told = await work.session.scalars(
            select(Message.case_id).where(
                Message.template == "escalation-notice", Message.status == MessageStatus.QUEUED
            )
        )
        assert list(told) == [left]


async def test_one_letter_names_all_and_a_sent_one_is_known_by_the_numbers_in_it(
    desk: Desk, clock: Clock
) -> None:
    """Sam gets one letter for three cases; the one of another sweep does not count for them, nor theirs for it."""
    await change(desk, FIN, **BLIND)
    ids = [await stories.opened(desk, CaseKind.ORDER_ERROR) for _ in range(3)]
    other = await stories.opened(desk, CaseKind.PAYMENT_ISSUE)
    clock.forward(hours=7)
    async with desk.work(SYSTEM) as work:
        await sweep.act_on_due(work, 100)
    assert await notices_of(desk) == [("Sam", "queued")]
    await post(desk, taken=False)
    clock.forward(minutes=MINUTES)
    assert await tell_again(desk) == 4
    assert await notices_of(desk) == [("Sam", "dead"), ("Sam", "queued"), ("Mara", "queued")]
    await post(desk, taken=True, only=["Sam"])
    clock.forward(minutes=MINUTES)
    desk.kept.clear()  # as a process that starts
    assert await tell_again(desk) == 1  # of the payment issue Mara's letter waits still
    assert await findings(desk) == (1, [other])
    numbers = {(await stories.seen(desk, one)).number for one in ids}
    named = await stories.named(desk, "escalation-notice")
    assert {key[1] for key in named if key[0] == "sam@example.com"} == numbers
    assert {key[0] for key in named if key[1] not in numbers} == {"mara@example.com"}


async def test_a_hidden_case_is_told_to_managers_alone(desk: Desk, clock: Clock) -> None:
    """S3-5.1.2"""
    await stories.opened(desk, legal=True)
    await post(desk, taken=False)
    for _ in range(4):
        clock.forward(minutes=MINUTES)
        await tell_again(desk)
        await post(desk, taken=False)
    told = await notices_of(desk)
    assert {name for name, _ in told} == {"Mara"}
    assert (await findings(desk))[0] == 1
    assert await findings(desk, SAM) == (0, [])


async def test_two_replicas_at_once_tell_once(desk: Desk, database: str, clock: Clock) -> None:
    for _ in range(12):
        await handed_up(desk)
    await post(desk, taken=False)
    clock.forward(minutes=MINUTES)
    others = [Desk(Database(database), TERMS, clock, Letters()) for _ in range(3)]
    acted = await asyncio.gather(*(tell_again(one) for one in (desk, *others)))
    for one in others:
        await one.database.close()  # type: ignore[attr-defined]  # a Database of the portal
    assert sum(acted) == 12
    numbers = await stories.named(desk, "escalation-notice")
    assert set(numbers.values()) == {2}  # when it was handed up, and again
    async with desk.look(SYSTEM) as work:
        told = await work.session.scalars(
            select(AuditEntry.subject_id).where(AuditEntry.deed == "tell of escalation again")
        )
        assert sorted(map(int, told)) == list(range(1, 13))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_who_comes_while_another_replica_is_at_it_leaves_it_alone(
    desk: Desk, database: str, clock: Clock
) -> None:
    """On SQLite there is one writer, and the second waits for the first."""
    await handed_up(desk)
    await post(desk, taken=False)
    clock.forward(minutes=MINUTES)
    opened = Database(database)
    other = Desk(opened, TERMS, clock, Letters())
    async with desk.look(SYSTEM) as look:
        ids = await unheard.waiting(look)
    async with desk.work(SYSTEM) as first:
        acted = [await unheard.tell_again(first, ids)]
        async with other.work(SYSTEM) as second, asyncio.timeout(5):
            acted.append(await unheard.tell_again(second, ids))
    async with other.work(SYSTEM) as second:
        acted.append(await unheard.tell_again(second, ids))
    await opened.close()
    assert (ids, acted) == ([1], [1, 0, 0])


async def test_a_letter_that_cannot_be_written_stops_no_other(desk: Desk, clock: Clock) -> None:
    broken, whole = await handed_up(desk, subject="Broken"), await handed_up(desk)
    await post(desk, taken=False)
    clock.forward(minutes=MINUTES)

    def writer(template: str, language: str, facts: Mapping[str, Any]) -> Letter:
        if "Broken" in str(facts):
            raise ValueError("This letter cannot be written.")
        return plain_letter(template, language, facts)

    desk.writer = writer
    assert await tell_again(desk) == 1
    desk.writer = Letters()
    clock.forward(minutes=1)
    assert await tell_again(desk) == 1  # the next run comes back to it
    async with desk.look(SYSTEM) as work:
        told = await work.session.scalars(
            select(Message.case_id)
            .where(Message.template == "escalation-notice", Message.status == MessageStatus.QUEUED)
            .order_by(Message.id)
        )
        assert list(told) == [whole, broken]


@pytest.mark.parametrize("count", [1, 15])
async def test_the_statements_do_not_grow_and_an_idle_look_is_one(
    desk: Desk, clock: Clock, count: int
) -> None:
    for _ in range(count):
        await handed_up(desk)
    await post(desk, taken=False)
    clock.forward(minutes=MINUTES)
    database: Any = desk.database
    with statements(database) as acting:
        assert await tell_again(desk) == count
    with statements(database) as idle:
        assert await tell_again(desk) == 0
    assert (len(acting), [one.split()[0] for one in idle]) == (MOST_STATEMENTS, ["SELECT"])
