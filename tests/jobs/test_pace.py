"""A job takes much while nobody else writes, and little while somebody does."""

from itertools import count

import pytest
from sqlalchemy import text

from jobs.pace import LONGEST, QUIET, Pace, in_batches, until_done
from portal.database import Database
from portal.desk.work import SYSTEM, Desk, Work
from tests.cast import TERMS

QUICK, SLOW = LONGEST / 4, LONGEST * 2
ALONE = [(turn, 7) for turn in range(1, 9)]
LATER = 2 * QUIET
"""Seconds from one batch to the next, unless it is said otherwise."""


@pytest.mark.parametrize(
    ("seen", "seconds", "apart", "rows"),
    [
        (ALONE[:4], [QUICK] * 4, LATER, [20, 40, 80, 160]),
        (ALONE[:6], [QUICK] * 6, QUIET / 3, [20, 20, 20, 40, 80, 160]),
        (ALONE[:4], [LONGEST * 0.75] * 4, LATER, [20, 20, 20, 20]),
        (ALONE[:5], [QUICK, QUICK, QUICK, SLOW, SLOW], LATER, [20, 40, 80, 40, 20]),
        (ALONE[:2], [SLOW, SLOW], LATER, [20, 20]),
        ([(1, 7), (2, 7), (4, 7), (5, 7)], [QUICK] * 4, LATER, [20, 40, 20, 40]),
        ([(1, 7), (2, 7), (3, 8), (4, 8)], [QUICK] * 4, LATER, [20, 40, 20, 40]),
        ([(1, 7), (3, 7), (5, 7)], [QUICK] * 3, LATER, [20, 20, 20]),
    ],
    ids=[
        "alone", "not yet alone for long", "long enough", "too long", "never less", "a save here", "a save elsewhere",
        "a save each time",
    ],
)  # fmt: skip
def test_how_much_is_taken_next(
    seen: list[tuple[int, int]], seconds: list[float], apart: float, rows: list[int]
) -> None:
    pace, taken = Pace(20), []
    for number, (turn, took) in enumerate(zip(seen, seconds, strict=True)):
        pace.note(turn, took, 1000 + number * apart)
        taken.append(pace.rows)
    assert taken == rows


async def _write(desk: Desk) -> None:
    async with desk.work(SYSTEM) as work:
        await work.session.execute(text("CREATE TABLE IF NOT EXISTS trodden (id integer)"))
        await work.session.execute(text("INSERT INTO trodden VALUES (1)"))


async def test_a_save_makes_the_next_batches_small(desk: Desk, database: str) -> None:
    """Whether it is made in this process or in another one. On PostgreSQL nobody waits for a batch."""
    next_door = Database(database)
    neighbour = Desk(next_door, TERMS, desk.clock)
    writers = {4: desk, 7: neighbour}
    asked: list[int] = []
    numbers = count()

    async def act(work: Work, rows: int) -> int:
        await work.session.execute(text("SELECT 1"))
        asked.append(rows)
        return rows if len(asked) < 9 else 0

    async def save_beside(work: Work, rows: int) -> int:
        taken = await act(work, rows)
        await (
            work.session.rollback()
        )  # lets go of the one writer, so that somebody comes in before the next batch
        if writer := writers.get(next(numbers)):
            await _write(writer)
        await work.session.execute(text("SELECT 1"))
        return taken

    looks = count()
    await in_batches(
        desk, save_beside, few=20, many=500, stopwatch=lambda: next(looks) // 2 * LATER
    )  # at the beginning and the end of each batch
    await next_door.close()
    if desk.database.is_sqlite:
        assert asked == [20, 20, 40, 80, 160, 20, 40, 80, 20]
    else:
        assert asked == [500] * 9


class Rows:
    """So many rows to act on; keeps how many batches had been taken when each began, as far as it was told."""

    def __init__(self, *taken: int) -> None:
        self.taken = list(taken)
        self.known: list[int] = []

    async def act(self, work: Work, rows: int) -> int:
        assert work.actor == SYSTEM
        await work.session.execute(text("SELECT 1"))
        self.known.append(work.remembered.setdefault("batches", 0))
        work.remembered["batches"] += 1
        return min(self.taken.pop(0), rows)


async def test_a_batch_that_is_not_full_is_the_last_and_goes_by_what_the_first_has_read(desk: Desk) -> None:
    rows = Rows(7, 7, 3, 1)
    assert await in_batches(desk, rows.act, few=7, many=7, stopwatch=count(step=1.0).__next__) == 17
    assert (rows.taken, rows.known) == ([1], [0, 1, 2])


async def test_until_done_goes_on_over_a_batch_that_is_not_full_and_reads_anew(desk: Desk) -> None:
    rows = Rows(3, 1, 2, 0)
    assert await until_done(desk, rows.act, few=20, many=500) == 6
    assert (rows.taken, rows.known) == ([], [0, 0, 0, 0])


def test_it_listens_at_first_and_never_again() -> None:
    pace = Pace(20)
    heard = [pace.listening]
    for turn, moment in enumerate([0.0, QUIET / 2, QUIET, 3 * QUIET], start=1):
        pace.note((2 * turn, 7), QUICK, 1000 + moment)
        heard.append(pace.listening)
    assert heard == [True, True, True, False, False]
