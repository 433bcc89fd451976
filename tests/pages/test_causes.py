"""Cases of one cause are told of together, and once more when it is solved. S2-4.5"""

import re
from typing import Any

import pytest
from sqlalchemy import select

from models import Case, CaseNote
from models.words import NoteKind, ResolutionCode
from portal.desk import cases, common_cause, escalation
from portal.desk.errors import NotAccepted
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, MARA, Clock
from tests.desk import stories
from tests.desk.callers import another_customer
from tests.visits import Visitor

LATE = "The van broke down. Everything on it arrives tomorrow."
SOLVED = "The goods are on another van and arrive today."


async def under(desk: Desk, cause_id: int, *case_ids: int) -> None:
    number = (await stories.seen(desk, cause_id)).number
    for case_id in case_ids:
        async with desk.work(CORA) as work:
            await common_cause.put_under(work, await stories.the_case(work, case_id), number)


async def heard(desk: Desk) -> list[tuple[int, str]]:
    """What was noted as told, by case."""
    async with desk.look(SYSTEM) as work:
        rows = await work.session.execute(
            select(CaseNote.case_id, CaseNote.words)
            .where(CaseNote.kind == NoteKind.TOLD)
            .order_by(CaseNote.id)
        )
        return [tuple(row) for row in rows]  # type: ignore[misc]  # two columns


async def resolved(desk: Desk, case_id: int) -> None:
    async with desk.work(CORA) as work:
        case: Case = await stories.the_case(work, case_id)
        await cases.resolve(
            work, case, code=ResolutionCode.CORRECTED, what_was_done=SOLVED, actions=["Another van."]
        )


async def test_one_message_reaches_all_customers_once_and_solving_it_tells_them_once_more(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    other = await another_customer(desk)
    cause = await stories.opened(desk, subject="The van broke down")
    ana, again = await stories.opened(desk), await stories.opened(desk)
    ben = await stories.opened(desk, customer_id=other)
    flagged = await stories.opened(desk, customer_id=other)
    await under(desk, cause, ana, again, ben, flagged)
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, flagged)
        await escalation.flag_concern(work, case, "Threatens to sue.", legal=True)
    cora = await visitor(CORA)
    here = f"/cases/{cause}/cause"
    looked = await cora.post(f"{here}/message", data={"words": LATE, "do": "look", "digest": ""})
    assert "Nothing has been sent yet." in looked.text
    assert await heard(desk) == []
    found = re.search(r'name="digest" value="(\w+)"', looked.text)
    assert found
    stale = await cora.post(f"{here}/message", data={"words": SOLVED, "do": "send", "digest": found[1]})
    assert (stale.status_code, common_cause.CHANGED in stale.text) == (422, True)
    for _ in range(2):  # sent again, nobody hears it twice
        sent = await cora.post(f"{here}/message", data={"words": LATE, "do": "send", "digest": found[1]})
        assert sent.status_code == 303
    assert await heard(desk) == [(ana, LATE), (again, LATE), (ben, LATE)]
    letters = await stories.written(desk, "case-update")
    assert letters == [("case-update", "ana@example.com"), ("case-update", "ben@example.com")]
    clock.forward(minutes=5)
    await resolved(desk, cause)
    assert (await heard(desk))[3:] == [(ana, SOLVED), (again, SOLVED), (ben, SOLVED)]
    assert len(await stories.written(desk, "case-update")) == 4
    assert [(await stories.seen(desk, one)).status.value for one in (ana, again, ben)] == ["open"] * 3
    assert (await cora.get(f"/cases/{ana}")).text.count("Is under its cause") == 1


async def test_a_cause_is_one_level_deep_and_one_alone(desk: Desk) -> None:
    first, second, third, hidden = [await stories.opened(desk) for _ in range(4)]
    await under(desk, first, second)
    await under(desk, first, second)  # twice changes nothing
    async with desk.work(MARA) as work:
        case = await stories.the_case(work, hidden)
        await escalation.flag_concern(work, case, "An authority asks.", regulatory=True)

    async def refusal(case_id: int, cause_id: int) -> dict[str, Any]:
        with pytest.raises(NotAccepted) as refused:
            await under(desk, cause_id, case_id)
        return dict(refused.value.fields)

    number = (await stories.seen(desk, second)).number
    assert await refusal(first, first) == {"number": "A case is not its own cause."}
    assert await refusal(second, third) == {
        "number": "It is under another cause already. Take it out there first."
    }
    assert await refusal(third, second) == {"number": f"{number} is under a cause itself. Name that one."}
    assert await refusal(first, third) == {
        "number": "Other cases are under this one. Put those under the cause instead."
    }
    assert await refusal(third, hidden) == {"number": "No case that you may see has this number."}
    async with desk.work(CORA) as work:
        await common_cause.take_out(work, await stories.the_case(work, second))
    await under(desk, third, second)
