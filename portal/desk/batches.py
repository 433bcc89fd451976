"""Acting on many rows at once without letting one broken row stop the others. Decision 4 of the architecture.

Claim and effect are one transaction, so a process that dies between them leaves nothing behind: the database takes
the claim back and the next sweep, here or on another replica, finds the row as it was. No lease is needed; leases
are for effects outside the database, such as sending mail.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from sqlalchemy import Integer, Update, bindparam, select, update

from models import Base
from models.base import Moment
from portal.desk import audit, changes, policy
from portal.desk.work import Work

log = logging.getLogger(__name__)
_DOUBLINGS = 16


class Claimed(Protocol):
    """A row that a sweep has taken."""

    @property
    def id(self) -> int: ...
    @property
    def put_off(self) -> int: ...


AnyClaimed = TypeVar("AnyClaimed", bound=Claimed)


MOMENT = bindparam("moment", type_=Moment())
"""When rows are claimed, for what `claiming` writes on them."""


def claiming(table: type[Base], **values: Any) -> Update:
    """The UPDATE that claims the rows whose `next_at` has come, the longest due first, and writes `values` on them.

    It asks for no further turn of theirs, and passes by what another replica holds.
    """
    rows: Any = table.__table__
    due = (
        select(rows.c.id)
        .where(rows.c.next_at <= MOMENT)
        .order_by(rows.c.next_at)
        .limit(bindparam("batch", type_=Integer))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    taken = update(rows).where(rows.c.id.in_(select(due.c.id)))
    return taken.values({"next_at": None, **values}).returning(rows.c.id, rows.c.put_off)


async def claim(work: Work, statement: Update, batch: int) -> list[Any]:
    """Take rows with one UPDATE … RETURNING that already marks them; nothing due costs this statement alone.

    The statement is told `moment` and `batch`.
    """
    options = {"audited": True, "synchronize_session": False}
    told = {"moment": work.now, "batch": batch}
    rows: list[Any] = list(await work.session.execute(statement, told, execution_options=options))
    if not rows:
        changes.accounted(work.session)  # nothing was changed, so there is nothing to record
    return rows


async def take(
    work: Work,
    table: type[Base],
    statement: Update,
    batch: int,
    effects: Callable[[Work, Sequence[int]], Awaitable[None]],
) -> int:
    """Claim rows and do with them, told by their ids, what `act` says; return how many there were."""
    rows = await claim(work, statement, batch)
    if rows:
        await act(work, table, rows, lambda some: effects(work, [row.id for row in some]))
    return len(rows)


async def act(
    work: Work,
    table: type[Base],
    rows: Sequence[AnyClaimed],
    effects: Callable[[Sequence[AnyClaimed]], Awaitable[None]],
) -> None:
    """Let the effects of all rows happen together; if that fails, one by one, and put off those that fail.

    `effects` changes rows with Core statements only and records what it did. A row put off is taken again later.
    """
    try:
        async with work.session.begin_nested():
            await effects(rows)
    except Exception:
        log.exception("A batch of %d %s failed; going on one by one.", len(rows), table.__tablename__)
    else:
        return
    for row in rows:
        try:
            async with work.session.begin_nested():
                await effects([row])
        except Exception as error:
            log.exception("%s/%d is put off.", table.__tablename__, row.id)
            await _put_off(work, table, row, error)


def try_again_at(work: Work, put_off: int) -> datetime:
    """Say when to come back to a row that has failed so often."""
    doubled: timedelta = policy.PUT_OFF * 2 ** min(put_off, _DOUBLINGS)
    return work.now + min(doubled, policy.PUT_OFF_AT_MOST)


async def _put_off(work: Work, kind: type[Base], row: Claimed, error: Exception) -> None:
    table: Any = kind.__table__
    moment, times = try_again_at(work, row.put_off), row.put_off + 1
    connection = await work.session.connection()
    later = update(table).where(table.c.id == bindparam("row"))
    await connection.execute(later.values(next_at=moment, put_off=times), {"row": row.id})
    told = {"next_at": [None, moment.isoformat()], "put_off": [row.put_off, times]}
    await audit.record_each(work, "put off", table.name, [(row.id, told)], reason=type(error).__name__)
