"""Saving over what somebody else may have saved meanwhile. Nothing is overwritten unseen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

from sqlalchemy import inspect, select

from models import AuditEntry, Base
from portal.desk.errors import Conflict
from portal.desk.work import Work

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""Signs that no database can hold: no person types them."""


def storable(text: str) -> str:
    """The text without signs that no database can hold."""
    return UNSTORABLE.sub("", text)


async def hold(work: Work, thing: Base) -> None:
    """Read the thing anew and hold it until this deed ends, so that two who decide on it do so in turn."""
    await work.session.flush()
    columns = [column.key for column in inspect(thing).mapper.column_attrs]  # not what hangs on it
    await work.session.refresh(thing, columns, with_for_update=True)


async def hold_version(work: Work, thing: Any, expected_version: int, changes: Mapping[str, Any]) -> None:
    """Hold the thing at the version that was looked at.

    Raises Conflict, saying who saved what meanwhile, with the values of both where they differ. S2-6.5
    """
    await hold(work, thing)
    if thing.version == expected_version:
        return
    table = inspect(thing).mapper.local_table.description
    last = await work.session.scalar(
        select(AuditEntry)
        .where(AuditEntry.subject_kind == table, AuditEntry.subject_id == str(thing.id))
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    who = last.who if last else "Somebody"
    saved = last.changes.get(f"{table}/{thing.id}", {}) if last else {}
    fields = ", ".join(name.replace("_", " ") for name in saved)
    differing = {name: value for name, value in changes.items() if getattr(thing, name) != value}
    raise Conflict(
        f"{who} changed this while you were writing{f' ({fields})' if fields else ''}. Nothing was overwritten.",
        yours={name: _shown(value) for name, value in differing.items()},
        theirs={name: _shown(getattr(thing, name)) for name in differing},
        saved_by=who,
    )


def _shown(value: object) -> str:
    if value is None:
        return ""
    return str(value.value if isinstance(value, Enum) else value)
