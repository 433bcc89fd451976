"""How often something was tried in a while: shared by all replicas, forgotten after a day."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select

from models import SignInAttempt
from portal.desk import bulk
from portal.desk.errors import TooOften, WrongMoment
from portal.desk.work import Work

KEPT_MINUTES = 24 * 60
"""Older windows are forgotten with the next attempt."""


def _window(moment: datetime, seconds: int) -> int:
    """Say in which window a moment lies: its first minute since 1970. Windows are whole minutes long."""
    minutes = max(1, -(-seconds // 60))
    return int(moment.timestamp()) // 60 // minutes * minutes


async def allow(work: Work, key: str, limit: int, seconds: int) -> None:
    """Refuse who has used up their tries; counts nothing. Raises TooOften."""
    made = await work.session.scalar(
        select(func.max(SignInAttempt.count)).where(
            SignInAttempt.key == key,
            SignInAttempt.window == _window(work.now, seconds),
        )
    )
    if (made or 0) >= limit:
        raise TooOften


async def count(work: Work, key: str, limit: int, seconds: int) -> int:
    """Count one try of `key` and answer how many this window has seen.

    A window lasts `seconds`, in whole minutes. Raises TooOften when this try is one more than `limit`.
    """
    insert = bulk.insert_of(work.session)
    one = insert(SignInAttempt).values(key=key, window=_window(work.now, seconds), count=1)
    made = await work.session.scalar(
        one.on_conflict_do_update(
            index_elements=[SignInAttempt.key, SignInAttempt.window],
            set_={"count": SignInAttempt.count + 1},
        ).returning(SignInAttempt.count),
        execution_options={"synchronize_session": False},
    )
    await _forget_old(work)
    if made is None or made > limit:
        raise TooOften
    return int(made)


async def use_up(work: Work, key: str, made_at: datetime) -> None:
    """Take a key that may be used once, such as the id of a token made at `made_at`.

    Raises WrongMoment the second time. Whoever calls refuses tokens older than a day.
    """
    insert = bulk.insert_of(work.session)
    one = insert(SignInAttempt).values(key=key, window=_window(made_at, 60), count=1)
    taken = await work.session.scalar(one.on_conflict_do_nothing().returning(SignInAttempt.count))
    await _forget_old(work)
    if taken is None:
        raise WrongMoment("This was used before.")


async def _forget_old(work: Work) -> None:
    past = _window(work.now, 60) - KEPT_MINUTES
    await work.session.execute(
        delete(SignInAttempt).where(SignInAttempt.window < past),
        execution_options={"synchronize_session": False},
    )
