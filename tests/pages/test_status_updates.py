"""The customer hears how the complaint stands: one task when it is time, closed by telling them. S0-3.4.4"""

from typing import Any

import httpx2
import pytest

from jobs.sweep_deadlines import sweep_deadlines
from models import FollowUp
from models.words import CaseKind, ResolutionCode
from portal.desk import cases
from portal.desk.status_updates import OVER, TOLD
from portal.desk.work import Desk
from tests.cast import CEM, CORA, MARA, Clock
from tests.desk import stories
from tests.visits import Visitor

HOURS = 6


@pytest.fixture
async def case_id(desk: Desk) -> int:
    """A complaint of Ana's, whose customers are to be told every six hours how it stands."""

    def every_six_hours(document: dict[str, Any]) -> None:
        document["targets"].insert(
            0, {"key": "news", "to": "update", "kind": "complaint", "counts": "elapsed", "amount": HOURS * 60}
        )

    await stories.policy_changed(desk, every_six_hours)
    return await stories.opened(desk)


async def tasks(desk: Desk) -> list[FollowUp]:
    return [one for one in await stories.planned(desk) if one.asks_for_update]


async def states(desk: Desk) -> list[tuple[str, int, str]]:
    return [(one.status.value, one.owner_id, one.result) for one in await tasks(desk)]


async def hours_pass(desk: Desk, clock: Clock, hours: int) -> None:
    for _ in range(hours):
        clock.forward(hours=1)
        await sweep_deadlines(desk)


async def test_without_a_word_for_so_long_there_is_one_task_and_telling_closes_it(
    desk: Desk, clock: Clock, case_id: int
) -> None:
    await hours_pass(desk, clock, HOURS - 1)
    assert await states(desk) == []
    await hours_pass(desk, clock, 3 * HOURS)
    assert await states(desk) == [("open", CORA.person_id, "")]
    async with desk.work(CEM) as work:
        await cases.update_customer(work, await stories.the_case(work, case_id), "The new kettle is packed.")
    assert await states(desk) == [("done", CORA.person_id, TOLD)]
    await hours_pass(desk, clock, HOURS)
    assert [state for state, *_ in await states(desk)] == ["done", "open"]
    async with desk.work(CORA) as work:
        await cases.cancel(work, await stories.the_case(work, case_id), "It was noted twice.")
    assert [(state, result) for state, _, result in await states(desk)] == [
        ("done", TOLD),
        ("cancelled", OVER),
    ]
    await hours_pass(desk, clock, 2 * HOURS)
    assert len(await states(desk)) == 2


async def test_solving_the_case_leaves_no_task(desk: Desk, clock: Clock, case_id: int) -> None:
    await hours_pass(desk, clock, HOURS)
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        await cases.resolve(
            work, case, code=ResolutionCode.EXCHANGE, what_was_done="A new one.", actions=["Sent it."]
        )
    assert [state for state, *_ in await states(desk)] == ["done"]


async def test_the_words_are_ready_on_the_case_and_sent_as_they_are(
    desk: Desk, clock: Clock, case_id: int, visitor: Visitor
) -> None:
    cora: httpx2.AsyncClient = await visitor(CORA)
    ready = (
        "We are still working on “A cracked kettle” and have not forgotten you."
        " We expect to have it solved by Tue 3 Mar 2026. As soon as there is news you hear from us,"
        " without having to ask."
    )
    assert ready not in (await cora.get(f"/cases/{case_id}")).text
    await hours_pass(desk, clock, HOURS)
    cora = await visitor(CORA)
    listed = (await cora.get("/follow-ups")).text
    assert (f'href="/cases/{case_id}#progress"' in listed, "Status update" in listed) == (True, True)
    assert ready in (await cora.get(f"/cases/{case_id}")).text
    sent = await cora.post(f"/cases/{case_id}/progress", data={"words": ready})
    assert sent.status_code == 303
    assert await stories.written(desk, "case-update") == [("case-update", "ana@example.com")]
    assert await states(desk) == [("done", CORA.person_id, TOLD)]
    assert ready not in (await cora.get(f"/cases/{case_id}?only=case")).text


async def test_a_fresh_desk_asks_for_a_word_on_a_complaint_within_two_business_days(
    desk: Desk, clock: Clock
) -> None:
    """What ships: of complaints alone, and once; the task is Mara's, to whom the case went after a day."""
    clock.at("2026-03-04 16:00")
    complaint = await stories.opened(desk)
    await stories.opened(desk, CaseKind.INQUIRY)
    clock.at("2026-03-06 16:59")
    await sweep_deadlines(desk)
    assert await tasks(desk) == []
    for moment in ("2026-03-06 17:01", "2026-03-12 17:01"):
        clock.at(moment)
        await sweep_deadlines(desk)
        assert [(one.case_id, one.owner_id, one.status.value) for one in await tasks(desk)] == [
            (complaint, MARA.person_id, "open")
        ]
