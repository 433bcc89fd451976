"""The board: every open case in one column, counted as its list is, and what tells that it changed. S2-13.4"""

from typing import Any

import pytest

from models.words import CaseKind, Severity
from portal.desk import audit, board, closing, escalation, hours, queues, sweep
from portal.desk.board import COLUMNS, By, News
from portal.desk.errors import NotAllowed, NotFound
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import CEM, CORA, FIN, MARA, SAM, Clock, berlin
from tests.desk import stories

WHOLE: dict[str, Any] = {"restated": "It is cracked.", "options": "Exchange or refund"}


async def shown(desk: Desk, actor: Actor, by: By) -> dict[str, tuple[int, list[int]]]:
    """Of each column that has any: its count, and the cases of its cards."""
    async with desk.look(actor) as work:
        columns = await board.columns(work, by)
    return {one.key: (one.count, [card.case.id for card in one.cards]) for one in columns if one.count}


async def handed_up(desk: Desk, case_id: int) -> None:
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        await escalation.raise_by_hand(work, case, "Beyond me.", severity=Severity.HIGH)


async def accepted(desk: Desk, case_id: int, actor: Actor = MARA) -> None:
    async with desk.work(actor) as work:
        found = await queues.escalation_on(work, await stories.the_case(work, case_id))
        assert found is not None
        await escalation.accept(work, found)


async def test_an_open_case_is_in_one_column_of_each_board_and_moves_as_it_is_worked(
    desk: Desk, clock: Clock
) -> None:
    case_id = await stories.opened(desk, **WHOLE)
    assert (await shown(desk, SAM, By.LEVEL), await shown(desk, SAM, By.STATE)) == (
        {"0": (1, [case_id])},
        {"first": (1, [case_id])},
    )
    await handed_up(desk, case_id)
    assert (await shown(desk, SAM, By.LEVEL), await shown(desk, SAM, By.STATE)) == (
        {"1": (1, [case_id])},
        {"waits": (1, [case_id])},
    )
    await accepted(desk, case_id)
    assert await shown(desk, SAM, By.STATE) == {"accepted": (1, [case_id])}
    async with desk.work(MARA) as work:
        found = await queues.escalation_on(work, await stories.the_case(work, case_id))
        assert found is not None
        await escalation.hand_back(work, found, "It is for you after all.")
    assert await shown(desk, SAM, By.STATE) == {"back": (1, [case_id])}
    clock.forward(minutes=5)
    await stories.resolved(desk, case_id)
    assert (await shown(desk, SAM, By.LEVEL), await shown(desk, SAM, By.STATE)) == ({}, {})


async def test_a_card_says_when_it_goes_up_and_what_is_due_first_is_on_top(desk: Desk, clock: Clock) -> None:
    later = await stories.opened(desk)
    clock.at("2026-03-02 10:10")
    sooner = await stories.opened(desk, CaseKind.ORDER_ERROR)
    async with desk.look(SAM) as work:
        first, *_ = await board.columns(work, By.LEVEL)
    due_at = (await stories.clocks(desk, sooner))["escalate 1"][1]
    assert due_at is not None
    told = {card.case.id: card.up.due_at if card.up else None for card in first.cards}
    assert (set(told), told[sooner]) == ({later, sooner}, due_at)
    moments = [card.case.due_at for card in first.cards]
    assert moments == sorted(moments, key=lambda one: (one is None, one))
    clock.now = due_at
    async with desk.work(SYSTEM) as work:
        await sweep.act_on_due(work, 100)
    assert (await shown(desk, SAM, By.LEVEL))["1"] == (1, [sooner])


async def test_a_restricted_case_is_on_no_board_but_the_managers(desk: Desk) -> None:
    """S3-5.1.2"""
    case_id = await stories.opened(desk)
    async with desk.work(CORA) as work:
        await escalation.flag_concern(
            work, await stories.the_case(work, case_id), "A lawyer wrote.", legal=True
        )
    assert [await shown(desk, who, By.LEVEL) for who in (SAM, FIN, MARA)] == [{}, {}, {"1": (1, [case_id])}]
    async with desk.look(SAM) as work:
        assert (await board.rows(work, By.LEVEL, "1")).rows == []


