"""A small shop for the tests: what is on sale, and orders placed on it."""

from dataclasses import replace

from models import Order
from models.words import DeliveryMethod, OrderStatus
from portal.desk import orders, products
from portal.desk.orders import OrderDraft
from portal.desk.products import ProductDetails
from portal.desk.work import Actor, Desk
from tests.cast import ANA, CORA, FRED, MARA

CHAIR, LAMP, ADVICE = 1, 2, 3
"""Ids of what is on sale: chairs at 49.90, of which there are five; one lamp at 20.00; advice, never counted."""

GOODS = (
    (ProductDetails(sku="CH-1", name="Chair", price_minor=4990, category="Furniture"), 5),
    (ProductDetails(sku="LA-1", name="Lamp", price_minor=2000, category="Light"), 1),
    (ProductDetails(sku="AD-1", name="Advice", price_minor=6000, unit="hour"), None),
)

DRAFT = OrderDraft(
    customer_id=ANA,
    lines=((CHAIR, 2), (ADVICE, 1)),
    delivery_method=DeliveryMethod.DELIVERY,
    ship_name="Ana Example",
    ship_address="Example Street 1\n10115 Berlin",
    note="Ring twice.",
)


async def stocked(desk: Desk) -> None:
    """Put the goods on sale, once."""
    async with desk.work(MARA) as work:
        if not await products.load_all(work, [CHAIR]):
            for details, on_hand in GOODS:
                await products.create(work, details, on_hand=on_hand)


async def ordered(desk: Desk, draft: OrderDraft = DRAFT, by: Actor = CORA) -> Order:
    """Read a draft back and place it."""
    await stocked(desk)
    async with desk.work(by) as work:
        agreed = orders.fingerprint(await orders.check(work, draft))
        return await orders.place(work, draft, fingerprint=agreed)


async def led_to(desk: Desk, status: OrderStatus, draft: OrderDraft = DRAFT) -> int:
    """Place an order and lead it to a stage; gives its id."""
    number = (await ordered(desk, draft)).id
    for step in (
        OrderStatus.HANDED_OVER,
        OrderStatus.PREPARED,
        OrderStatus.DISPATCHED,
        OrderStatus.DELIVERED,
    ):
        if status is OrderStatus.CONFIRMED:
            break
        async with desk.work(CORA if step is OrderStatus.HANDED_OVER else FRED) as work:
            order = await orders.load(work, number)
            match step:
                case OrderStatus.HANDED_OVER:
                    await orders.hand_over(work, order)
                case OrderStatus.PREPARED:
                    await orders.prepare(work, order)
                case OrderStatus.DISPATCHED if order.delivery_method is DeliveryMethod.DELIVERY:
                    await orders.dispatch(work, order, carrier="Bicycle", tracking="T-1")
                case OrderStatus.DELIVERED:
                    await orders.deliver(work, order)
        if step is status:
            break
    return number


def of_lines(*lines: tuple[int, int]) -> OrderDraft:
    """The usual draft with other lines."""
    return replace(DRAFT, lines=lines)
