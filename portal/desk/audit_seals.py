"""The audit trail as a chain: stretches of entries are sealed behind those who write, and verified. S2-8.7, decision 26

A seal holds a digest of each entry of its stretch and the digest of the seal before. Whoever writes an entry waits
for nobody: a job seals what there is. On PostgreSQL an id can be given out before a smaller one is committed; what
was not there yet is a gap of its stretch, and is sealed as late when it comes, within a day.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Text, cast, func, or_, select, type_coerce
from sqlalchemy.exc import IntegrityError

from models import AuditEntry, AuditSeal, Erasure
from portal.desk.permissions import May
from portal.desk.work import SYSTEM, Desk, Work

STRETCH = 500
"""Entries of one seal, read and written in one transaction."""
LATE = timedelta(days=1)
"""So long after its stretch was sealed an entry can still come: no transaction takes longer. Later it was put in."""
ERASED = "erase customer"
"""The deed whose entries say which others were rewritten. Decision 28"""
_SHORT = 32
"""Signs of an entry's digest that are kept: nobody finds another entry with the same 128 bits."""

_entries: Any = AuditEntry.__table__
_columns = tuple(
    # As they are written, and not as they are read: what somebody wrote over may be no moment and no document.
    cast(column, Text).label(column.key)
    if column.key == "changes"
    else type_coerce(column, Text).label(column.key)
    if column.key == "at"
    else column
    for column in _entries.columns
)


@dataclass(slots=True)
class Verified:
    """What verifying the chain came to."""

    entries: int = 0
    seals: int = 0
    waiting: int = 0
    """Entries that are not sealed yet."""
    digest: str = ""
    """Of the last seal: noted elsewhere, it shows later that the chain up to it is still the same."""
    rewritten: int = 0
    """Entries from which an erasure took a person; each by an entry that says so, and holds. Decision 28"""
    wrong: list[str] = field(default_factory=list)


def digest_of(entry: Row[Any]) -> str:
    """What an entry says, as one short text that is another one when anything of it is."""
    told = [_plain(value) for value in entry]
    return _digest(told)[:_SHORT]


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _digest(told: Any) -> str:
    text = json.dumps(told, separators=(",", ":"), default=repr)
    return hashlib.sha256(text.encode()).hexdigest()


def _sealed(seal: AuditSeal) -> str:
    return _digest(
        [
            seal.id,
            seal.previous,
            seal.first_id,
            seal.last_id,
            seal.entries,
            seal.late,
            seal.gaps,
            _plain(seal.sealed_at),
        ]
    )


async def seal_next(work: Work) -> int:
    """Seal the next stretch, with what came late; return how many entries, 0 when there are none.

    When another replica seals at the same moment, one of the two does nothing: both would write the same number.
    """
    work.require(May.SEE_AUDIT)
    last = await work.session.scalar(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1))
    behind = last.last_id if last else 0
    fresh = await _read(work, _entries.c.id > behind, limit=STRETCH)
    late = await _late(work)
    if not fresh and not late:
        return 0
    ends = fresh[-1].id if fresh else behind
    seal = AuditSeal(
        id=last.id + 1 if last else 1,
        first_id=behind + 1,
        last_id=ends,
        entries=_told(fresh),
        late=_told(late),
        gaps=_gaps(behind + 1, ends, [entry.id for entry in fresh]),
        previous=last.digest if last else "",
        sealed_at=work.now,
    )
    seal.digest = _sealed(seal)
    try:
        async with work.session.begin_nested():
            work.session.add(seal)
    except IntegrityError:
        return 0
    return len(fresh) + len(late)


async def _late(work: Work) -> Sequence[Row[Any]]:
    """Entries in the gaps of the stretches of the last day that no seal has yet."""
    recent = await work.session.execute(
        select(AuditSeal.gaps, AuditSeal.late).where(AuditSeal.sealed_at > work.now - LATE)
    )
    gaps, known = [], set()
    for seal_gaps, seal_late in recent:
        gaps += seal_gaps
        known |= {number for number, _ in seal_late}
    if not gaps:
        return []
    found = await _read(work, or_(*(_entries.c.id.between(begins, ends) for begins, ends in gaps)))
    return [entry for entry in found if entry.id not in known][:STRETCH]


async def _read(work: Work, which: Any, limit: int | None = None) -> Sequence[Row[Any]]:
    found = await work.session.execute(select(*_columns).where(which).order_by(_entries.c.id).limit(limit))
    return found.all()


def _told(entries: Iterable[Row[Any]]) -> list[Any]:
    return [[entry.id, digest_of(entry)] for entry in entries]


def _gaps(begins: int, ends: int, there: Sequence[int]) -> list[Any]:
    """The stretches of ids from `begins` to `ends` that are not among those."""
    found, wanted = [], begins
    for number in [*there, ends + 1]:
        if number > wanted:
            found.append([wanted, number - 1])
        wanted = number + 1
    return found


