"""Rewriting what tells of a customer, table by table, and the audit entries about it. Decision 28

The trail stays sealed: an entry that is rewritten has its old and its new digest in the entry of the erasure, and
`audit_seals.verify` takes the one for the other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, String, Table, Text, bindparam, case, cast, delete, select, update

from models import AuditEntry, Base, Chat, Contact, Customer, Mail, Message, Order, SearchToken
from models.words import Audience
from portal.desk import audit_seals, bulk, transcripts
from portal.desk.erasing.fates import ERASED, FATES, NAME, TRADE, Fate
from portal.desk.erasing.known import Known, marks, wordless
from portal.desk.erasing.reach import Reach
from portal.desk.work import Work

ENTRIES = 1000
"""Audit entries that are looked through at once."""
_AUDITED = {"audited": True, "synchronize_session": False}
_entries: Any = AuditEntry.__table__
_NAMED = re.compile(r'"([a-z_]+)/(\d+)"')
_ONE_BY_ONE = frozenset({Fate.KNOWN, Fate.MARKS})
_NAMES = ("name", "organisation")
_TEXTS = ("email", "street", "city", "postal_code")


async def known_of(work: Work, reach: Reach) -> Known:
    """Everything by which the person is or was known: on their records, in what they sent and were sent, in the trail."""
    known = Known()
    ids = {"ids": reach["customers"]}
    for customer in await work.session.scalars(
        select(Customer).where(Customer.id.in_(bulk.numbers("ids"))), ids
    ):
        _add(known, {name: getattr(customer, name) for name in (*_NAMES, *_TEXTS, "phone")})
    keys = [str(one) for one in reach["customers"]]
    told = await work.session.scalars(
        select(AuditEntry.changes).where(
            AuditEntry.subject_kind == "customers", AuditEntry.subject_id.in_(keys)
        )
    )
    for changes in told:
        for one in keys:
            for name, values in changes.get(f"customers/{one}", {}).items():
                for value in values if isinstance(values, list) else []:
                    _add(known, {name: value or ""})
    for statement, table, add in (
        (select(Order.ship_name), "orders", known.add_name),
        (select(Order.ship_address), "orders", known.add),
        (select(Message.to_address).where(Message.audience == Audience.CUSTOMER), "messages", known.add),
        (select(Message.to_name).where(Message.audience == Audience.CUSTOMER), "messages", known.add_name),
        (select(Mail.sender_address), "mails", known.add),
        (select(Mail.sender_name), "mails", known.add_name),
        (select(Contact.handle), "contacts", known.add_handle),
        (select(Chat.address), "chats", known.add),
        (select(Chat.name), "chats", known.add_name),
    ):
        column = Base.metadata.tables[table].c.id
        rows = await work.session.scalars(
            statement.where(column.in_(bulk.numbers("ids"))).distinct(), {"ids": reach[table]}
        )
        for text in rows:
            add(text or "")
    return known


def _add(known: Known, told: Mapping[str, Any]) -> None:
    for name, value in told.items():
        if name in _NAMES:
            known.add_name(str(value))
        elif name in _TEXTS:
            known.add(str(value))
        elif name == "phone":
            known.add_phone(str(value))


async def rewrite(work: Work, reach: Reach, known: Known) -> dict[str, int]:
    """Rewrite every row that is reached; return how many of each table."""
    for name, ids in reach.items():
        if not ids:
            continue
        table = Base.metadata.tables[name]
        at_once = {
            column: _value(table.c[column], fate)
            for column, fate in FATES[name].items()
            if fate not in _ONE_BY_ONE
        }
        if at_once:
            await work.session.execute(
                update(table).where(table.c.id.in_(bulk.numbers("ids"))).values(at_once),
                {"ids": ids},
                execution_options=_AUDITED,
            )
        await _one_by_one(work, table, ids, known)
    await _forget_words(work, reach)
    return {name: len(ids) for name, ids in reach.items() if ids}


def _value(column: Column[Any], fate: Fate) -> Any:
    if column.table.name == Customer.__tablename__ and column.name == "name":
        return NAME
    match fate:
        case Fate.GOES:
            return case((column != "", ERASED), else_="")
        case Fate.BLANK:
            return () if column.name == "cues" else ""
        case Fate.NULL:
            return None
        case Fate.CONTENT:
            return b""
        case _:
            return {}


async def _one_by_one(work: Work, table: Table, ids: Sequence[int], known: Known) -> None:
    """What is left of each row once the known is taken out; rows with nothing of it are not touched."""
    fates = {name: fate for name, fate in FATES[table.name].items() if fate in _ONE_BY_ONE}
    if not fates:
        return
    columns = [table.c[name] for name in fates]
    found = await work.session.execute(
        select(table.c.id, *columns).where(table.c.id.in_(bulk.numbers("ids"))), {"ids": list(ids)}
    )
    changed = []
    for row_id, *values in found.all():
        after = [
            marks(value) if fate is Fate.MARKS else known.out_of(value)
            for value, fate in zip(values, fates.values(), strict=True)
        ]
        if after != values:
            changed.append(
                {"row": row_id, **{f"to_{name}": one for name, one in zip(fates, after, strict=True)}}
            )
    if changed:
        statement = (
            update(table)
            .where(table.c.id == bindparam("row"))
            .values({name: bindparam(f"to_{name}", type_=table.c[name].type) for name in fates})
        )
        await work.session.execute(statement, changed, execution_options=_AUDITED)


async def _forget_words(work: Work, reach: Reach) -> None:
    """Take away every word by which customer, order, case or call was found; `erasing` writes the numbers anew."""
    for kind, table in (
        ("customer", "customers"),
        ("order", "orders"),
        ("case_words", "cases"),
        (transcripts.KIND, "contacts"),
    ):
        await work.session.execute(
            delete(SearchToken).where(
                SearchToken.kind == kind, SearchToken.thing_id.in_(bulk.numbers("ids"))
            ),
            {"ids": reach[table]},
            execution_options=_AUDITED,
        )


async def rewrite_trail(work: Work, reach: Reach, known: Known) -> dict[str, list[str]]:
    """Rewrite the audit entries that tell of the customer; of each the digest it had and the one it has now."""
    rows = {(name, str(one)) for name, ids in reach.items() for one in ids}
    digests: dict[str, list[str]] = {}
    last = 0
    while True:
        found = (
            await work.session.execute(
                select(
                    _entries.c.id,
                    _entries.c.subject_kind,
                    _entries.c.subject_id,
                    cast(_entries.c.changes, Text).label("told"),
                )
                .where(_entries.c.id > last)
                .order_by(_entries.c.id)
                .limit(ENTRIES)
            )
        ).all()
        if not found:
            return digests
        last = found[-1].id
        about = [
            one.id
            for one in found
            if (one.subject_kind, one.subject_id) in rows or rows.intersection(_NAMED.findall(one.told))
        ]
        if about:
            digests |= await _rewrite_entries(work, about, rows, known)


async def _rewrite_entries(
    work: Work, ids: list[int], rows: set[tuple[str, str]], known: Known
) -> dict[str, list[str]]:
    before = await audit_seals.digests_of(work, ids)
    found = await work.session.execute(
        select(
            _entries.c.id,
            _entries.c.subject_kind,
            _entries.c.subject_id,
            _entries.c.changes,
            _entries.c.reason,
        ).where(_entries.c.id.in_(bulk.numbers("ids"))),
        {"ids": ids},
    )
    changed = []
    for entry in found.all():
        mine = (entry.subject_kind, entry.subject_id) in rows
        changes = _changes(entry.changes, rows, known, mine=mine)
        reason = _reason(entry.reason, entry.subject_kind, known, mine=mine)
        if (changes, reason) != (entry.changes, entry.reason):
            changed.append({"row": entry.id, "to_changes": changes, "to_reason": reason})
    if changed:
        statement = (
            update(_entries)
            .where(_entries.c.id == bindparam("row"))
            .values(
                changes=bindparam("to_changes", type_=_entries.c.changes.type),
                reason=bindparam("to_reason", type_=String),
            )
        )
        await work.session.execute(statement, changed, execution_options=_AUDITED)
    after = await audit_seals.digests_of(work, [one["row"] for one in changed])
    return {str(number): [before[number], digest] for number, digest in after.items()}


def _reason(reason: str, kind: str, known: Known, *, mine: bool) -> str:
    if mine and kind not in TRADE:
        return ERASED if reason else ""
    return known.without(reason)[:500]


def _changes(
    changes: Mapping[str, Any], rows: set[tuple[str, str]], known: Known, *, mine: bool
) -> dict[str, Any]:
    """What an entry tells of other things stays; of what is reached every value goes the way of its column."""
    after: dict[str, Any] = {}
    for key, told in changes.items():
        table, _, number = key.partition("/")
        if (table, number) in rows and isinstance(told, dict):
            after[key] = {name: _told(table, name, one, known) for name, one in told.items()}
        else:
            after[key] = known.out_of(told) if mine else told
    return after


def _told(table: str, name: str, told: Any, known: Known) -> Any:
    """Old and new of one column, or of what a deed told by another name."""
    column = Base.metadata.tables[table].columns.get(name)
    fate = FATES[table].get(name)
    if fate is Fate.KNOWN or (fate is None and table in TRADE):
        return known.out_of(told)
    if fate is None and column is not None:
        return told  # as it stays in the row itself
    return wordless(told)
