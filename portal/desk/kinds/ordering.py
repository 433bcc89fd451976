"""What the customer wants and how it gets there: the draft of an order, as it is typed. S0-3.1.2, S1-4.1.2

Where the script amends an order, the same steps work on what the order holds: `choose_order` fills them in.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, ClassVar

from models import Customer, Order, Product
from models.orders import line_total_minor
from models.words import DeliveryMethod
from portal.desk import invented, orders, packs, products
from portal.desk.errors import NotAccepted
from portal.desk.fields import day_of
from portal.desk.kinds.base import NOTHING, YES, Finished, Kind, Run, Typed, typed_with
from portal.desk.orders import CheckedDraft, OrderDraft, OwnPrice, windows
from portal.desk.plain_numbers import number_in
from portal.desk.scripts import Step
from portal.desk.work import Work

_CHECKED, _CHOSEN = "checked drafts", "chosen orders"
_OF_A_LINE = ("product", "quantity", "wait", "until", "price", "because")
_LINE = re.compile(r"(product|quantity|wait|until|price|because)-(\d{1,3})")
PLACED = "The order is placed. It can be changed on its own page."
AMENDED = "The order is amended. A further change is an amendment of its own."


def line_numbers(typed: Typed) -> list[int]:
    """Give the numbers of the lines, in the order in which they were added."""
    found = (_LINE.fullmatch(name) for name in typed)
    return sorted(int(line[2]) for line in found if line and line[1] == "product")


def _number(text: str) -> int:
    return number_in(text.strip()) or 0


def draft_of(run: Run) -> OrderDraft:
    """The draft of an order, from the answers so far: complete or not. S2-8.3"""
    lines, delivery = run.of_kind("lines"), run.of_kind("delivery")
    method = delivery.get("method", "")
    wishes = run.of_kind("requests") if run.script.of_kind("requests") else delivery
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
        wanted_from=windows.time_of(delivery.get("wanted_from", "")),
        wanted_until=windows.time_of(delivery.get("wanted_until", "")),
        note=delivery.get("note", "").strip(),
        requests=tuple(wish.strip() for wish in wishes.get("requests", "").splitlines() if wish.strip()),
        channel=run.channel,
        waits=waits_of(lines),
        replaces=tuple((product_id, units) for product_id, units in coming_back(run).get("units", ())),
        own_prices=tuple(
            OwnPrice(_number(lines[f"product-{one}"]), price, lines.get(f"because-{one}", "").strip())
            for one in line_numbers(lines)
            if (price := lines.get(f"price-{one}", "").strip())
        ),
    )


def waits_of(lines: Typed) -> tuple[tuple[int, date | None], ...]:
    """The products the customer would wait for, each once, with the last day that somebody knows for it. S1-4.2.1a"""
    found: dict[int, date | None] = {}
    for one in line_numbers(lines):
        if lines.get(f"wait-{one}") == YES:
            product_id, day = _number(lines[f"product-{one}"]), day_of(lines.get(f"until-{one}", ""))
            known = found.get(product_id)
            found[product_id] = max(filter(None, (known, day)), default=None)
    return tuple(sorted(found.items(), key=lambda one: one[0]))


async def checked_draft(work: Work, run: Run) -> CheckedDraft:
    """The draft beside the prices and the stock of this moment; once in a transaction for the same answers."""
    draft = draft_of(run)
    key = draft, run.order_id if amends(run) else None
    known: dict[tuple[OrderDraft, int | None], CheckedDraft] = work.remembered.setdefault(_CHECKED, {})
    if key not in known:
        order = await chosen_order(work, run) if amends(run) else None
        known[key] = await _amendment(work, run, order, draft) if order else await orders.check(work, draft)
    return known[key]


async def _amendment(work: Work, run: Run, order: Order, draft: OrderDraft) -> CheckedDraft:
    """What the chosen order shall become, with what keeps it from that."""
    checked = await orders.check_amendment(work, order, draft)
    if amended_here(run):
        checked.problems.clear()
    elif order.customer_id != draft.customer_id:
        checked.problems["order"] = f"{order.number} is another customer’s. Choose the order again."
    elif order.amended != run.mark_of("choose_order").get("amended"):
        checked.problems["order"] = f"Somebody amended {order.number} meanwhile. Choose it again to see how."
    return checked


def coming_back(run: Run) -> dict[str, Any]:
    """What is remembered of the return that this contact announced: it is what an order here replaces. S3-4.1.3c"""
    return run.mark_of("announce_return")


def amends(run: Run) -> bool:
    """Whether this contact amends an order, rather than taking a new one."""
    return run.script.of_kind("confirm_amendment") is not None


def amended_here(run: Run) -> bool:
    """Whether the order was amended or cancelled in this contact already."""
    return bool(
        run.mark_of("confirm_amendment").get("amended") or run.mark_of("cancel_order").get("cancelled")
    )


async def chosen_order(work: Work, run: Run) -> Order | None:
    """The order this contact is about, with its lines and special requests; read once in a transaction."""
    if run.order_id is None:
        return None
    known: dict[int, Order] = work.remembered.setdefault(_CHOSEN, {})
    if run.order_id not in known:
        known[run.order_id] = await orders.load(work, run.order_id)
    return known[run.order_id]


def forget_checked(work: Work) -> None:
    """Look at stock and order anew after they were changed in this transaction."""
    work.remembered.pop(_CHECKED, None)
    work.remembered.pop(_CHOSEN, None)


def shown_of(checked: CheckedDraft) -> dict[str, Any]:
    """The order as a page shows it."""
    return {
        "lines": checked.lines,
        "total_minor": checked.total_minor,
        "currency": checked.currency,
        "expected_on": checked.expected_on,
    }


class OrderKind(Kind):
    """A step that makes or checks the draft; shut once the order is placed, or its amendment made."""

    def locked(self, run: Run) -> str:
        if run.script.of_kind("announce_return") and not coming_back(run).get("return"):
            return "What comes back has to be announced first."
        return "The order has to be chosen first." if amends(run) and run.order_id is None else ""

    def needless(self, run: Run) -> str:
        return "Nothing comes back that could be replaced." if "skipped" in coming_back(run) else ""

    def closed(self, run: Run) -> str:
        if amends(run):
            return AMENDED if amended_here(run) else ""
        return PLACED if run.order_id is not None else ""


class ChooseLines(OrderKind):
    """Products found by code or name, each with its quantity, today's price and what is left. S1-4.2.1

    Of what is not there the customer may wait for the rest: `wait-N`, with the day in `until-N` if one is known.
    A price of one's own is `price-N`, with its reason in `because-N`. S1-4.2.1b
    S0-3.1.2a, S0-3.1.2b, S1-4.1.2c, S1-4.2.1a
    """

    name = "lines"
    watches: ClassVar[tuple[str, ...]] = ("choose_order",)
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
        found = {
            f"quantity-{one}": "Enter a whole number, 1 or more."
            for one in numbers
            if _number(typed.get(f"quantity-{one}", "")) < 1
        }
        for one in numbers:
            told = typed.get(f"until-{one}", "").strip()
            if told and day_of(told) is None:
                found[f"until-{one}"] = "Enter a day such as 2026-03-14."
            if typed.get(f"because-{one}", "").strip() and not typed.get(f"price-{one}", "").strip():
                found[f"price-{one}"] = "Enter the price this is the reason for, or empty the reason."
        return found

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        typed = run.typed(step.key)
        wanted = typed.get("look", "").strip()
        found = await products.find(work, wanted) if wanted else []
        near = await products.similar(work, wanted) if wanted and not found else []
        numbers = line_numbers(typed)
        known = await products.load_all(work, [_number(typed[f"product-{one}"]) for one in numbers])
        order = await chosen_order(work, run) if amends(run) else None
        kept = orders.KeptLines(order)
        customer = await work.session.get(Customer, run.caller.id) if run.caller else None
        goods = [*known.values(), *found, *near]
        own_prices = () if coming_back(run) else draft_of(run).own_prices
        priced = await orders.line_prices(work, own_prices, customer, goods)
        rows: list[dict[str, Any]] = []
        total = order.freight_minor if order else 0
        for one in numbers:
            product = known.get(_number(typed[f"product-{one}"]))
            quantity = _number(typed.get(f"quantity-{one}", ""))
            if product is None:
                continue
            before, available = kept.take(product.id), kept.available(product)
            price = priced.of(product, before)
            discount = before.discount_bp if before else orders.REPLACED_BP if coming_back(run) else 0
            value = line_total_minor(quantity, price.unit_minor, discount)
            total += value
            short = kept.short(product, quantity)
            row = {"number": one, "product": product, "price": price.unit_minor, "value": value}
            row |= {"available": available, "listed": price.listed_minor, "beyond": price.beyond}
            row["kept"] = before is not None
            row["free"] = discount == orders.REPLACED_BP
            waits = typed.get(f"wait-{one}") == YES
            rows.append({**row, "quantity": quantity, "short": short, "waits": waits})
        currency = order.currency if order else rows[0]["product"].currency if rows else work.terms.currency
        return {
            "wanted": wanted,
            "found": found,
            "near": near,
            "prices": priced.listed,
            "rows": rows,
            "total_minor": total,
            "currency": currency,
        }

    def example(self, step: Step) -> Typed:
        return {"product-1": "0", "quantity-1": "2", "look": "lamp"}

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        product = invented.product(work)
        value = 2 * product.price_minor
        row = {"number": 1, "product": product, "price": product.price_minor, "value": value}
        row |= {"listed": product.price_minor, "beyond": False, "kept": bool(amends(run))}
        return {
            "wanted": "lamp",
            "found": [invented.product(work, invented.LAMP)],
            "near": [],
            "prices": {product.id: product.price_minor},
            "rows": [
                {
                    **row,
                    "available": product.available,
                    "quantity": 2,
                    "short": 0,
                    "waits": False,
                    "free": bool(coming_back(run)),
                }
            ],
            "total_minor": value,
            "currency": product.currency,
        }

    async def amend(self, work: Work, run: Run, step: Step, typed: Typed, do: str) -> Typed:
        """`add:ID` puts a product down, `remove:N` takes a line away, `look` adds the only one found.

        Raises NotAccepted for a code or name that nothing begins with, naming what is most like it. S1-4.1.2b
        """
        deed, _, told = do.partition(":")
        if deed == "remove":
            return typed_with(typed, {f"{name}-{told}": None for name in _OF_A_LINE})
        if deed == "add":
            known = await products.load_all(work, [_number(told)])
            return _added(typed, known[_number(told)]) if known else typed
        wanted = typed.get("look", "").strip()
        if deed != "look" or not wanted:
            return typed
        found = await products.find(work, wanted)
        if not found:
            near = await products.similar(work, wanted)
            raise NotAccepted(look=products.unknown(wanted, near, "code or name"))
        exact = [one for one in found if one.sku.casefold() == wanted.casefold()] or found
        return _added(typed, exact[0]) if len(exact) == 1 else typed

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Look at the lines with today's stock. Raises NotAccepted for a line that cannot be had. S1-4.2.1a"""
        checked = await checked_draft(work, run)
        numbers = line_numbers(typed)
        found: dict[str, str] = {}
        for name, words in checked.problems.items():
            about = re.fullmatch(r"line-(\d+)-(product|quantity|until|price|because)", name)
            if about:
                field = "quantity" if about[2] == "product" else about[2]
                found[f"{field}-{numbers[int(about[1]) - 1]}"] = words
            elif name in {"lines", "channel"}:
                found["look"] = words
        if found:
            raise NotAccepted.of(found)
        return NOTHING  # what it has seen is remembered with its answers


