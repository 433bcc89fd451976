"""Batch after batch: how many rows each takes, what it may remember, and when there is no more."""

import pytest

from jobs.batching import Taken, in_batches
from portal.desk.work import SYSTEM, Desk, Work

MANY, FEW = 7, 3


class Rows:
    """So many rows to act on; keeps what each batch was asked for, and what the one before it had left for it."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.asked: list[tuple[int, int]] = []

    async def act(self, work: Work, batch: int) -> int:
        assert work.actor == SYSTEM
        self.asked.append((batch, work.remembered.setdefault("batches", 0)))
        work.remembered["batches"] += 1
        taken = min(self.left, batch)
        self.left -= taken
        return taken


@pytest.mark.parametrize(
    ("full", "over", "short_is_last", "looks"),
    [
        (2, 1, False, 4),  # two full ones, a short one, and one that finds nothing
        (2, 1, True, 3),
        (2, 0, False, 3),
        (2, 0, True, 3),  # the second was full, so that a third has to look
        (0, 0, False, 1),
        (0, 0, True, 1),
    ],
)
async def test_it_goes_on_until_nothing_is_left(
    desk: Desk, full: int, over: int, *, short_is_last: bool, looks: int
) -> None:
    size = FEW if desk.database.is_sqlite else MANY
    rows = Rows(full * size + over)
    taken = await in_batches(desk, rows.act, MANY, FEW, short_is_last=short_is_last)
    assert taken == Taken(batches=full + over, rows=full * size + over)
    assert rows.asked == [(size, 0)] * looks


async def test_a_batch_goes_by_what_the_one_before_it_read_if_it_shall(desk: Desk) -> None:
    rows = Rows(2 * MANY)
    await in_batches(desk, rows.act, MANY, MANY, remembering=True)
    assert rows.asked == [(MANY, 0), (MANY, 1), (MANY, 2)]
