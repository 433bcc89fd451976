"""What holds for every order of the house, as data that managers edit: the usual tax rate. S1-4.4.1a"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from models import OrderRules
from portal.desk import audit
from portal.desk.errors import NotAccepted
from portal.desk.money import WHOLE
from portal.desk.permissions import May
from portal.desk.saving import hold_version
from portal.desk.work import Work

_REMEMBERED = "order rules"


async def in_force(work: Work) -> OrderRules:
    """The rules as they are; where nobody has written any, nothing is asked. Once in a transaction."""
    if _REMEMBERED not in work.remembered:
        found = await work.session.scalar(select(OrderRules).order_by(OrderRules.id).limit(1))
        work.remembered[_REMEMBERED] = found or OrderRules(tax_bp=None)
    rules: OrderRules = work.remembered[_REMEMBERED]
    return rules


async def ensure_defaults(work: Work) -> None:
    """Write the one row, which asks nothing, where there is none yet."""
    work.require(May.EDIT_POLICY)
    if await work.session.scalar(select(OrderRules.id).limit(1)) is None:
        row = OrderRules(tax_bp=None)
        work.session.add(row)
        await audit.record(work, "write order rules", row)


async def change(work: Work, row: OrderRules, expected_version: int, **changes: Any) -> None:
    """Change what holds for orders from now on. Raises NotAccepted per field, Conflict for a second author."""
    work.require(May.EDIT_POLICY)
    if unknown := changes.keys() - {"tax_bp"}:
        raise NotAccepted.of(dict.fromkeys(sorted(unknown), "This is not changed here."))
    await hold_version(work, row, expected_version, changes)
    tax_bp = changes.get("tax_bp", row.tax_bp)
    if tax_bp is not None and not 0 <= tax_bp <= WHOLE:
        raise NotAccepted(tax_bp="Between 0 and 100 percent.")
    for name, value in changes.items():
        setattr(row, name, value)
    work.remembered.pop(_REMEMBERED, None)
    await audit.record(work, "change order rules", row)
