"""Counting tries in a while."""

import pytest
from sqlalchemy import func, select

from models import SignInAttempt
from portal.desk import attempts
from portal.desk.errors import TooOften, WrongMoment
from portal.desk.work import SYSTEM, Desk
from tests.cast import Clock


async def tried(desk: Desk, key: str = "a") -> int:
    try:
        async with desk.work(SYSTEM) as work:
            return await attempts.count(work, key, limit=3, seconds=300)
    except TooOften:
        return -1


async def test_the_fourth_try_is_one_too_many_until_the_window_ends(desk: Desk, clock: Clock) -> None:
    assert [await tried(desk) for _ in range(5)] == [1, 2, 3, -1, -1]
    assert await tried(desk, "b") == 1
    clock.forward(minutes=4, seconds=59)
    assert await tried(desk) == -1
    clock.forward(seconds=1)
    assert await tried(desk) == 1


async def test_asking_whether_one_may_counts_nothing(desk: Desk) -> None:
    for made in range(3):
        async with desk.look(SYSTEM) as work:
            await attempts.allow(work, "a", limit=3, seconds=300)
        assert await tried(desk) == made + 1
    with pytest.raises(TooOften):
        async with desk.look(SYSTEM) as work:
            await attempts.allow(work, "a", limit=3, seconds=300)


async def test_a_key_for_once_is_used_once_whenever_it_comes_back(desk: Desk, clock: Clock) -> None:
    made_at = clock()
    async with desk.work(SYSTEM) as work:
        await attempts.use_up(work, "token", made_at)
    clock.forward(hours=23)
    with pytest.raises(WrongMoment):
        async with desk.work(SYSTEM) as work:
            await attempts.use_up(work, "token", made_at)


async def test_old_windows_are_forgotten(desk: Desk, clock: Clock) -> None:
    for _ in range(30):
        await tried(desk)
        clock.forward(hours=1)
    async with desk.look(SYSTEM) as work:
        assert await work.session.scalar(select(func.count()).select_from(SignInAttempt)) == 25
