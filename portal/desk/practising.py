"""What the practice room has of the house: its people, its policy, its scripts and its library; nothing of its customers.

The room is a second database of the same shape, so nothing done there is sent, counted or found by the house.
S2-0.3
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import String, cast, delete, insert, literal, select, update

from models import (
    Announcement,
    Article,
    ArticleVersion,
    BusinessCalendar,
    CalendarDay,
    ChannelRule,
    CustomerNeed,
    ListedWord,
    Mandate,
    OrderRules,
    OwnChannel,
    PaymentWay,
    Person,
    PolicyVersion,
    ReturnPeriod,
    ScriptVersion,
    VerificationMethodRule,
    VerificationNeed,
)
from portal.desk import audit
from portal.desk.permissions import May
from portal.desk.work import Work

BROUGHT: tuple[Any, ...] = tuple(
    model.__table__
    for model in (
        Person,
        BusinessCalendar,
        CalendarDay,
        PolicyVersion,
        ScriptVersion,
        ChannelRule,
        OwnChannel,
        PaymentWay,
        CustomerNeed,
        ListedWord,
        Announcement,
        VerificationMethodRule,
        VerificationNeed,
        Mandate,
        OrderRules,
        ReturnPeriod,
        Article,
        ArticleVersion,
    )
)
"""In the order in which they refer to each other."""
LEFT_BEHIND = {
    "script_versions": ("based_on_id",),
    "policy_versions": ("based_on_id",),
    "articles": ("product_id",),
}
"""Columns that point at rows which stay in the house."""
EMPTIED = {"articles": {"read_by": ()}}
"""What rows say in the room, whatever they say in the house: nobody is asked there to have read something."""
SWAPPED = {"calendars": "name"}
"""Columns with names that the rows of a table may pass on to each other in the house, and no two have at once."""
FOREVER = frozenset({"article_versions", "policy_versions", "script_versions", "people"})
"""Rows of the room may point at these: none of them is taken away."""
Rows = Sequence[Mapping[str, Any]]


async def read_house(work: Work) -> dict[str, Rows]:
    """Everything the room has of the house. One statement a table."""
    work.require(May.PRACTISE)
    found: dict[str, Rows] = {}
    for table in BROUGHT:
        statement = select(table)
        if table.name in {ScriptVersion.__tablename__, PolicyVersion.__tablename__}:
            statement = statement.where(table.c.in_force_from.is_not(None))
        gone = dict.fromkeys(LEFT_BEHIND.get(table.name, ())) | EMPTIED.get(table.name, {})
        rows = await work.session.execute(statement)
        found[table.name] = [{**row, **gone} for row in rows.mappings()]
    return found


async def bring_over(work: Work, house: Mapping[str, Rows]) -> int:
    """Make the room's copy what the house is now; return how many rows changed. Done twice, it changes nothing."""
    changed = 0
    for table in BROUGHT:
        changed += await _copy(work, table, {row["id"]: row for row in house[table.name]})
    if changed:
        await audit.record(work, "bring over the house")
    return changed


async def _copy(work: Work, table: Any, wanted: Mapping[int, Mapping[str, Any]]) -> int:
    there = {row["id"]: dict(row) for row in (await work.session.execute(select(table))).mappings()}
    new = [dict(row) for key, row in wanted.items() if key not in there]
    other = [row for key, row in wanted.items() if key in there and dict(row) != there[key]]
    gone = [] if table.name in FOREVER else [key for key in there if key not in wanted]
    options = {"audited": True}
    if gone:
        await work.session.execute(delete(table).where(table.c.id.in_(gone)), execution_options=options)
    if other and (name := SWAPPED.get(table.name)):
        let_go = update(table).where(table.c.id.in_([row["id"] for row in other]))
        await work.session.execute(
            let_go.values({name: literal(" ") + cast(table.c.id, String)}), execution_options=options
        )
    for row in other:
        values = {name: value for name, value in row.items() if name != "id"}
        await work.session.execute(
            update(table).where(table.c.id == row["id"]).values(values), execution_options=options
        )
    if new:
        await work.session.execute(insert(table), new, execution_options=options)
    return len(new) + len(other) + len(gone)
