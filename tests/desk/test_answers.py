"""What the desk asked: reports that cost the same for one answer and for many, over numbers of every size."""

from datetime import timedelta

import pytest

from models import ContactAnswer, ScriptVersion
from models.words import Channel
from portal.database import Database
from portal.desk import answers, intake, runs
from portal.desk.errors import NotAllowed, NotFound
from portal.desk.fields.counting import day_of
from portal.desk.work import Desk
from tests.cast import CORA, SAM
from tests.everything import STEP, published
from tests.house.counting import statements


async def answered(desk: Desk, version: ScriptVersion, kind: str, *given: tuple[str, int | None]) -> None:
    """Let contacts end with these answers to one question: (as kept, as counted); a day is counted as itself."""
    for value, number in given:
        async with desk.work(CORA) as work:
            run = await runs.find(work, await intake.begin(work, Channel.PHONE))
            work.session.add(
                ContactAnswer(
                    contact_id=run.contact_id,
                    version_id=version.id,
                    script="opening",
                    step=STEP,
                    field=f"a_{kind}",
                    kind=kind,
                    value=value,
                    number=number,
                    day=day_of(value) if kind == "date" else None,
                    ended_at=work.now,
                )
            )


async def told(desk: Desk, kind: str, words: str = "") -> answers.Report:
    async with desk.look(SAM) as work:
        span = work.now - timedelta(days=1), work.now + timedelta(days=1)
        return await answers.report(work, "opening", STEP, f"a_{kind}", *span, words=words)


async def test_amounts_are_told_with_their_middle_and_their_spread(desk: Desk) -> None:
    await answered(
        desk, await published(desk), "money", *((f"{one}.00", one * 100) for one in (10, 20, 30, 1000))
    )
    report = await told(desk, "money")
    assert (report.answered, report.figures) == (
        4,
        (
            ("Mean", "265.00 EUR"),
            ("Median", "25.00 EUR"),
            ("Lowest", "10.00 EUR"),
            ("Highest", "1000.00 EUR"),
        ),
    )
    assert [bar.count for bar in report.bars] == [3, 0, 0, 0, 0, 0, 0, 0, 0, 1]


async def test_numbers_with_places_are_told_with_their_unit(desk: Desk) -> None:
    await answered(desk, await published(desk), "number", ("12.5", 12_500), ("0.5", 500))
    assert (await told(desk, "number")).figures[0] == ("Mean", "6.5 km")


async def test_yes_and_no_have_their_shares(desk: Desk) -> None:
    await answered(desk, await published(desk), "yes_no", ("yes", 1), ("yes", 1), ("no", 0))
    report = await told(desk, "yes_no")
    assert report.figures == (("Yes", "67 %"),)
    assert [(bar.label, bar.count) for bar in report.bars] == [("Yes", 2), ("No", 1)]


async def test_products_are_counted_and_days_by_month_or_year(desk: Desk) -> None:
    version = await published(desk)
    await answered(desk, version, "product", ("CH-1", None), ("KT-2", None), ("KT-2", None))
    report = await told(desk, "product")
    assert (report.answered, [(bar.label, bar.count) for bar in report.bars]) == (
        3,
        [("KT-2", 2), ("CH-1", 1)],
    )
    await answered(
        desk, version, "date", *((day, None) for day in ("2026-03-14", "2026-03-02", "2026-01-05"))
    )
    report = await told(desk, "date")
    assert (report.answered, [(bar.label, bar.count) for bar in report.bars], report.figures) == (
        3,
        [("January 2026", 1), ("March 2026", 2)],
        (("Earliest", "Monday, 5 January 2026"), ("Latest", "Saturday, 14 March 2026")),
    )
    await answered(desk, version, "date", ("1999-12-31", None))
    assert [(bar.label, bar.count) for bar in (await told(desk, "date")).bars] == [("1999", 1), ("2026", 3)]


async def test_words_are_found_in_the_answers(desk: Desk) -> None:
    await answered(desk, await published(desk), "text", ("It squeaks", None), ("100% broken", None))
    assert [one.shown for one in (await told(desk, "text", "SQUEAK")).latest] == ["It squeaks"]
    assert [one.shown for one in (await told(desk, "text", "0%")).latest] == ["100% broken"]
    assert (await told(desk, "text", "_")).latest == ()


@pytest.mark.parametrize("kind", ["money", "choice", "date"])
async def test_a_report_takes_the_same_statements_for_one_and_for_many(desk: Desk, kind: str) -> None:
    assert isinstance(desk.database, Database)
    version = await published(desk)
    await answered(desk, version, kind, ("2026-01-01", 1))
    await told(desk, kind)
    with statements(desk.database) as one:
        await told(desk, kind)
    await answered(desk, version, kind, *((f"2026-03-{number + 1:02}", number) for number in range(30)))
    with statements(desk.database) as many:
        assert (await told(desk, kind)).answered == 31
    assert len(many) == len(one)


async def test_reports_are_for_those_who_lead_and_for_questions_that_were_asked(desk: Desk) -> None:
    await published(desk)
    with pytest.raises(NotFound):
        await told(desk, "poem")
    async with desk.look(CORA) as work:
        with pytest.raises(NotAllowed):
            await answers.known(work, work.now, work.now)
