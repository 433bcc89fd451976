"""What a month came to: cases asked after, low scores acted on, and orders by age. S3-12.2.1, S0-3.7.2, S1-3.4a"""

import re
from collections.abc import Iterable
from datetime import date

import pytest

from models import Feedback, FollowUp
from models.words import FeedbackKind, OrderStatus
from portal.desk import audit, backlog, evidence, feedback, followups, links, queues
from portal.desk.backlog import OrderAge, OrderQueue
from portal.desk.errors import NotAllowed
from portal.desk.evidence import Acted, After, Filters, TeamAfter
from portal.desk.links import Purpose
from portal.desk.solved import Asked
from portal.desk.work import CUSTOMER, SYSTEM, Desk
from tests.cast import ANA, CEM, CORA, FIN, MARA, SAM, Clock
from tests.desk import stories
from tests.shop import ADVICE, led_to, of_lines
from tests.visits import Visitor

MARCH = Filters(date(2026, 3, 1), date(2026, 3, 31))


async def asked_after(desk: Desk, cases: Iterable[int], asked: Asked = Asked.HOLDS) -> None:
    checks = {one.case_id: one.id for one in await stories.planned(desk)}
    for case_id in cases:
        async with desk.work(SAM) as work:
            check = await work.session.get_one(FollowUp, checks[case_id])
            await followups.done(work, check, "All is well.", asked=asked)


async def test_of_five_resolved_cases_four_were_asked_after_and_one_is_listed(
    desk: Desk, visitor: Visitor
) -> None:
    """S3-12.2.1: by team and month; what nobody could be asked about is without a result as well."""
    fives = [await stories.opened(desk, subject=f"Kettle {one}") for one in range(5)]
    lone = await stories.opened(desk, actor=CEM, subject="Lamp")
    hidden = await stories.opened(desk, subject="A lawyer’s letter", legal=True)
    for case_id in (*fives, lone):
        await stories.resolved(desk, case_id)
    await stories.resolved(desk, hidden, MARA)
    await asked_after(desk, fives[:4])
    async with desk.work(SAM) as work:
        await followups.close_unasked(work, await stories.the_case(work, lone), "Left no number.")
    async with desk.look(SAM) as work:
        assert await evidence.asked_after(work, MARCH) == [TeamAfter("", 4, 1, 1)]
        february = Filters(date(2026, 2, 1), date(2026, 2, 28))
        assert await evidence.asked_after(work, february) == []
        assert await evidence.asked_after(work, Filters(MARCH.since, MARCH.until, team="Red")) == []
        listed = {
            what: {one.case.id for one in (await evidence.cases_after(work, MARCH, what)).rows}
            for what in After
        }
        page = await evidence.cases_after(work, MARCH, After.ASKED, limit=3)
        rest = await evidence.cases_after(work, MARCH, After.ASKED, limit=3, before=page.older)
    assert listed == {
        After.WITHOUT: {fives[4], lone},
        After.OWED: {fives[4]},
        After.UNASKED: {lone},
        After.ASKED: set(fives[:4]),
    }
    assert ([one.case.id for one in page.rows + rest.rows], rest.older) == (fives[3::-1], "")
    async with desk.look(MARA) as work:
        assert await evidence.asked_after(work, MARCH) == [TeamAfter("", 4, 2, 1)]
    text = (await (await visitor(SAM)).get("/evidence/follow-ups?show=owed")).text
    assert re.findall(r'<a href="/cases/(\d+)">([^<]+)</a>', text) == [(str(fives[4]), "Kettle 4")]
    assert f"{CORA.name}, due" in " ".join(text.split())
    assert "Left no number." in (await (await visitor(SAM)).get("/evidence/follow-ups")).text


async def test_the_forms_close_a_case_with_a_result_or_a_reason(desk: Desk, visitor: Visitor) -> None:
    """S3-4.2.1c, S3-4.1.4"""
    first, second = await stories.opened(desk), await stories.opened(desk)
    for case_id in (first, second):
        await stories.resolved(desk, case_id)
    check, _ = await stories.planned(desk)
    cora = await visitor(CORA)
    refused = await cora.post(f"/follow-ups/{check.id}/result", data={"result": "She likes it."})
    assert (refused.status_code, "Say whether the solution holds." in refused.text) == (422, True)
    assert "She likes it." in refused.text
    told = {"result": "She likes it.", "asked": "holds"}
    assert (await cora.post(f"/follow-ups/{check.id}/result", data=told)).status_code == 303
    refused = await cora.post(f"/cases/{second}/closing", data={"reason": ""})
    assert (refused.status_code, "closing-reason" in refused.text) == (422, True)
    done = await cora.post(f"/cases/{second}/closing", data={"reason": "Moved abroad."})
    assert done.status_code == 303
    found = [await stories.seen(desk, one) for one in (first, second)]
    assert [(one.status.value, one.closed_because) for one in found] == [
        ("closed", ""),
        ("closed", "Moved abroad."),
    ]
    assert (await cora.post(f"/cases/{second}/closing", data={"reason": "Again."})).status_code == 409
    assert "Moved abroad." in (await cora.get(f"/cases/{second}")).text