def _added(typed: Typed, product: Product) -> Typed:
    """Put one more pack of a product down, on its line if there is one; at first as few as are sold."""
    for one in line_numbers(typed):
        if _number(typed[f"product-{one}"]) == product.id:
            more = str(_number(typed.get(f"quantity-{one}", "")) + product.pack_size)
            return typed_with(typed, {f"quantity-{one}": more, "look": None})
    place = max(line_numbers(typed), default=0) + 1
    first = {f"product-{place}": str(product.id), f"quantity-{place}": str(packs.least(product))}
    return typed_with(typed, {**first, "look": None})


class ChooseDelivery(OrderKind):
    """Delivery or pick-up, where and when, and what is out of the ordinary. S0-3.1.2c, S0-3.1.2d

    S1-4.1.2d
    """

    name = "delivery"
    watches: ClassVar[tuple[str, ...]] = ("choose_order",)
    labels: ClassVar[dict[str, str]] = {
        "method": "How",
        "ship_name": "Name on the parcel",
        "ship_address": "Address",
        "requests": "Special requests",
        "note": "Note for the delivery",
    }
    NAMES = frozenset(
        {
            "method",
            "ship_name",
            "ship_address",
            "wanted_on",
            "wanted_from",
            "wanted_until",
            "note",
            "requests",
        }
    )
    FIELDS = (("delivery_method", "method"),)

    def takes(self, step: Step, name: str) -> bool:
        return name in self.NAMES or super().takes(step, name)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        wanted = typed.get("wanted_on", "").strip()
        found = {"wanted_on": "Enter a day such as 2026-03-14."} if wanted and day_of(wanted) is None else {}
        return found | windows.mistyped(typed)

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        known = run.caller if run.caller and run.knows(work.now) else None
        return {
            "fresh": not run.typed(step.key),
            "known_name": known.name if known else "",
            "known_address": known.address if known else "",
            "covered": run.caller is not None and known is None,
            "asks_requests": run.script.of_kind("requests") is None,
        }

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        return await self.facts(work, run, step)  # what the invented contact says alone

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
        return NOTHING  # what it has seen is remembered with its answers


class TakeRequests(OrderKind):
    """What is out of the ordinary, each wish on its own line, in a step of its own. S1-4.1.2d, S1-4.4.2a"""

    name = "requests"
    watches: ClassVar[tuple[str, ...]] = ("choose_order",)
    guarantees = "No special request goes to those who pack before somebody has decided on it."
    labels: ClassVar[dict[str, str]] = {"requests": "Special requests"}

    def takes(self, step: Step, name: str) -> bool:
        return name == "requests" or super().takes(step, name)

    def example(self, step: Step) -> Typed:
        return {"requests": invented.WISH}

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Raises NotAccepted for a wish that is too long or cannot be stored."""
        problems = (await checked_draft(work, run)).problems
        if wrong := [words for name, words in problems.items() if name.startswith("request-")]:
            raise NotAccepted(requests=" ".join(wrong))
        return NOTHING  # what it has seen is remembered with its answers
