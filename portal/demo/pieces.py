"""What the demo has sold before and to whom: serial numbers, and what can be sent about a product. S4-5"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from sqlalchemy import select

from models import Order, OrderLine, Product
from models.words import LinkKind, OrderStatus
from portal.demo.story import DAY
from portal.demo.timeline import Story
from portal.desk import product_links, warranty
from portal.desk.work import Work

LINKS: tuple[tuple[str, LinkKind, str, str], ...] = (
    ("STOVE-G", LinkKind.PAGE, "Gas stove, folding", "https://shop.example.com/stove-g"),
    (
        "STOVE-G",
        LinkKind.GUIDE,
        "How to light and clean the stove",
        "https://shop.example.com/guides/stove-g",
    ),
    ("STOVE-G", LinkKind.QUESTIONS, "Questions about gas", "https://shop.example.com/questions/gas"),
    ("STOVE-W", LinkKind.PAGE, "Wood stove, titanium", "https://shop.example.com/stove-w"),
    ("LANTERN", LinkKind.PAGE, "Lantern, rechargeable", "https://shop.example.com/lantern"),
    ("LANTERN", LinkKind.GUIDE, "Charging the lantern", "https://shop.example.com/guides/lantern"),
    ("LAMP-H", LinkKind.PAGE, "Head lamp, 300 lm", "https://shop.example.com/lamp-h"),
    (
        "LAMP-H",
        LinkKind.QUESTIONS,
        "Questions about batteries",
        "https://shop.example.com/questions/batteries",
    ),
    ("MAT-SI", LinkKind.PAGE, "Self-inflating mat", "https://shop.example.com/mat-si"),
    ("MAT-SI", LinkKind.GUIDE, "Finding and patching a hole", "https://shop.example.com/guides/mat-si"),
    ("FILTER", LinkKind.GUIDE, "Rinsing the filter backwards", "https://shop.example.com/guides/filter"),
    ("PAN-28", LinkKind.GUIDE, "Care of cast iron", "https://shop.example.com/guides/cast-iron"),
)
"""What can be sent to a customer about a product."""

PIECES: tuple[tuple[str, str, int, int], ...] = (
    ("GS-24-10077", "STOVE-G", 0, 400),
    ("LT-23-55102", "LANTERN", 16, 740),
    ("HL-26-00341", "LAMP-H", 14, 90),
    ("MS-25-20818", "MAT-SI", 31, 200),
    ("TN-22-00019", "TENT-2P", 8, 1_200),
    ("WF-25-70450", "FILTER", 34, 366),
)
"""Pieces sold in earlier years: serial number, product, the place of its customer, days since the purchase."""
NUMBERED = ("STOVE-G", "STOVE-W", "LANTERN", "LAMP-H", "TENT-2P", "TENT-4P", "MAT-SI")
"""Products with a serial number on each piece."""


def plan_pieces(story: Story) -> None:
    """Plan the links, the pieces of earlier years, and a number on every piece delivered since."""
    story.plan(story.ago(44 * DAY), "", partial(_bring_in, story))
    story.plan(story.ago(2), "", _number_delivered)


async def _bring_in(story: Story, work: Work) -> None:
    by_code = {product.sku: product for product in story.products}
    for sku, kind, title, address in LINKS:
        await product_links.add(work, by_code[sku].id, kind, title, address)
    for number, sku, customer, days in PIECES:
        await warranty.register(
            work,
            number,
            by_code[sku],
            customer=story.customers[customer],
            purchased_on=(story.now - timedelta(days=days)).date(),
        )


async def _number_delivered(work: Work) -> None:
    """Each piece of a numbered product carries the place of its line: `STOVEG-0012-1`."""
    sold = await work.session.execute(
        select(OrderLine, Product)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Product, Product.id == OrderLine.product_id)
        .where(Order.status == OrderStatus.DELIVERED, Product.sku.in_(NUMBERED))
        .order_by(OrderLine.id)
    )
    for line, product in sold.all():
        for piece in range(1, line.quantity + 1):
            await warranty.register(work, f"{product.sku}-{line.id:04}-{piece}", product, line=line)