async def test_finance_sees_payment_issues_alone_and_a_representative_no_board(desk: Desk) -> None:
    await stories.opened(desk)
    issue = await stories.opened(desk, CaseKind.PAYMENT_ISSUE)
    assert await shown(desk, FIN, By.LEVEL) == {"0": (1, [issue])}
    for reading in (board.columns, lambda work, by: board.rows(work, by, "0")):
        async with desk.look(CEM) as work:
            with pytest.raises(NotAllowed):
                await reading(work, By.LEVEL)


async def test_the_count_of_a_column_is_the_length_of_its_list_page_by_page(desk: Desk) -> None:
    for _ in range(board.SHOWN + 3):
        await stories.opened(desk)
    async with desk.look(SAM) as work:
        column = (await board.columns(work, By.LEVEL))[0]
        whole = await board.rows(work, By.LEVEL, "0")
        rest = await board.rows(work, By.LEVEL, "0", whole.older)
        with pytest.raises(NotFound):
            await board.rows(work, By.STATE, "0")
    listed = [card.case.id for card in [*whole.rows, *rest.rows]]
    assert (column.count, len(column.cards)) == (len(set(listed)), board.SHOWN)
    assert [card.case.id for card in column.cards] == listed[: board.SHOWN]
    assert list(COLUMNS[By.LEVEL]) == ["0", "1", "2", "3"]


async def test_news_are_deeds_on_cases_and_escalations_alone(desk: Desk) -> None:
    news = News()

    async def looked() -> int:
        async with desk.look(SYSTEM) as work:
            await board.look_for_news(work, news)
        return news.changes

    assert [await looked(), await looked()] == [1, 1]
    case_id = await stories.opened(desk, **WHOLE)
    assert [await looked(), await looked()] == [2, 2]
    async with desk.work(SYSTEM) as work:
        await audit.record(work, "sign in")
    assert await looked() == 2
    await handed_up(desk, case_id)
    assert await looked() == 3
    await accepted(desk, case_id)
    assert [await looked(), await looked()] == [4, 4]


DAYS = {berlin("2026-03-06 12:00").date(): "09:00-12:00", berlin("2026-03-09 12:00").date(): "off"}


@pytest.mark.parametrize(
    ("written", "now", "closes", "opens"),
    [
        ("Mo-Fr 09:00-17:00", "2026-03-02 10:00", "2026-03-02 17:00", "2026-03-03 09:00"),
        # The break at noon is no closing.
        ("Mo-Fr 09:00-12:00,13:00-17:00", "2026-03-02 11:45", "2026-03-02 17:00", "2026-03-03 09:00"),
        ("Mo-Fr 09:00-17:00", "2026-03-02 18:00", None, "2026-03-03 09:00"),
        # A half day on Friday, the weekend, a day off on Monday.
        ("Mo-Fr 09:00-17:00", "2026-03-06 11:40", "2026-03-06 12:00", "2026-03-10 09:00"),
        # A night shift ends in the morning; the next one begins in the evening of that day.
        ("Mo-Su 22:00-06:00", "2026-03-03 05:40", "2026-03-03 06:00", "2026-03-03 22:00"),
        ("24/7", "2026-03-02 10:00", None, None),
    ],
)
def test_the_desk_closes_at_the_end_of_its_day(
    written: str, now: str, closes: str | None, opens: str | None
) -> None:
    days = DAYS if written == "Mo-Fr 09:00-17:00" else {}
    found = closing.closing_at(hours.parse("Europe/Berlin", written, days), berlin(now))
    expected = closing.Closing(berlin(closes) if closes else None, berlin(opens)) if opens else None
    assert found == expected
