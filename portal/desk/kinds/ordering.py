"""What the customer wants and how it gets there: the draft of an order, as it is typed. S0-3.1.2, S1-4.1.2"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from models.words import DeliveryMethod
from portal.desk import orders, products
from portal.desk.errors import NotAccepted
from portal.desk.fields import day_of
from portal.desk.kinds.base import Finished, Kind, Run, Typed, typed_with
from portal.desk.orders import CheckedDraft, OrderDraft
from portal.desk.scripts import Step
from portal.desk.work import Work

_CHECKED = "checked drafts"
_LINE = re.compile(r"(product|quantity)-(\d{1,3})")
PLACED = "The order is placed. It can be changed on its own page."


def line_numbers(typed: Typed) -> list[int]:
    """Give the numbers of the lines, in the order in which they were added."""
    found = (_LINE.fullmatch(name) for name in typed)
    return sorted(int(line[2]) for line in found if line and line[1] == "product")


def _number(text: str) -> int:
    given = text.strip()
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0  # noqa: PLR2004  below a billion


def draft_of(run: Run) -> OrderDraft:
    """The draft of an order, from the answers so far: complete or not."""
    lines, delivery = run.of_kind("lines"), run.of_kind("delivery")
    method = delivery.get("method", "")
    return OrderDraft(
        customer_id=run.caller.id if run.caller else None,
        lines=tuple(
            (_number(lines[f"product-{one}"]), _number(lines.get(f"quantity-{one}", "")))
            for one in line_numbers(lines)
        ),
        delivery_method=DeliveryMethod(method) if method in set(map(str, DeliveryMethod)) else None,
        ship_name=delivery.get("ship_name", "").strip(),
        ship_address=delivery.get("ship_address", "").strip() if method == DeliveryMethod.DELIVERY else "",
        wanted_on=day_of(delivery.get("wanted_on", "")),
        note=delivery.get("note", "").strip(),
        requests=tuple(wish.strip() for wish in delivery.get("requests", "").splitlines() if wish.strip()),
        channel=run.channel,
    )


async def checked_draft(work: Work, run: Run) -> CheckedDraft:
    """The draft beside the prices and the stock of this moment; once in a transaction for the same answers."""
    draft = draft_of(run)
    known: dict[OrderDraft, CheckedDraft] = work.remembered.setdefault(_CHECKED, {})
    if draft not in known:
        known[draft] = await orders.check(work, draft)
    return known[draft]


def forget_checked(work: Work) -> None:
    """Look at the stock anew after it was changed in this transaction."""
    work.remembered.pop(_CHECKED, None)


def shown_of(checked: CheckedDraft) -> dict[str, Any]:
    """The order as a page shows it."""
    return {
        "lines": checked.lines,
        "total_minor": checked.total_minor,
        "currency": checked.currency,
        "expected_on": checked.expected_on,
    }


class OrderKind(Kind):
    """A step that makes or checks the draft; shut once the order is placed."""

    def closed(self, run: Run) -> str:
        return PLACED if run.order_id is not None else ""


class ChooseLines(OrderKind):
    """Products found by code or name, each with its quantity, today's price and what is left. S1-4.2.1"""

    name = "lines"
    finds = True
    labels: ClassVar[dict[str, str]] = {"look": "Looked for"}
    looks = True

    def takes(self, step: Step, name: str) -> bool:
        return name == "look" or _LINE.fullmatch(name) is not None or super().takes(step, name)

    def asks_for(self, run: Run, step: Step, typed: Typed) -> str:
        return "look" if typed.get("look", "").strip() else ""

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        numbers = line_numbers(typed)
        if not numbers:
            return {"look": "Add at least one product."}
        return {
            f"quantity-{one}": "Enter a whole number, 1 or more."
            for one in numbers
            if _number(typed.get(f"quantity-{one}", "")) < 1
        }

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        typed = run.typed(step.key)
        wanted = typed.get("look", "").strip()
        found = await products.find(work, wanted) if wanted else []
        numbers = line_numbers(typed)
        known = await products.load_all(work, [_number(typed[f"product-{one}"]) for one in numbers])
        rows: list[dict[str, Any]] = []
        total = 0
        for one in numbers:
            product = known.get(_number(typed[f"product-{one}"]))
            quantity = _number(typed.get(f"quantity-{one}", ""))
            if product is None:
                continue
            total += quantity * product.price_minor
            short = product.available is not None and quantity > product.available
            value = quantity * product.price_minor
            rows.append({"number": one, "product": product, "value": value, "short": short})
        currency = rows[0]["product"].currency if rows else work.terms.currency
        return {"wanted": wanted, "found": found, "rows": rows, "total_minor": total, "currency": currency}

    async def amend(self, work: Work, run: Run, step: Step, typed: Typed, do: str) -> Typed:
        """`add:ID` puts a product down, `remove:N` takes a line away, `look` adds the only one found."""
        deed, _, told = do.partition(":")
        if deed == "remove":
            return typed_with(typed, {f"product-{told}": None, f"quantity-{told}": None})
        if deed == "add":
            return _added(typed, _number(told))
        wanted = typed.get("look", "").strip()
        if deed != "look" or not wanted:
            return typed
        found = await products.find(work, wanted)
        exact = [one for one in found if one.sku.casefold() == wanted.casefold()] or found
        return _added(typed, exact[0].id) if len(exact) == 1 else typed

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Look at the lines with today's stock. Raises NotAccepted for a line that cannot be had. S1-4.2.1a"""
        checked = await checked_draft(work, run)
        numbers = line_numbers(typed)
        found: dict[str, str] = {}
        for name, words in checked.problems.items():
            about = re.fullmatch(r"line-(\d+)-(product|quantity)", name)
            if about:
                found[f"quantity-{numbers[int(about[1]) - 1]}"] = words
            elif name in {"lines", "channel"}:
                found["look"] = words
        if found:
            raise NotAccepted.of(found)
        return await super().finish(work, run, step, typed)


