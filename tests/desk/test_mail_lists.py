"""The lists of mail, and what people do with it: seen by those who may, set aside with a reason. S2-12.2"""

import pytest
from sqlalchemy import func, select

from models import Intake, MailFile
from models.words import (
    CaseStatus,
    MailStatus,
)
from portal.database import Database
from portal.desk import audit, escalation, mail
from portal.desk.errors import NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.mail import Arrived, MailQueue
from portal.desk.work import SYSTEM, Desk
from tests.cast import CEM, CORA, FIN, MARA, Clock
from tests.desk.stories import the_case
from tests.house.counting import statements
from tests.mails import BOX, VALIDITY, arrives, case_of, row, written


async def test_mail_is_set_aside_or_walked_with_a_reason_and_by_those_who_may(
    desk: Desk, clock: Clock
) -> None:
    """S2-12.2, S2-2.1, S3-5.1.2: nobody is verified by an address; a restricted case hides its mail."""
    first, second, third = [await arrives(desk, written(f"No {one}"), clock.now) for one in range(3)]
    assert first
    assert second
    assert third
    async with desk.work(CORA) as work:
        intake_id = await mail.begin_contact(work, (await mail.load(work, first)).mail)
    async with desk.look(CORA) as work:
        begun = await work.session.get_one(Intake, intake_id)
        assert begun.answers == {"notes": {"notes": "Opening hours\n\nNo 0"}}
    with pytest.raises(NotAccepted):
        async with desk.work(CORA) as work:
            await mail.set_aside(work, (await mail.load(work, second)).mail, " ")
    async with desk.work(CORA) as work:
        await mail.set_aside(work, (await mail.load(work, second)).mail, "An advertisement.")
    aside = await row(desk, second)
    assert (aside.status, aside.because, aside.handled_by_id) == (
        MailStatus.SET_ASIDE, "An advertisement.", CORA.person_id,
    )  # fmt: skip
    assert (await case_of(desk, second)).status is CaseStatus.CANCELLED
    with pytest.raises(WrongMoment):
        async with desk.work(CORA) as work:
            await mail.take_on(work, (await mail.load(work, second)).mail)
    async with desk.work(MARA) as work:
        case = await the_case(work, (await row(desk, third)).case_id or 0)
        await escalation.restrict(work, case, "A lawyer writes.", legal=True, regulatory=False)
        await audit.record(work, "restrict case", case)
    async with desk.look(CEM) as work:
        assert [one.mail.id for one in (await mail.mails(work, MailQueue.ALL)).rows] == [second, first]
        assert await mail.counts(work) == {MailQueue.TO_ANSWER: 1, MailQueue.NOT_TAKEN: 1}
        with pytest.raises(NotFound):
            await mail.load(work, third)
    async with desk.look(MARA) as work:
        assert (await mail.load(work, third)).mail.id == third
    async with desk.look(FIN) as work:
        with pytest.raises(NotAllowed):
            await mail.mails(work, MailQueue.ALL)


async def test_what_cannot_be_taken_in_is_rejected_and_the_place_moves_on(desk: Desk, clock: Clock) -> None:
    arrived = Arrived(9, VALIDITY, 5, clock.now, b"hm")
    async with desk.work(SYSTEM) as work:
        await mail.reject(work, BOX, arrived, None, "Nobody can read it.")
    async with desk.work(SYSTEM) as work:
        assert await mail.reject(work, BOX, arrived, None, "Nobody can read it.") is None
        await mail.skip(work, BOX, VALIDITY, 8)
    async with desk.look(CORA) as work:
        assert [
            (one.mail.subject, one.mail.because) for one in (await mail.mails(work, MailQueue.NOT_TAKEN)).rows
        ] == [("(unreadable)", "Nobody can read it.")]
        assert [await mail.place_of(work, BOX, one) for one in (VALIDITY, VALIDITY + 1)] == [9, 0]
        assert await work.session.scalar(select(func.count()).select_from(MailFile)) == 0


async def test_the_lists_are_paged_and_take_as_many_statements_for_many(desk: Desk, clock: Clock) -> None:
    """S2-12.2: what waits the longest comes first; the rest newest first."""
    assert isinstance(desk.database, Database)
    ids = [await arrives(desk, written(sender="c@example.com"), clock.forward(minutes=1)) for _ in range(3)]
    aside = [await arrives(desk, written(precedence="bulk"), clock.forward(minutes=1)) for _ in range(3)]
    for queue, all_of_it in (
        (MailQueue.TO_ANSWER, ids),
        (MailQueue.NOT_TAKEN, aside[::-1]),
        (MailQueue.ALL, [*aside[::-1], *ids[::-1]]),
    ):
        found: list[int] = []
        older, counted = "", set()
        while not found or older:
            async with desk.look(CORA) as work:
                with statements(desk.database) as said:
                    page = await mail.mails(work, queue, before=older, limit=2)
            counted.add(len(said))
            found += [one.mail.id for one in page.rows]
            older = page.older
        assert (found, counted) == (all_of_it, {1})
