"""What is due first: each case keeps the moment, whatever happens to its clocks, and lists go on by it."""

import re
from collections.abc import Awaitable, Callable

from sqlalchemy import func, select

from models import Case, Deadline
from models.words import DeadlineKind
from portal.desk import cases, due, queues
from portal.desk.backlog import CaseQueue
from portal.desk.work import Desk, Work
from tests.cast import CORA, MARA, Clock
from tests.desk.stories import opened
from tests.scene import busy_monday
from tests.visits import Visitor


async def untrue(desk: Desk) -> list[str]:
    """The cases that keep another moment than their clocks tell."""
    told = (
        select(func.min(Deadline.due_at))
        .where(
            Deadline.case_id == Case.id,
            Deadline.cycle == Case.cycle,
            Deadline.kind != DeadlineKind.ESCALATE,
            due.still_to_do(),
        )
        .scalar_subquery()
    )
    async with desk.look(MARA) as work:
        rows = await work.session.execute(select(Case.number, Case.due_at, told).order_by(Case.id))
        return [number for number, kept, clocks in rows if kept != clocks]


async def test_a_case_keeps_the_moment_its_clocks_tell(desk: Desk, clock: Clock) -> None:
    await busy_monday(desk, clock)
    assert await untrue(desk) == []
    case_id = await opened(desk)
    kept = []

    async def note() -> None:
        async with desk.look(CORA) as work:
            kept.append((await queues.case_of(work, case_id)).due_at is not None)
        assert await untrue(desk) == []

    await note()
    deeds: tuple[Callable[[Work, Case], Awaitable[None]], ...] = (
        lambda work, case: cases.ask_customer(work, case, "Which colour?"),
        lambda work, case: cases.customer_answered(work, case, "Blue."),
        lambda work, case: cases.answer(work, case, "It leaves today."),
        lambda work, case: cases.cancel(work, case, "Asked for twice."),
        lambda work, case: cases.reopen(work, case, "Not twice after all."),
    )
    for deed in deeds:
        clock.forward(minutes=5)
        async with desk.work(CORA) as work:
            await deed(work, await queues.case_of(work, case_id))
        await note()
    assert kept == [True, False, True, True, False, True]


async def test_open_cases_go_on_where_the_page_ended_and_those_that_stand_still_come_last(
    desk: Desk, clock: Clock
) -> None:
    ids = []
    for _ in range(5):
        ids.append(await opened(desk))
        clock.forward(minutes=1)
    for still in (ids[0], ids[3]):
        async with desk.work(CORA) as work:
            await cases.ask_customer(work, await queues.case_of(work, still), "Which colour?")
    seen, place = [], ""
    for _ in range(5):
        async with desk.look(CORA) as work:
            page = await queues.cases(work, CaseQueue.MINE, before=place, limit=1)
        seen += [row.case.id for row in page.rows]
        place = page.older
    assert (seen, place) == ([ids[1], ids[2], ids[4], ids[0], ids[3]], "")


async def test_a_place_made_up_by_hand_begins_at_the_top(desk: Desk, clock: Clock, visitor: Visitor) -> None:
    await busy_monday(desk, clock)
    cora = await visitor(CORA)
    top = re.findall(r'data-href="([^"]+)"', (await cora.get("/cases?show=team")).text)
    for made_up in ("still~x", "still~", "~", "x~1", "still~-1~"):
        answer = await cora.get("/cases", params={"show": "team", "before": made_up})
        assert (answer.status_code, re.findall(r'data-href="([^"]+)"', answer.text)) == (200, top)
    far = await cora.get("/cases", params={"show": "team", "before": f"still~{9 * 10**30}"})
    assert (far.status_code, "No case here." in far.text) == (200, True)
