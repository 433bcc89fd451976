"""The figures of a month against sums made by hand. S2-3.7, S2-14.4, S3-9.2.1a, S3-9.2.1b, S3-9.2.1c"""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from models import Case, Deadline, Feedback
from models.words import (
    CaseKind,
    CaseStatus,
    Channel,
    DeadlineKind,
    DeadlineStatus,
    FeedbackKind,
    ResolutionCode,
    TargetKind,
)
from portal.desk import audit, evidence
from portal.desk.errors import NotAllowed
from portal.desk.evidence import Filters, Kept, Month, Resolution, Response, Scores, Spread
from portal.desk.work import SYSTEM, Desk, Work
from tests.cast import ANA, CORA, SAM, berlin
from tests.house.counting import statements
from tests.visits import Visitor

MARCH: dict[str, Any] = {"since": date(2026, 3, 1), "until": date(2026, 3, 31)}
MET, MISSED = DeadlineStatus.MET, DeadlineStatus.MISSED


async def put(
    work: Work,
    number: str,
    kind: CaseKind,
    status: CaseStatus,
    opened: datetime,
    answered: datetime | None,
    score: int | None = None,
    clocks: tuple[tuple[DeadlineKind, int, DeadlineStatus], ...] = (),
) -> None:
    """A case with what its clocks came to and what its customer said."""
    over = status in {CaseStatus.RESOLVED, CaseStatus.CLOSED}
    case = Case(
        number=number, kind=kind, status=status, channel=Channel.EMAIL, subject=number, customer_id=ANA,
        team="Red", opened_at=opened, answered_at=answered, resolved_at=answered if over else None,
        resolution_code=ResolutionCode.ANSWERED if over else None,
        closed_at=answered if status is CaseStatus.CLOSED else None,
    )  # fmt: skip
    work.session.add(case)
    await work.session.flush()
    for target, level, went in clocks:
        work.session.add(
            Deadline(
                case_id=case.id, kind=target, level=level, status=went, started_at=opened, due_at=opened,
                target_kind=TargetKind.ELAPSED, target_amount=60, rule="news" if level else "answer",
                missed_at=opened if went is MISSED else None, met_at=answered,
            )
        )  # fmt: skip
    work.session.add(invited(number, opened, score, case.id))


def invited(key: str, at: datetime, score: int | None, case_id: int | None = None) -> Feedback:
    return Feedback(
        kind=FeedbackKind.RESOLUTION, once=key, customer_id=ANA, case_id=case_id, score=score, invited_at=at,
        expires_at=at + timedelta(days=30), answered_at=at if score else None,
    )  # fmt: skip


@pytest.fixture
async def march(desk: Desk) -> None:
    answer, update = DeadlineKind.ANSWER, DeadlineKind.UPDATE
    async with desk.work(SYSTEM) as work:
        await put(
            work, "A", CaseKind.COMPLAINT, CaseStatus.RESOLVED, berlin("2026-03-02 10:00"),
            berlin("2026-03-02 10:10"), 5, ((answer, 0, MET), (update, 1, MET), (update, 2, MISSED)),
        )  # fmt: skip
        await put(
            work, "B", CaseKind.INQUIRY, CaseStatus.CLOSED, berlin("2026-03-02 16:30"),
            berlin("2026-03-03 09:30"), 2, ((answer, 0, MISSED), (update, 1, MET)),
        )  # fmt: skip
        await put(
            work, "C", CaseKind.COMPLAINT, CaseStatus.OPEN, berlin("2026-03-07 12:00"),
            berlin("2026-03-09 09:05"), None, ((answer, 0, MET),),
        )  # fmt: skip
        await put(
            work, "D", CaseKind.COMPLAINT, CaseStatus.CANCELLED, berlin("2026-03-02 10:00"), None, None,
            ((answer, 0, DeadlineStatus.STOPPED),),
        )  # fmt: skip
        work.session.add(invited("of an order", berlin("2026-03-20 10:00"), 4))
        work.session.add(invited("of February", berlin("2026-02-20 10:00"), 1))
        await audit.record(work, "tell of March")


async def figures(desk: Desk, **asked: Any) -> Month:
    async with desk.look(SAM) as work:
        return await evidence.figures_of_month(work, Filters(**{**MARCH, **asked}))


@pytest.mark.usefixtures("march")
async def test_every_figure_equals_the_sum_made_by_hand(desk: Desk) -> None:
    """Open from 9 to 17: B waited half an hour on Monday and one on Tuesday, C five minutes after a weekend."""
    assert await figures(desk) == Month(
        Response(3, Spread(17 * 3600, 45 * 3600 + 300), Spread(600, 3600)),
        Resolution(3, 2),
        Scores(5, 3, 11 / 3),
        [
            Kept(DeadlineKind.ANSWER, "answer", 2, 1, 1, 5.0, 1, 2.0),
            Kept(DeadlineKind.UPDATE, "news", 2, 1, 1, 2.0, 1, 5.0),
        ],
        [(CaseKind.COMPLAINT, 3), (CaseKind.INQUIRY, 1)],
    )
    of_red = await figures(desk, team="Red")
    assert of_red.scores == Scores(4, 2, 3.5)
    nothing = Month(None, Resolution(0, 0), Scores(0, 0, None), [], [])
    assert await figures(desk, team="Blue") == nothing
    assert await figures(desk, channel=Channel.CHAT) == nothing


@pytest.mark.usefixtures("march")
async def test_the_page_tells_each_figure_and_how_it_is_counted(desk: Desk, visitor: Visitor) -> None:
    page = " ".join((await (await visitor(SAM)).get("/evidence/month")).text.split())
    for told in (
        "half were answered within <strong>10 min 00 s</strong> of opening time (17 h 00 min in all)",
        "nine in ten within <strong>1 h 00 min</strong> (45 h 05 min in all)",
        "<strong>66.7 %</strong>: 2 of 3 cases.",
        "Mean <strong>3.67</strong> of 5, over 3 answers to 5 invitations: 60.0 % responded.",
        "Fewer than 10 answers: the mean says little",
        *evidence.DEFINITIONS.values(),
    ):
        assert told in page
    async with desk.look(CORA) as work:
        with pytest.raises(NotAllowed):
            await evidence.figures_of_month(work, Filters(**MARCH))


@pytest.mark.usefixtures("march")
async def test_more_rows_are_no_more_statements(desk: Desk) -> None:
    database: Any = desk.database
    with statements(database) as few:
        await figures(desk)
    async with desk.work(SYSTEM) as work:
        for place in range(60):
            at = berlin("2026-03-04 10:00") + timedelta(minutes=place)
            clock = ((DeadlineKind.ANSWER, 0, MET),)
            await put(work, f"N{place}", CaseKind.INQUIRY, CaseStatus.OPEN, at, at, 3, clock)
        await audit.record(work, "tell of more")
    with statements(database) as many:
        assert (await figures(desk)).resolution == Resolution(63, 2)
    assert len(many) == len(few)