async def verify(desk: Desk, noted: str = "") -> AsyncIterator[Verified]:
    """Read the whole chain and every entry anew; what it came to, after each stretch and at the end. Writes nothing.

    `noted` is the digest of a seal that was noted elsewhere: that it is not in the chain any more is wrong as well.
    """
    found, unknown, before, met = Verified(), _Unknown(), _Before(), not noted
    async with desk.look(SYSTEM) as work:
        rewritten = await _rewritten(work)
    while True:
        async with desk.look(SYSTEM) as work:
            seal = await _after(work, before)
            if seal is None:
                break
            found.wrong += before.compare(seal)
            if seal.digest == _sealed(seal):
                wrong, erased = _compare(seal, await _of(work, seal), unknown, rewritten)
                found.wrong += wrong
                found.rewritten += erased
                found.entries += len(seal.entries) + len(seal.late)
            else:  # what it says of its entries says nothing
                found.wrong.append(f"Seal {seal.id} was changed.")
        before = _Before(seal.id, seal.last_id, seal.digest)
        met = met or seal.digest == noted
        found.seals, found.digest = found.seals + 1, seal.digest
        yield found
    async with desk.look(SYSTEM) as work:
        await _end(work, found, before, unknown)
    if not met:
        found.wrong.append("The seal that was noted is not in the chain any more.")
    yield found


async def _after(work: Work, before: _Before) -> AuditSeal | None:
    """The next seal; with nothing in it where what is written there can no longer be read."""
    later = select(AuditSeal).where(AuditSeal.id > before.id).order_by(AuditSeal.id).limit(1)
    try:
        found: AuditSeal | None = await work.session.scalar(later)
    except ValueError:
        plain = select(
            AuditSeal.id, AuditSeal.first_id, AuditSeal.last_id, AuditSeal.previous, AuditSeal.digest
        )
        row = (
            await work.session.execute(plain.where(AuditSeal.id > before.id).order_by(AuditSeal.id).limit(1))
        ).one()
        return AuditSeal(**row._asdict(), entries=[], late=[], gaps=[], sealed_at=work.now)
    return found


async def _of(work: Work, seal: AuditSeal) -> Sequence[Row[Any]]:
    """The entries of the stretch of a seal as they are now, and those that it has besides."""
    which = _entries.c.id.between(seal.first_id, seal.last_id)
    late = [number for number, _ in seal.late]
    return await _read(work, or_(which, _entries.c.id.in_(late)) if late else which)


@dataclass(frozen=True, slots=True)
class _Before:
    """The seal before, as the next one has to name it."""

    id: int = 0
    last_id: int = 0
    digest: str = ""

    def compare(self, seal: AuditSeal) -> list[str]:
        wrong = []
        if seal.id != self.id + 1:
            missing = (
                f"Seal {self.id + 1} is"
                if seal.id == self.id + 2
                else f"Seals {self.id + 1} to {seal.id - 1} are"
            )
            wrong.append(f"{missing} missing.")
        elif seal.previous != self.digest or seal.first_id != self.last_id + 1:
            wrong.append(f"Seal {seal.id} does not follow the one before.")
        return wrong


class _Unknown(dict[int, tuple[datetime, str]]):
    """Entries that stand in a stretch whose seal has them not: by id, when it was sealed, and what they are."""


async def digests_of(work: Work, ids: Sequence[int]) -> dict[int, str]:
    """The digests of these entries as they are now."""
    return {entry.id: digest_of(entry) for entry in await _read(work, _entries.c.id.in_(list(ids)))}


async def _rewritten(work: Work) -> dict[tuple[int, str], str]:
    """What erasures made of entries: {(id, digest before): digest after}. Their own entries are sealed like all others."""
    told = await work.session.scalars(
        select(AuditEntry.changes).where(
            AuditEntry.subject_kind == Erasure.__tablename__, AuditEntry.deed == ERASED
        )
    )
    return {
        (int(number), before): after
        for changes in told
        if isinstance(changes, dict)
        for number, (before, after) in changes.get(AuditEntry.__tablename__, {}).items()
    }


def _became(number: int, digest: str, rewritten: Mapping[tuple[int, str], str]) -> str:
    """What an entry with this digest has to be by now: itself, or what one erasure after the other made of it."""
    seen = {digest}
    while (after := rewritten.get((number, digest))) is not None and after not in seen:
        seen.add(after)
        digest = after
    return digest


def _compare(
    seal: AuditSeal,
    rows: Sequence[Row[Any]],
    unknown: _Unknown,
    rewritten: Mapping[tuple[int, str], str],
) -> tuple[list[str], int]:
    """Say what of the entries is not as it was sealed, in the order of their ids; and how many an erasure rewrote."""
    sealed = dict((*seal.entries, *seal.late))
    there = {row.id: row for row in rows}
    wrong, erased = [], 0
    for number in sorted(sealed):
        unknown.pop(number, None)
        row = there.get(number)
        if row is None:
            wrong.append(f"Entry {number} is missing.")
        elif digest_of(row) != _became(number, sealed[number], rewritten):
            wrong.append(f"Entry {number} was changed: now {_called(row)}.")
        else:
            erased += digest_of(row) != sealed[number]
    for number in sorted(there.keys() - sealed.keys()):
        unknown[number] = (seal.sealed_at, _called(there[number]))
    return wrong, erased


async def _end(work: Work, found: Verified, before: _Before, unknown: _Unknown) -> None:
    """What no seal has: what may still be sealed waits, the rest was put in."""
    behind = await work.session.scalar(select(func.count()).where(_entries.c.id > before.last_id)) or 0
    found.waiting = behind
    for number, (sealed_at, called) in sorted(unknown.items()):
        if sealed_at > work.now - LATE:
            found.waiting += 1
        else:
            found.wrong.append(f"Entry {number} was put in: {called}.")


def _called(row: Row[Any]) -> str:
    return f"“{row.deed}” by {row.who}, {_plain(row.at)}"
