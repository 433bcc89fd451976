"""What holds for every order of the house, as data that managers edit: the tax rate, and when two people check.

S1-4.4.1a, S1-4.3.2a
"""

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
        work.remembered[_REMEMBERED] = found or OrderRules(tax_bp=None, second_above_minor=None)
    rules: OrderRules = work.remembered[_REMEMBERED]
    return rules


async def needs_a_second(work: Work, total_minor: int, currency: str) -> bool:
    """Whether an order of this sum is checked by a second person. S1-4.3.2a

    The sum is in the desk's currency: of an order in another nobody can say how much that is, so it is checked.
    """
    above = (await in_force(work)).second_above_minor
    return above is not None and (currency != work.terms.currency or total_minor > above)


async def ensure_defaults(work: Work) -> None:
    """Write the one row, which asks nothing, where there is none yet."""
    work.require(May.EDIT_POLICY)
    if await work.session.scalar(select(OrderRules.id).limit(1)) is None:
        row = OrderRules(tax_bp=None, second_above_minor=None)
        work.session.add(row)
        await audit.record(work, "write order rules", row)


async def change(work: Work, row: OrderRules, expected_version: int, **changes: Any) -> None:
    """Change what holds for orders from now on. Raises NotAccepted per field, Conflict for a second author."""
    work.require(May.EDIT_POLICY)
    if unknown := changes.keys() - {"tax_bp", "second_above_minor"}:
        raise NotAccepted.of(dict.fromkeys(sorted(unknown), "This is not changed here."))
    await hold_version(work, row, expected_version, changes)
    tax_bp = changes.get("tax_bp", row.tax_bp)
    if tax_bp is not None and not 0 <= tax_bp <= WHOLE:
        raise NotAccepted(tax_bp="Between 0 and 100 percent.")
    if (changes.get("second_above_minor") or 0) < 0:
        raise NotAccepted(second_above_minor="Nothing or more.")
    for name, value in changes.items():
        setattr(row, name, value)
    work.remembered.pop(_REMEMBERED, None)
    await audit.record(work, "change order rules", row)
