"""Goods that come in and orders that wait for them: what happens, and how things stand afterwards."""

from dataclasses import replace
from datetime import date

from sqlalchemy import select

from models import Message
from portal.desk import orders, products, stock
from portal.desk.orders import OrderDraft
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, INA
from tests.shop import CHAIR, of_lines

LATER = date(2026, 3, 20)


def waiting_for(*lines: tuple[int, int], until: date | None = None) -> OrderDraft:
    """The usual draft of these lines, of which the customer waits for whatever is not there."""
    waits = tuple(sorted({product_id for product_id, _ in lines}))
    return replace(of_lines(*lines), waits=tuple((one, until) for one in waits))


async def counted(desk: Desk, product_id: int, on_hand: int | None) -> None:
    """So many are in the stock room."""
    async with desk.work(INA) as work:
        await stock.count(work, await products.load(work, product_id), on_hand, "A delivery came.")


async def figures(desk: Desk, product_id: int = CHAIR) -> tuple[int | None, int, int, int | None]:
    """On hand, reserved, waited for, and available."""
    async with desk.look(CORA) as work:
        product = await products.load(work, product_id)
        return product.on_hand, product.reserved, product.waiting, product.available


async def waits(desk: Desk, order_id: int) -> list[int]:
    async with desk.look(CORA) as work:
        return [line.waiting for line in (await orders.load(work, order_id)).lines]


async def amended(desk: Desk, order_id: int, draft: OrderDraft) -> None:
    async with desk.work(CORA) as work:
        order = await orders.load(work, order_id)
        agreed = orders.fingerprint(await orders.check_amendment(work, order, draft))
        await orders.amend(
            work,
            order,
            draft,
            fingerprint=agreed,
            expected_amended=order.amended,
            reason="She thought it over.",
        )


async def cancelled(desk: Desk, order_id: int) -> None:
    async with desk.work(CORA) as work:
        await orders.cancel(work, await orders.load(work, order_id), "Not wanted any more.")


async def letters(desk: Desk, *templates: str) -> list[tuple[str, str, str]]:
    async with desk.look(SYSTEM) as work:
        rows = await work.session.execute(
            select(Message.template, Message.reference, Message.to_name)
            .where(Message.template.in_(templates))
            .order_by(Message.id)
        )
        return [(template, reference, name) for template, reference, name in rows]
