"""The review of a month: made once, frozen, noted on and signed. S0-6.1"""

import asyncio
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from jobs.review_month import review_month
from models import Amendment, Case, MonthReview, OrderLine, Person, Return, ReturnLine
from models.words import ErrorCause, ResolutionCode, ReturnReason
from portal.desk import audit, cases, evidence, month_reviews, order_figures
from portal.desk.evidence import Resolution
from portal.desk.evidence.compliance import month_of
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, SAM, Clock
from tests.desk import stories
from tests.shop import ordered
from tests.visits import Visitor


async def reviews(desk: Desk) -> list[MonthReview]:
    async with desk.look(SAM) as work:
        found = (await month_reviews.listed(work)).rows
        return [await month_reviews.load(work, one.id) for one in found]


async def test_when_a_month_turns_there_is_one_review_a_team_and_later_changes_move_nothing(
    desk: Desk, clock: Clock
) -> None:
    """On four replicas at once; a restricted case is in none of them."""
    async with desk.work(SYSTEM) as work:
        (await work.session.get_one(Person, CORA.person_id)).team = "Red"
        await audit.record(work, "name teams")
    case_id, flagged = await stories.opened(desk), await stories.opened(desk)
    async with desk.work(SYSTEM) as work:
        (await work.session.get_one(Case, flagged)).legal = True
        await audit.record(work, "flag")
    clock.now = datetime(2026, 3, 31, 23, 59, tzinfo=UTC)
    before = await review_month(desk)  # February's, of the desk as it was
    assert before == 2
    clock.now = datetime(2026, 4, 1, 0, 5, tzinfo=UTC)
    assert await review_month(desk) == 0
    clock.forward(minutes=5)
    assert sum(await asyncio.gather(*(review_month(desk) for _ in range(4)))) == 2
    assert await review_month(desk) == 0
    march = [one for one in await reviews(desk) if one.month.month == 3]
    assert sorted(one.team for one in march) == ["", "Red"]
    frozen = {"": Resolution(1, 0), "Red": Resolution(1, 0)}
    assert {one.team: evidence.read_month(one.figures).resolution for one in march} == frozen
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        await cases.resolve(
            work, case, code=ResolutionCode.CORRECTED, what_was_done="Mended.", actions=["Mended it."]
        )
    march = [one for one in await reviews(desk) if one.month.month == 3]
    assert {one.team: evidence.read_month(one.figures).resolution for one in march} == frozen


async def test_what_is_kept_reads_back_as_what_was_counted(desk: Desk, clock: Clock) -> None:
    case_id = await stories.opened(desk)
    await stories.resolved(desk, case_id)
    clock.now = datetime(2026, 4, 2, tzinfo=UTC)
    await review_month(desk)
    (review,) = [one for one in await reviews(desk) if one.month.month == 3]
    async with desk.look(SAM) as work:
        counted = await evidence.figures_of_month(work, evidence.Filters(*month_of(review.month)))
    assert evidence.read_month(review.figures) == counted


async def test_it_is_signed_with_notes_by_somebody_and_then_stays(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    clock.now = datetime(2026, 4, 2, tzinfo=UTC)
    await review_month(desk)
    (review,) = await reviews(desk)
    here, sam = f"/evidence/reviews/{review.id}", await visitor(SAM)
    unsigned = await sam.post(here, data={"version": "1", "notes": " ", "do": "sign"})
    told = "Say what the figures mean and what follows from them before you sign."
    assert (unsigned.status_code, told in unsigned.text) == (422, True)
    kept: dict[str, Any] = {"version": "1", "notes": "Quiet month.", "do": "keep"}
    assert (await sam.post(here, data=kept)).status_code == 303
    late = await sam.post(here, data={**kept, "notes": "Mine."})
    assert (late.status_code, "Mine." in late.text, "It now says: “Quiet month.”" in late.text) == (
        422,
        True,
        True,
    )
    assert (await sam.post(here, data={**kept, "version": "2", "do": "sign"})).status_code == 303
    page = (await sam.get(here)).text
    assert ("signed by Sam" in page, 'name="notes"' in page) == (True, False)
    again = await sam.post(here, data={**kept, "version": "3", "notes": "Other."})
    assert again.status_code == 409
    (signed,) = await reviews(desk)
    assert (signed.notes, signed.signed_by_id, signed.signed_at) == ("Quiet month.", SAM.person_id, clock.now)
    assert "signed by Sam" in (await sam.get("/evidence/reviews")).text
    assert (await (await visitor(CORA)).get(here)).status_code == 403


async def test_the_review_of_the_whole_desk_keeps_time_in_state_and_causes_the_most_frequent_first(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    """S1-6.1a, S1-6.1b, S0-6.2b"""
    order_id = (await ordered(desk)).id
    async with desk.work(SYSTEM) as work:
        (await work.session.get_one(Person, CORA.person_id)).team = "Red"
        told = {"before": {}, "after": {}, "fingerprint": "a", "made_at": work.now, "order_id": order_id}
        causes = [ErrorCause.MISTYPED] * 2 + [ErrorCause.WRONG_PRICE] * 5 + [None]
        for number, cause in enumerate(causes, start=2):
            work.session.add(Amendment(number=number, our_error=True, error_cause=cause, **told))
        work.session.add(Amendment(number=99, our_error=False, **told))
        line = (await work.session.scalars(select(OrderLine.id).limit(1))).one()
        for number, reason in enumerate(
            (ReturnReason.DAMAGED, ReturnReason.DAMAGED, ReturnReason.DAMAGED, ReturnReason.NOT_WANTED)
        ):
            back = ReturnLine(order_line_id=line, quantity=1, reason=reason)
            days = {"announced_at": work.now, "expected_by": work.now.date()}
            work.session.add(Return(number=f"HZ-{number}", order_id=order_id, lines=[back], **days))
        await audit.record(work, "place orders")
    clock.now = datetime(2026, 4, 2, tzinfo=UTC)
    await review_month(desk)
    march = {one.team: one for one in await reviews(desk) if one.month.month == 3}
    kept = month_reviews.orders_of(march[""])
    assert kept is not None
    assert [(one.source, one.code, one.times, round(one.running_percent, 1)) for one in kept.causes] == [
        ("amended", "wrong_price", 5, 45.5), ("returned", "damaged", 3, 72.7), ("amended", "mistyped", 2, 90.9),
        ("amended", "not_coded", 1, 100.0),
    ]  # fmt: skip
    async with desk.look(SAM) as work:
        assert kept.states == await order_figures.in_states(work, *month_of(march[""].month))
    assert sum(one.still + one.left for one in kept.states) > 0
    assert month_reviews.orders_of(march["Red"]) is None  # orders are of no team
    sam = await visitor(SAM)
    page = (await sam.get(f"/evidence/reviews/{march[''].id}")).text
    assert (
        page.index("Wrong price") < page.index("Damaged") < page.index("Mistyped") < page.index("Not coded")
    )
    assert "Wrong price" in (await sam.get("/orders/figures?month=2026-03")).text