async def scored(desk: Desk, score: int, comment: str = "", case_id: int | None = None) -> int:
    """A score of Ana's that came just now; its id."""
    async with desk.work(SYSTEM) as work:
        times = {"invited_at": work.now, "expires_at": work.now.replace(year=work.now.year + 1)}
        row = Feedback(
            kind=FeedbackKind.RESOLUTION, once=f"a/{work.now}/{score}/{case_id}", customer_id=ANA, **times
        )
        row.case_id = case_id
        work.session.add(row)
        await audit.record(work, "ask for feedback")
        await work.session.flush()
        made = row.id
    async with desk.work(CUSTOMER) as work:
        await feedback.answer(work, links.token(desk.terms, Purpose.FEEDBACK, made), score, comment)
    return made


async def test_low_scores_are_told_with_what_was_done_about_them(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    """S0-3.7.2: each with who acts, until when and what came of it; what is about a legal case is for managers."""
    hidden = await stories.opened(desk, legal=True)
    first = await scored(desk, 1, "Nobody called.")
    second, third = await scored(desk, 2), await scored(desk, 1, "The lawyer.", hidden)
    await scored(desk, 5, "Lovely.")
    clock.forward(minutes=5)
    action, dropped, _ = await stories.planned(desk)
    async with desk.work(SAM) as work:
        told = "We call back within the hour now."
        await followups.done(work, await work.session.get_one(FollowUp, action.id), told)
        await followups.cancel(work, await work.session.get_one(FollowUp, dropped.id), "Meant somebody else.")
    async with desk.look(SAM) as work:
        counts = await evidence.acted_on(work, MARCH)
        rows = (await evidence.low_scores(work, MARCH)).rows
        page = await evidence.low_scores(work, MARCH, limit=1)
        rest = await evidence.low_scores(work, MARCH, limit=1, before=page.older)
        assert (await evidence.low_scores(work, Filters(date(2026, 2, 1), date(2026, 2, 28)))).rows == []
    assert counts == {Acted.DONE: 1, Acted.OPEN: 0, Acted.DROPPED: 1, Acted.NONE: 0}
    assert [(one.feedback.id, one.action and one.action.result) for one in rows] == [
        (second, "Meant somebody else."),
        (first, told),
    ]
    assert ([one.feedback.id for one in page.rows + rest.rows], rest.older) == ([second, first], "")
    async with desk.look(MARA) as work:
        assert (await evidence.acted_on(work, MARCH))[Acted.OPEN] == 1
        (waiting,) = (await evidence.low_scores(work, MARCH, Acted.OPEN)).rows
        assert (waiting.feedback.id, waiting.action and waiting.action.owner.name) == (third, SAM.name)
    async with desk.look(CORA) as work:
        with pytest.raises(NotAllowed):
            await evidence.low_scores(work, MARCH)
    text = (await (await visitor(SAM)).get("/evidence/low-scores?show=done")).text
    assert ("Nobody called." in text, told in text, "Meant somebody else." in text) == (True, True, False)


async def test_the_numbers_of_the_board_are_the_lists_they_lead_to(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    """S1-3.4a: by stage and by how long ago an order was placed; an edge belongs to the older side."""
    one_hour = of_lines((ADVICE, 1))
    await led_to(desk, OrderStatus.PREPARED, one_hour)
    clock.forward(days=4)
    await led_to(desk, OrderStatus.DISPATCHED, one_hour)
    await led_to(desk, OrderStatus.CONFIRMED, one_hour)
    clock.forward(days=3)
    await led_to(desk, OrderStatus.HANDED_OVER, one_hour)
    async with desk.look(FIN) as work:
        ages = await backlog.order_ages(work)
        listed = {
            queue: {age: len((await queues.orders(work, queue, age=age)).rows) for age in OrderAge}
            for queue in ages
        }
    found = {(queue, age): count for queue, by_age in ages.items() for age, count in by_age.items() if count}
    assert found == {
        (OrderQueue.TO_PREPARE, OrderAge.DAY): 1,
        (OrderQueue.TO_PREPARE, OrderAge.WEEK): 1,
        (OrderQueue.TO_DISPATCH, OrderAge.OLDER): 1,
        (OrderQueue.ON_THE_WAY, OrderAge.WEEK): 1,
    }
    assert listed == ages
    sam = await visitor(SAM)
    leads = re.findall(r'href="(/orders\?show=[^"]+age=[^"]+)"', (await sam.get("/orders/board")).text)
    assert [one.replace("&amp;", "&") for one in leads] == [
        f"/orders?show={queue.value}&age={age.value}" for queue, age in found
    ]
    text = (await sam.get("/orders?show=to-dispatch&age=older")).text
    assert (text.count("<tr data-href"), "a week and more ago" in text) == (1, True)
