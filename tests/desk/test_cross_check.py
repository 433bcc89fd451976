"""What stands beside a new order: the customer's open cases, as far as whoever asks may see them. S1-4.2.2"""

from typing import Any

import pytest
from sqlalchemy import select

from models import Case, VerificationNeed
from models.words import CaseKind, DeadlineKind, SensitiveDeed
from portal.database import Database
from portal.desk import audit, open_cases
from portal.desk.verification import rules
from portal.desk.work import Actor, Desk
from tests.cast import ADA, ANA, CORA, FIN, MARA
from tests.desk.callers import another_customer
from tests.desk.coming_back import called, number_of, send, shown
from tests.desk.stories import opened, resolved
from tests.house.counting import statements
from tests.shop import CHAIR, of_lines, ordered, stocked

Told = list[tuple[str, CaseKind, str, list[DeadlineKind]]]


async def comparing(desk: Desk, *, actor: Actor = CORA, verified: bool = True) -> int:
    """A contact that takes an order of Ana's, up to what it is compared with."""
    await stocked(desk)
    intake_id = await called(desk, actor=actor, verified=verified, about="order")
    if actor is CORA:
        await send(desk, intake_id, "lines", **{"product-1": str(CHAIR), "quantity-1": "1"})
    return intake_id


async def beside(desk: Desk, intake_id: int, actor: Actor = CORA) -> open_cases.Beside:
    found: Any = (await shown(desk, intake_id, "cross_check", actor))["cases"]
    assert isinstance(found, open_cases.Beside)
    return found


def told(found: open_cases.Beside) -> Told:
    return [
        (one.case.number, one.case.kind, one.case.subject, [clock.kind for clock in one.clocks])
        for one in found.shown
    ]


async def test_the_open_cases_of_the_customer_stand_beside_the_order_with_what_is_owed_next(
    desk: Desk,
) -> None:
    """S1-4.2.2"""
    theirs, over = await opened(desk), await opened(desk, CaseKind.INQUIRY, subject="A question")
    await resolved(desk, over)
    await opened(desk, customer_id=await another_customer(desk))
    found = await beside(desk, await comparing(desk))
    owed = [DeadlineKind.ANSWER, DeadlineKind.RESOLVE, DeadlineKind.UPDATE]
    assert told(found) == [
        (await number_of(desk, theirs), CaseKind.COMPLAINT, "A cracked kettle", owed),
    ]
    assert (found.more, found.counted_out) == (0, True)


async def test_a_restricted_case_stands_beside_no_order_and_in_no_number(desk: Desk) -> None:
    """S3-5.1.2"""
    plain = [await opened(desk) for _ in range(open_cases.BESIDE)]
    secret = await opened(desk, legal=True)
    found = await beside(desk, await comparing(desk))
    assert ([one.case.id for one in found.shown], found.more) == (plain[::-1], 0)
    theirs = await beside(desk, await comparing(desk, actor=MARA), MARA)
    assert ([one.case.id for one in theirs.shown], theirs.more) == ([secret, *plain[:0:-1]], 1)


@pytest.mark.parametrize("secret", [False, True])
async def test_what_is_kept_of_the_customer_tells_nothing_of_a_restricted_case(
    desk: Desk, *, secret: bool
) -> None:
    """The step does not come for whoever has neither ordered before nor an open case that all may see."""
    await opened(desk, regulatory=secret)
    for actor in (CORA, MARA):
        async with desk.look(actor) as work:
            assert await open_cases.any_told_to_all(work, ANA) is not secret


async def test_open_cases_stay_covered_until_the_caller_is_verified_as_the_policy_asks(desk: Desk) -> None:
    """S2-2.7, decision 18"""
    await opened(desk)
    await ordered(desk, of_lines((CHAIR, 1)))
    unverified = await shown(desk, await comparing(desk, verified=False), "cross_check")
    assert (unverified["covered"], unverified["last_orders"]) == (True, [])
    assert unverified["cases"] == open_cases.Beside()
    intake_id = await comparing(desk)
    assert len(told(await beside(desk, intake_id))) == 1
    async with desk.work(ADA) as work:
        await rules.ensure_defaults(work)
    async with desk.work(ADA) as work:
        need = (
            await work.session.scalars(
                select(VerificationNeed).where(VerificationNeed.deed == SensitiveDeed.SEE_DETAILS)
            )
        ).one()
        await rules.change_need(work, need, need.version, strength=2)
    stronger = await shown(desk, intake_id, "cross_check")
    assert (stronger["covered"], stronger["cases"]) == (True, open_cases.Beside())


async def test_who_may_see_no_such_case_is_told_of_none(desk: Desk) -> None:
    """Decision 17"""
    await opened(desk)
    async with desk.look(FIN) as work:
        assert await open_cases.beside(work, ANA) == open_cases.Beside()


async def test_more_cases_are_counted_as_far_as_lists_count(desk: Desk) -> None:
    """The statements stay the same for six cases and for a hundred."""
    assert isinstance(desk.database, Database)
    for _ in range(open_cases.BESIDE + 1):
        await opened(desk)
    async with desk.look(CORA) as work:
        with statements(desk.database) as few:
            found = await open_cases.beside(work, ANA)
    assert (len(found.shown), found.more, found.counted_out) == (open_cases.BESIDE, 1, True)
    async with desk.work(MARA) as work:
        like = await work.session.scalar(select(Case).order_by(Case.id).limit(1))
        assert like is not None
        kept = {one.name: getattr(like, one.name) for one in Case.__table__.columns if one.name != "id"}
        for number in range(100):
            work.session.add(Case(**{**kept, "number": f"HC-26-9{number:05d}-0"}))
        await audit.record(work, "open cases", like)
    async with desk.look(CORA) as work:
        with statements(desk.database) as many:
            found = await open_cases.beside(work, ANA)
    assert (len(found.shown), found.more, found.counted_out) == (open_cases.BESIDE, 95, False)
    assert len(many) == len(few)
