"""The tax that prices include: prices are what customers pay, and tax is told beside them. S1-4.4.1a

For each rate the tax of all its lines together is rounded once, half to even; the lines then share exactly that, so that
what stands on the lines always adds up to what the letter says. The figures are kept with the order: a rate that changes
later changes nothing of what was placed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import func, select

from models import Order, OrderLine
from portal.desk.money import WHOLE
from portal.desk.work import Work


@dataclass(frozen=True, slots=True)
class RateTotal:
    """What the lines of one rate include of tax, in minor units."""

    tax_bp: int
    tax_minor: int


def shares(gross_minor: Sequence[int], tax_bp: int) -> list[int]:
    """The tax that each of these amounts of one rate includes, in minor units: together that of their sum, rounded once.

    What rounding leaves goes to those of whom it took most, the first of them first.
    """
    exact = [Fraction(gross * tax_bp, WHOLE + tax_bp) for gross in gross_minor]
    found = [share.__floor__() for share in exact]
    left = round(sum(exact, Fraction(0))) - sum(found)  # Python rounds a fraction half to even
    most = sorted(range(len(exact)), key=lambda place: (found[place] - exact[place], place))
    for place in most[:left]:
        found[place] += 1
    return found


def write_down(lines: Iterable[OrderLine]) -> None:
    """Put onto every line what it includes of tax, by the rate it was ordered at; none where it has no rate."""
    of_rate: dict[int, list[OrderLine]] = {}
    for line in lines:
        line.tax_minor = None
        if line.tax_bp is not None:
            of_rate.setdefault(line.tax_bp, []).append(line)
    for tax_bp, same in of_rate.items():
        for line, tax_minor in zip(same, shares([one.total_minor for one in same], tax_bp), strict=True):
            line.tax_minor = tax_minor


def by_rate(lines: Iterable[OrderLine]) -> list[RateTotal]:
    """What an order includes of tax for each rate, the highest first, from the figures kept on its lines."""
    found: dict[int, int] = {}
    for line in lines:
        if line.tax_bp is not None:
            found[line.tax_bp] = found.get(line.tax_bp, 0) + (line.tax_minor or 0)
    return [RateTotal(tax_bp, found[tax_bp]) for tax_bp in sorted(found, reverse=True)]


async def of_order(work: Work, order: Order) -> list[RateTotal]:
    """The same for an order whose lines are not loaded."""
    rows = await work.session.execute(
        select(OrderLine.tax_bp, func.sum(OrderLine.tax_minor))
        .where(OrderLine.order_id == order.id, OrderLine.tax_bp.is_not(None))
        .group_by(OrderLine.tax_bp)
        .order_by(OrderLine.tax_bp.desc())
    )
    return [RateTotal(tax_bp or 0, int(tax_minor or 0)) for tax_bp, tax_minor in rows]