def _added(typed: Typed, product_id: int) -> Typed:
    """Put one more of a product down, on its line if there is one."""
    for one in line_numbers(typed):
        if _number(typed[f"product-{one}"]) == product_id:
            more = str(_number(typed.get(f"quantity-{one}", "")) + 1)
            return typed_with(typed, {f"quantity-{one}": more, "look": None})
    place = max(line_numbers(typed), default=0) + 1
    return typed_with(typed, {f"product-{place}": str(product_id), f"quantity-{place}": "1", "look": None})


class ChooseDelivery(OrderKind):
    """Delivery or pick-up, where and when, and what is out of the ordinary. S0-3.1.2c, S0-3.1.2d"""

    name = "delivery"
    labels: ClassVar[dict[str, str]] = {
        "method": "How",
        "ship_name": "Name on the parcel",
        "ship_address": "Address",
        "requests": "Special requests",
        "note": "Note for the delivery",
    }
    NAMES = frozenset({"method", "ship_name", "ship_address", "wanted_on", "note", "requests"})
    FIELDS = (("delivery_method", "method"),)

    def takes(self, step: Step, name: str) -> bool:
        return name in self.NAMES or super().takes(step, name)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        wanted = typed.get("wanted_on", "").strip()
        return {"wanted_on": "Enter a day such as 2026-03-14."} if wanted and day_of(wanted) is None else {}

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        known = run.caller if run.caller and run.knows(work.now) else None
        return {
            "fresh": not run.typed(step.key),
            "known_name": known.name if known else "",
            "known_address": known.address if known else "",
            "covered": run.caller is not None and known is None,
        }

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Raises NotAccepted with a message per field."""
        checked = await checked_draft(work, run)
        renamed = dict(self.FIELDS)
        found = {
            "requests" if name.startswith("request-") else renamed.get(name, name): words
            for name, words in checked.problems.items()
        }
        if not run.knows(work.now) and not typed.get("ship_name", "").strip():
            found["ship_name"] = "The caller is not verified: ask for the name, ours stays covered."
        mine = {name: words for name, words in found.items() if name in self.NAMES}
        if mine:
            raise NotAccepted.of(mine)
        return await super().finish(work, run, step, typed)
