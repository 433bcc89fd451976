"""What an order that is amended holds already, and what of a product is there for it. S1-4.2.1a, S1-4.6.2"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from models import Order, OrderLine, Product


class KeptLines:
    """The lines of an order that is amended: what they cost stays, and their units are promised or waited for already."""

    def __init__(self, order: Order | None = None) -> None:
        self.ordered: Counter[int] = Counter()
        self.waiting: Counter[int] = Counter()
        self.waits_since: dict[int, datetime] = {}
        self.waits_until: dict[int, date | None] = {}
        self._left: dict[int, list[OrderLine]] = {}
        self._wanted: Counter[int] = Counter()
        for line in order.lines if order else ():
            if line.product_id is not None:
                self.ordered[line.product_id] += line.quantity
                self.waiting[line.product_id] += line.waiting
                self._left.setdefault(line.product_id, []).append(line)
                if line.waits_since is not None:
                    since = self.waits_since.setdefault(line.product_id, line.waits_since)
                    self.waits_since[line.product_id] = min(since, line.waits_since)
                    self.waits_until[line.product_id] = line.waits_until

    def take(self, product_id: int) -> OrderLine | None:
        """The next line of the order with this product; None when there is none left, so that it is new."""
        left = self._left.get(product_id)
        return left.pop(0) if left else None

    def reserved(self, product_id: int) -> int:
        """Units that are promised to the order already."""
        return self.ordered[product_id] - self.waiting[product_id]

    def available(self, product: Product) -> int | None:
        """Units of a product this order can have now; None where stock is not counted."""
        return None if product.available is None else product.available + self.reserved(product.id)

    def short(self, product: Product, quantity: int) -> int:
        """How many units of one more line are not there. Lines of one product share what there is, in their order."""
        before = self._short(product, self._wanted[product.id])
        self._wanted[product.id] += max(quantity, 0)
        return self._short(product, self._wanted[product.id]) - before

    def _short(self, product: Product, wanted: int) -> int:
        """Of so many units, those that are not there. What the order waits for already comes in its turn, not before."""
        if product.available is None:
            return 0
        more = wanted - self.ordered[product.id]
        there = self.reserved(product.id) + min(product.available, max(more, 0))
        return max(wanted - there, 0)
