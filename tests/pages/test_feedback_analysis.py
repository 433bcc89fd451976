"""The analysis of a month's feedback: one a month, also after downtime; what comes back is found. S3-11.1.1a, S3-11.1.1b"""

import asyncio
from datetime import UTC, date, datetime

from jobs.analyse_feedback import analyse_feedback
from models import Case, Feedback
from models.words import CaseKind, FeedbackKind
from portal.desk import audit, feedback_analysis
from portal.desk.feedback_analysis import Analysis, Kind, Term
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA, SAM, Clock
from tests.desk import stories
from tests.visits import Visitor

LATE = ("The parcel came late!", "Again a late parcel, late, late.", "Late, and no call from Zebra.")


async def answered(desk: Desk, case_id: int | None, *given: tuple[datetime, int, str]) -> None:
    async with desk.work(SYSTEM) as work:
        for at, score, comment in given:
            kind = FeedbackKind.RESOLUTION if case_id else FeedbackKind.DELIVERY
            one = Feedback(
                kind=kind, once=f"{case_id}/{at}/{score}/{comment}", customer_id=ANA, case_id=case_id, score=score,
                comment=comment, invited_at=at, expires_at=at, answered_at=at,
            )  # fmt: skip
            work.session.add(one)
        await audit.record(work, "answer feedback")


async def analyses(desk: Desk) -> dict[date, Analysis]:
    async with desk.look(SAM) as work:
        found = (await feedback_analysis.listed(work)).rows
        loaded = [await feedback_analysis.load(work, one.id) for one in found]
    return {one.month: feedback_analysis.read(one.figures) for one in loaded}


async def test_a_seeded_trend_is_found_once_a_month_also_after_downtime(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    """On four replicas at once; what is legal is in none of it, nor a word that one customer wrote."""
    complaint, inquiry = await stories.opened(desk), await stories.opened(desk, CaseKind.INQUIRY)
    secret = await stories.opened(desk)
    async with desk.work(SYSTEM) as work:
        (await work.session.get_one(Case, secret)).legal = True
        await audit.record(work, "flag")
    january, march = datetime(2026, 1, 9, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)
    february = datetime(2026, 2, 9, tzinfo=UTC)
    await answered(desk, complaint, (january, 5, "Fine."), (february, 2, LATE[0]), (february, 5, "Good."))
    await answered(desk, complaint, *((march, 1, words) for words in LATE))
    await answered(desk, inquiry, (march, 4, "Late but kind."), (march, 2, ""))
    await answered(desk, None, (march, 5, ""))
    await answered(desk, secret, (march, 1, "Late parcel."))
    clock.now = datetime(2026, 4, 1, 0, 5, tzinfo=UTC)
    assert await analyse_feedback(desk) == 2  # January and February; who still answers in March is waited for
    clock.forward(minutes=5)
    assert sum(await asyncio.gather(*(analyse_feedback(desk) for _ in range(4)))) == 1
    assert await analyse_feedback(desk) == 0
    found = await analyses(desk)
    assert sorted(found) == [date(2026, month, 1) for month in (1, 2, 3)]
    assert found[date(2026, 3, 1)] == Analysis(
        6, 2, 14 / 6, 3.5,
        [Kind("complaint", 3, 1.0, 3, 1), Kind("inquiry", 2, 3.0, 1, 0), Kind("delivery", 1, 5.0, 0, 0)],
        [Term("late", 3, 1)],
    )  # fmt: skip
    assert [one.kind for one in found[date(2026, 3, 1)].kinds if one.recurring] == ["complaint"]
    await answered(desk, complaint, (march, 5, "Late answer."))
    assert (await analyses(desk))[date(2026, 3, 1)] == found[date(2026, 3, 1)]  # it stays as it was
    sam = await visitor(SAM)
    listed = (await sam.get("/evidence/feedback")).text
    page = (
        await sam.get(f"/evidence/feedback/{listed.split('/evidence/feedback/')[1].split(chr(34))[0]}")
    ).text
    told = ("Feedback of March 2026", "keeps coming back", "more often", "zebra", "parcel")
    assert [one in page for one in told] == [True, True, True, False, False]
    assert (await (await visitor(CORA)).get("/evidence/feedback")).status_code == 403


async def test_a_desk_nobody_answered_makes_none(desk: Desk, clock: Clock) -> None:
    clock.now = datetime(2026, 4, 2, tzinfo=UTC)
    assert await analyse_feedback(desk) == 0
