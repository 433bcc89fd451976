"""An exchange: what comes back is announced, and the order that goes out instead is filled in. S3-4.1.3c, S3-4.2.2"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from models import Case, Order, Return
from models.words import DeliveryMethod, ReturnReason, SensitiveDeed
from portal.desk import invented, orders, returns, verification
from portal.desk.errors import NotAccepted
from portal.desk.kinds.base import NOTHING, Answers, Finished, Run, Typed
from portal.desk.kinds.on_case import CaseKindOfStep, case_of
from portal.desk.numbers import read_number
from portal.desk.plain_numbers import number_in
from portal.desk.scripts import Step
from portal.desk.work import Work

REASONS = {
    ReturnReason.FAULTY: "It does not work, or not rightly",
    ReturnReason.DAMAGED: "It arrived damaged",
    ReturnReason.WRONG_ARTICLE: "It is not what was ordered",
    ReturnReason.NOT_WANTED: "It is not wanted any more",
    ReturnReason.OTHER: "Something else",
}
LISTED = 8
"""Orders of a customer to choose from, where the case names none."""
_UNITS = re.compile(r"units-(\d{1,9})")


def units_in(typed: Typed) -> dict[int, int]:
    """How many units of which line of the order were typed; -1 for what is no number, which no line has. S3-4.1.3c"""
    found: dict[int, int] = {}
    for name, value in typed.items():
        if (line := _UNITS.fullmatch(name)) and value.strip():
            given = number_in(value.strip())
            found[int(line[1])] = -1 if given is None else given
    return found


class AnnounceReturn(CaseKindOfStep):
    """Which units of the order that the case is about come back, and why; announced once, however often it is sent.

    The steps for lines and delivery behind it are filled in with what comes back, at no cost. Answer for conditions:
    `reason` (faulty, damaged, wrong_article, not_wanted, other).
    """

    name = "announce_return"
    guarantees: ClassVar[str] = (
        "Only what has left the house comes back, and no unit twice; "
        "what replaces it costs nothing and is never more than comes back."
    )
    after: ClassVar[tuple[str, ...]] = ("statement or heard",)
    labels: ClassVar[dict[str, str]] = {
        "order": "Order",
        "reason": "Why it comes back",
        "serial": "Serial number",
        "words": "What else to know",
    }
    values: ClassVar[dict[str, tuple[str, ...]]] = {"reason": tuple(one.value for one in REASONS)}

    def takes(self, step: Step, name: str) -> bool:
        return name in self.labels or _UNITS.fullmatch(name) is not None or super().takes(step, name)

    def closed(self, run: Run) -> str:
        number = run.mark_of(self.name).get("number")
        return f"Return {number} was announced." if number else super().closed(run)

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        may = run.caller is not None and await verification.meets(work, run, SensitiveDeed.SEE_DETAILS)
        case = await case_of(work, run) if run.case_id is not None else None
        order = await self._order(work, run, case, run.typed(step.key)) if may and case else None
        found: list[Order] = []
        if may and run.caller and case and case.order_id is None:
            found = await orders.of_customer(work, run.caller.id, LISTED)
        return {
            **self._shown(order, await returns.left(work, order) if order else {}),
            "covered": not may,
            "refusal": returns.refusal(order) if order else "",
            "found": [one for one in found if not returns.refusal(one)],
            "announced": run.mark_of(self.name),
        }

    def example(self, step: Step) -> Typed:
        return {"reason": ReturnReason.FAULTY.value}

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        order = invented.order(work)
        shown = self._shown(order, {line.id: line.quantity for line in order.lines})
        return {**shown, "covered": False, "refusal": "", "found": [], "announced": {}}

    def _shown(self, order: Order | None, left: dict[int, int]) -> dict[str, Any]:
        lines = [(line, left.get(line.id, 0)) for line in order.lines if line.quantity > 0] if order else []
        return {
            "order": order,
            "lines": lines,
            "reasons": [(one.value, words) for one, words in REASONS.items()],
        }

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Announce it, or show the lines of the order just chosen. Raises as `returns.announce` does, NotVerified."""
        if run.mark_of(self.name).get("return"):
            return NOTHING
        await verification.require(work, run, SensitiveDeed.SEE_DETAILS)
        case = await case_of(work, run)
        order = await self._order(work, run, case, typed)
        if order is None:
            raise NotAccepted(order="Choose the order of which something comes back.")
        units = units_in(typed)
        if case.order_id is None and not set(units) & {line.id for line in order.lines}:
            chosen = {name: value for name, value in typed.items() if not _UNITS.fullmatch(name)}
            return Finished(stays=True, answers={step.key: chosen})
        if typed.get("reason") not in self.values["reason"]:
            raise NotAccepted(reason="Say why it comes back.")
        elsewhere = {
            f"units-{line.id}": "This was sold elsewhere, and we do not have it: settle it another way."
            for line in order.lines
            if line.product_id is None and units.get(line.id)
        }
        if elsewhere:
            raise NotAccepted.of(elsewhere)
        made = await returns.announce(
            work,
            order,
            units,
            reason=ReturnReason(typed["reason"]),
            words=typed.get("words", ""),
            serial=typed.get("serial", ""),
            case=case,
            exchange=True,
        )
        if case.order_id is None:
            case.order_id = order.id
        return Finished(mark=_remembered(made), answers=_filled_in(run, made, order))

    async def _order(self, work: Work, run: Run, case: Case, typed: Typed) -> Order | None:
        """The order that the case is about; where it names none, that of this customer which was chosen."""
        if case.order_id is not None:
            return await orders.load(work, case.order_id)
        number = read_number(typed.get("order", ""))
        for one in await orders.find(work, number) if number else []:
            if one.number == number and run.caller and one.customer_id == run.caller.id:
                return await orders.load(work, one.id)
        return None


def _remembered(made: Return) -> dict[str, Any]:
    """What the steps behind need of the return: its units by product are what may be replaced."""
    units: dict[int, int] = {}
    for line in made.lines:
        product_id = line.order_line.product_id or 0
        units[product_id] = units.get(product_id, 0) + line.quantity
    return {
        "return": made.id,
        "number": made.number,
        "until": made.expected_by.isoformat(),
        "units": [[product_id, count] for product_id, count in units.items()],
    }


def _filled_in(run: Run, made: Return, order: Order) -> Answers:
    """What the steps of the replacement hold: what comes back, and where the order went."""
    lines: Typed = {}
    for place, (product_id, count) in enumerate(_remembered(made)["units"], 1):
        lines |= {f"product-{place}": str(product_id), f"quantity-{place}": str(count)}
    to_a_place = order.delivery_method is DeliveryMethod.DELIVERY
    delivery = {
        "method": order.delivery_method.value,
        "ship_name": order.ship_name,
        "ship_address": order.ship_address if to_a_place else "",
    }
    kept: Answers = {}
    for kind, typed in (("lines", lines), ("delivery", delivery)):
        if step := run.script.of_kind(kind):
            kept[step.key] = {name: value for name, value in typed.items() if value}
    return kept
