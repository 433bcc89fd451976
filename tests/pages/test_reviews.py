"""What a month came to: resolved cases and whether they were asked after. S3-12.2.1"""

import re
from collections.abc import Iterable
from datetime import date

from models import FollowUp
from portal.desk import evidence, followups
from portal.desk.evidence import After, Filters, TeamAfter
from portal.desk.solved import Asked
from portal.desk.work import Desk
from tests.cast import CEM, CORA, MARA, SAM
from tests.desk import stories
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
