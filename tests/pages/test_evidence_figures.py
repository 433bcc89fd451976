"""How soon contacts are greeted, and how often we mend our own mistakes. S0-3.1.1a, S0-0.7"""

from datetime import date, timedelta
from typing import Any

import pytest

from models import Amendment, Contact, Order, Return
from models.words import CaseKind, Channel, ReturnStatus, Situation
from portal.desk import audit, cases, evidence, sweep
from portal.desk.errors import NotAllowed
from portal.desk.evidence import Corrected, Filters, Greeting, Went
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, SAM, START, Clock
from tests.desk import stories
from tests.visits import Visitor

MARCH: dict[str, Any] = {"since": date(2026, 3, 1), "until": date(2026, 3, 31)}


async def greeted(desk: Desk, *waits: float | None, **told: Any) -> None:
    """Contacts that waited so many seconds for their greeting; None for one that never got any."""
    async with desk.work(SYSTEM) as work:
        for number, wait in enumerate(waits):
            begun = told.get("started_at", START)
            row = {"channel": Channel.PHONE, "taken_by_id": CORA.person_id, "started_at": begun, **told}
            at = None if wait is None else begun + timedelta(seconds=wait)
            name = f"{told.get('channel', '')}{told.get('team', '')}{begun:%j}{told.get('situation', '')}"
            work.session.add(Contact(number=f"HT-{name}-{number}"[:32], greeted_at=at, **row))
        await audit.record(work, "take contacts")


async def soon(desk: Desk, **asked: Any) -> Greeting | None:
    async with desk.look(SAM) as work:
        return await evidence.until_greeting(work, Filters(**{**MARCH, **asked}))


async def test_half_and_nine_in_ten_are_told_of_those_that_were_greeted(desk: Desk) -> None:
    """S0-3.1.1a: the nearest rank, over all that were greeted."""
    assert await soon(desk) is None
    await greeted(desk, 7)
    assert await soon(desk) == Greeting(1, 7, 7)
    await greeted(desk, *(2.4, 3.6, 5, 8, 13, 21, 34, 55, 90), None, team="Red")
    assert await soon(desk) == Greeting(10, 8, 55)


async def test_the_figure_follows_month_channel_team_and_script(desk: Desk) -> None:
    await greeted(desk, 10, 10)
    await greeted(desk, 20, channel=Channel.CHAT)
    await greeted(desk, 30, team="Red")
    await greeted(desk, 40, situation=Situation.ORDER)
    await greeted(desk, 50, started_at=START - timedelta(days=20))
    assert {
        "all": await soon(desk),
        "chat": await soon(desk, channel=Channel.CHAT),
        "red": await soon(desk, team="Red"),
        "order": await soon(desk, script="order"),
        "opening": await soon(desk, script="opening"),
        "february": await soon(desk, since=date(2026, 2, 1), until=date(2026, 2, 28)),
        "mail": await soon(desk, channel=Channel.EMAIL),
    } == {
        "all": Greeting(5, 20, 40), "chat": Greeting(1, 20, 20), "red": Greeting(1, 30, 30),
        "order": Greeting(1, 40, 40), "opening": Greeting(5, 20, 40), "february": Greeting(1, 50, 50), "mail": None,
    }  # fmt: skip


async def test_two_of_ten_orders_corrected_for_our_mistake_are_a_fifth(desk: Desk, visitor: Visitor) -> None:
    """S0-0.7"""
    async with desk.work(SYSTEM) as work:
        orders = [Order(number=f"HR-{n}", channel=Channel.PHONE, placed_at=work.now) for n in range(10)]
        orders.append(Order(number="HR-old", channel=Channel.CHAT, placed_at=work.now - timedelta(days=9)))
        work.session.add_all(orders)
        await work.session.flush()
        for place, number, ours in ((0, 2, True), (0, 3, True), (1, 2, True), (2, 2, False), (10, 2, True)):
            told = {"before": {}, "after": {}, "fingerprint": "a", "made_at": work.now, "our_error": ours}
            work.session.add(Amendment(order_id=orders[place].id, number=number, **told))
        for place, status in (
            (3, ReturnStatus.EXPECTED),
            (3, ReturnStatus.SETTLED),
            (4, ReturnStatus.CANCELLED),
        ):
            ended = None if status is ReturnStatus.EXPECTED else work.now
            row = Return(
                number=f"HZ-{place}-{status}", order_id=orders[place].id, status=status, announced_at=work.now
            )
            row.expected_by, row.ended_at = work.now.date(), ended
            work.session.add(row)
        await audit.record(work, "place orders")
    async with desk.look(SAM) as work:
        found = await evidence.corrected(work, Filters(**MARCH))
        assert found == Corrected(10, 2, 1)
        assert (found.percent, found.returned_percent) == (20, 10)
        assert await evidence.corrected(work, Filters(**MARCH, channel=Channel.CHAT)) is None
    page = (await (await visitor(SAM)).get("/evidence")).text
    assert "<strong>2</strong> (20.0 %) had to be corrected for a mistake of ours," in page
    assert "<strong>1</strong> (10.0 %) something was sent back." in page
    assert "mistake of ours" not in (await (await visitor(SAM)).get("/evidence?script=order")).text


async def test_inquiries_solved_in_their_time_and_cases_taken_up_again_are_rates(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    """S3-3.2.3, S0-0.7: by what the clocks wrote down; what was late once stays late, and what still runs is left out."""
    soon, again, late, running = [await stories.opened(desk, CaseKind.INQUIRY) for _ in range(4)]
    complaint = await stories.opened(desk)
    clock.forward(hours=2)
    for case_id in (soon, again, complaint):
        await stories.resolved(desk, case_id)
    async with desk.work(CORA) as work:
        await cases.reopen(work, await stories.the_case(work, again), "It was not.")
        await cases.ask_customer(work, await stories.the_case(work, running), "Which one?")
    clock.forward(hours=23)
    async with desk.work(SYSTEM) as work:
        await sweep.act_on_due(work, 100)
    await stories.resolved(desk, late)
    clock.forward(hours=2)
    await stories.resolved(desk, again)
    async with desk.look(SAM) as work:
        assert await evidence.cases_went(work, Filters(**MARCH)) == Went(5, 1, 3, 1)
        assert await evidence.cases_went(work, Filters(**MARCH, channel=Channel.CHAT)) is None
        assert await evidence.cases_went(work, Filters(**MARCH, team="Red")) is None
    page = " ".join((await (await visitor(SAM)).get("/evidence")).text.split())
    assert "Of 5 cases opened, <strong>1</strong> (20.0 %) was taken up again." in page
    assert "solved, <strong>1</strong> (33.3 %) was solved within the time that the policy gave." in page


async def test_the_page_says_how_soon(desk: Desk, visitor: Visitor) -> None:
    sam = await visitor(SAM)
    assert "heard the greeting" not in (await sam.get("/evidence")).text
    await greeted(desk, 4, 9)
    page = " ".join((await sam.get("/evidence")).text.split())
    assert "Half of 2 greeted contacts heard the greeting within <strong>4 s</strong>, nine in ten" in page


async def test_figures_are_for_those_who_see_the_evidence(desk: Desk) -> None:
    async with desk.look(CORA) as work:
        with pytest.raises(NotAllowed):
            await evidence.until_greeting(work, Filters(**MARCH))
        with pytest.raises(NotAllowed):
            await evidence.corrected(work, Filters(**MARCH))
        with pytest.raises(NotAllowed):
            await evidence.cases_went(work, Filters(**MARCH))
