"""The review of a month: made once, frozen, noted on and signed. S0-6.1"""

import asyncio
from datetime import UTC, datetime
from typing import Any

from jobs.review_month import review_month
from models import Case, MonthReview, Person
from models.words import ResolutionCode
from portal.desk import audit, cases, evidence, month_reviews
from portal.desk.evidence import Resolution
from portal.desk.evidence.compliance import month_of
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, SAM, Clock
from tests.desk import stories
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
