"""What only the database tells about answers: asked for steps that have such a question, and for no other.

A product is looked up in the catalogue, an order among this customer's, an open time in the calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, func, select

from models import Order, Product
from portal.desk import followups
from portal.desk.fields.base import PLAIN, Question, Terms, whole_option
from portal.desk.fields.counting import SLOTS, moment_of
from portal.desk.fields.registry import FIELDS
from portal.desk.work import Work

_products: Any = Product.__table__
_orders: Any = Order.__table__
_PRODUCTS = select(_products.c.sku, _products.c.name, _products.c.active).where(
    func.lower(_products.c.sku).in_(bindparam("codes", expanding=True))
)
_ORDERS = select(_orders.c.number, _orders.c.customer_id).where(
    _orders.c.number.in_(bindparam("numbers", expanding=True))
)
_LAST = (
    select(_orders.c.number)
    .where(_orders.c.customer_id == bindparam("customer_id"))
    .order_by(_orders.c.id.desc())
    .limit(5)
)


def terms_of(work: Work, country: str = "", announced: str = "") -> Terms:
    """What answers are read with here and now."""
    return Terms(
        currency=work.terms.currency,
        country=country,
        today=work.now.date(),
        zone=work.actor.zone,
        announced=announced,
    )


async def facts(
    work: Work, questions: Iterable[Question], typed: Mapping[str, str], customer_id: int | None
) -> dict[str, dict[str, Any]]:
    """Give what the controls of these questions show, by name: times offered, orders, the product's name."""
    asked = list(questions)
    terms = terms_of(work)
    found: dict[str, dict[str, Any]] = {one.name: {"terms": terms} for one in asked}
    for one in _of(asked, "slot"):
        slots = await followups.next_slots(work, whole_option(one.options, "count", SLOTS))
        told = [slot.isoformat() for slot in slots]
        chosen = typed.get(one.name, "")
        if chosen and chosen not in told and moment_of(chosen):
            told.insert(0, chosen)
        found[one.name]["slots"] = [(at, FIELDS["slot"].shown(one, at, terms)) for at in told]
    if customer_id is not None and _of(asked, "order"):
        last = list((await work.session.execute(_LAST, {"customer_id": customer_id})).scalars())
        for one in _of(asked, "order"):
            found[one.name]["orders"] = last
    codes = {typed.get(one.name, "").strip().lower() for one in _of(asked, "product")} - {""}
    if codes:
        rows = (await work.session.execute(_PRODUCTS, {"codes": sorted(codes)})).all()
        names = {row.sku.lower(): row.name for row in rows}
        for one in _of(asked, "product"):
            found[one.name]["product"] = names.get(typed.get(one.name, "").strip().lower(), "")
    return found


async def checked(
    work: Work, questions: Iterable[Question], typed: Mapping[str, str], customer_id: int | None
) -> tuple[dict[str, str], dict[str, str]]:
    """Compare answers, right by their form, with the books: give what is wrong, and what is spelt otherwise there."""
    asked = [one for one in questions if typed.get(one.name, "").strip()]
    wrong: dict[str, str] = {}
    spelt: dict[str, str] = {}
    if products := _of(asked, "product"):
        await _check_products(work, products, typed, wrong, spelt)
    if orders := _of(asked, "order"):
        await _check_orders(work, orders, typed, customer_id, wrong)
    for one in _of(asked, "slot"):
        slots = await followups.next_slots(work, whole_option(one.options, "count", SLOTS))
        if moment_of(typed[one.name]) not in slots:
            wrong[one.name] = "This time is no longer open. Choose one of the times offered."
    return wrong, spelt


async def _check_products(
    work: Work,
    asked: Sequence[Question],
    typed: Mapping[str, str],
    wrong: dict[str, str],
    spelt: dict[str, str],
) -> None:
    codes = sorted({typed[one.name].strip().lower() for one in asked})
    rows = (await work.session.execute(_PRODUCTS, {"codes": codes})).all()
    for one in asked:
        code = typed[one.name].strip()
        alike = [row for row in rows if row.sku.lower() == code.lower()]
        exact = next((row for row in alike if row.sku == code), alike[0] if len(alike) == 1 else None)
        if exact is None:
            wrong[one.name] = "The catalogue has no product with this code."
            if alike:
                wrong[one.name] = f"Which one: {' or '.join(sorted(row.sku for row in alike))}?"
        else:
            spelt[one.name] = exact.sku


async def _check_orders(
    work: Work,
    asked: Sequence[Question],
    typed: Mapping[str, str],
    customer_id: int | None,
    wrong: dict[str, str],
) -> None:
    told = {one.name: FIELDS["order"].kept(one, [typed[one.name]], PLAIN) for one in asked}
    rows = (await work.session.execute(_ORDERS, {"numbers": sorted(set(told.values()))})).all()
    owners = {row.number: row.customer_id for row in rows}
    for name, number in told.items():
        if customer_id is None or owners.get(number) != customer_id:
            wrong[name] = "This customer has no order with this number."


def _of(questions: Iterable[Question], kind: str) -> list[Question]:
    return [one for one in questions if one.kind == kind]
