"""Amending or cancelling an order: which one, exactly what was read back, once. S1-4.6, S4-4.4, decision 19"""

from __future__ import annotations

from typing import Any, ClassVar

from models import Order
from models.words import DeliveryMethod, ErrorCause, OrderStatus, SensitiveDeed
from portal.desk import invented, orders, payments, verification
from portal.desk.errors import NotAccepted
from portal.desk.kinds.base import NOTHING, YES, Answers, Finished, Kind, Run, Typed, contact_of
from portal.desk.kinds.ordering import (
    amended_here,
    amends,
    checked_draft,
    chosen_order,
    forget_checked,
    shown_of,
)
from portal.desk.money import in_words
from portal.desk.numbers import read_number
from portal.desk.scripts import Step
from portal.desk.work import Work

LISTED = 8
"""Orders of a customer to choose from; an older one is found by its number."""
BALANCES = ("owed", "even", "over")


class ChooseOrder(Kind):
    """Which of the customer's orders it is about, from the list or by its number. S1-4.6.1, S3-13.2.1a

    Where the script amends orders, the steps behind it are filled in with what the order holds. Answer for
    conditions: `order`, its number.
    """

    name = "choose_order"
    watches: ClassVar[tuple[str, ...]] = ("customer",)
    guarantees = (
        "Only an order of this customer is chosen, and only for a caller who is verified as the policy asks; "
        "one that has left the house is not amended."
    )
    after = ("customer",)
    labels: ClassVar[dict[str, str]] = {"order": "Order", "number": "Order number"}

    def takes(self, step: Step, name: str) -> bool:
        return name in {"order", "number"} or super().takes(step, name)

    def locked(self, run: Run) -> str:
        return "" if run.caller else "The customer has to be found first."

    def closed(self, run: Run) -> str:
        if amended_here(run):
            return f"{run.order_number} was changed here already."
        return f"{run.case_number} is about {run.order_number}." if run.case_id is not None else ""

    def stale(self, run: Run, step: Step) -> str:
        gone = bool(run.done.get(step.key, {}).get("order")) and run.order_id is None
        return "The situation changed since." if gone else super().stale(run, step)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        given = typed.get("number", "").strip()
        if given and read_number(given) is None:
            return {"number": "That is no order number of ours; check the last digit."}
        return {} if given or typed.get("order", "").strip() else {"order": "Choose the order."}

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        may = run.caller is not None and await verification.meets(work, run, _needed(run))
        found = await orders.of_customer(work, run.caller.id, LISTED) if run.caller and may else []
        return {
            "covered": not may,
            "found": [(one, orders.unamendable(one) if amends(run) else "") for one in found],
            "fresh": found[0].number if len(found) == 1 else "",
        }

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        found = [invented.order(work), invented.order(work, invented.EARLIER_ORDER, 3)]
        return {"covered": False, "found": [(one, "") for one in found], "fresh": ""}

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Tie the contact to its order. Raises NotVerified, WrongMoment for the channel, NotAccepted."""
        await verification.require(work, run, _needed(run))
        order = await self._find(work, run, typed)
        if amends(run):
            await orders.refuse_channel(work, run.channel, run.own_channel)
            if why := orders.unamendable(order):
                raise NotAccepted(order=why)
        before = run.done.get(step.key, {})
        same = (before.get("order"), before.get("amended")) == (order.id, order.amended)
        rest = {name: value for name, value in typed.items() if name not in {"order", "number"}}
        kept: Answers = {step.key: {**rest, "order": order.number, "version": str(order.amended + 1)}}
        if amends(run) and not same:
            kept |= filled_in(run, order)
        return Finished(
            columns={"order_id": order.id, "read_back": "", "read_back_at": None},
            mark={"order": order.id, "amended": order.amended, **self.seen(run)},
            answers=kept,
        )

    async def _find(self, work: Work, run: Run, typed: Typed) -> Order:
        field = "number" if typed.get("number", "").strip() else "order"
        number = read_number(typed.get(field, ""))
        for one in await orders.find(work, number or ""):
            if one.number == number and run.caller and one.customer_id == run.caller.id:
                return await orders.load(work, one.id)
        raise NotAccepted.of({field: "This customer has no order of that number."})


def _needed(run: Run) -> SensitiveDeed:
    return SensitiveDeed.AMEND_ORDER if amends(run) else SensitiveDeed.SEE_DETAILS


def filled_in(run: Run, order: Order) -> Answers:
    """What the steps behind hold when an order was chosen: the order as it is."""
    draft, kept = orders.draft_of(order), {}
    delivery = {
        "method": draft.delivery_method.value if draft.delivery_method else "",
        "ship_name": draft.ship_name,
        "ship_address": draft.ship_address if draft.delivery_method is DeliveryMethod.DELIVERY else "",
        "wanted_on": draft.wanted_on.isoformat() if draft.wanted_on else "",
        "wanted_from": f"{draft.wanted_from:%H:%M}" if draft.wanted_from else "",
        "wanted_until": f"{draft.wanted_until:%H:%M}" if draft.wanted_until else "",
        "note": draft.note,
    }
    requests = {"requests": "\n".join(draft.requests)}
    lines: Typed = {}
    waits = dict(draft.waits)
    for place, (product_id, quantity) in enumerate(draft.lines, 1):
        lines |= {f"product-{place}": str(product_id), f"quantity-{place}": str(quantity)}
        if product_id in waits:
            until = waits[product_id]
            lines |= {f"wait-{place}": YES, f"until-{place}": until.isoformat() if until else ""}
    own = run.script.of_kind("requests")
    for kind, typed in (
        ("lines", lines),
        ("delivery", delivery if own else {**delivery, **requests}),
        ("requests", requests),
    ):
        if step := run.script.of_kind(kind):
            kept[step.key] = {name: value for name, value in typed.items() if value}
    return kept


async def balance_of(work: Work, order: Order) -> str:
    """How the money stands after a change, for conditions: `owed`, `even`, or `over` when too much is paid."""
    left = payments.due(order) - await payments.paid(work, order)
    return "owed" if left > 0 else "over" if left < 0 else "even"


_CAUSES = {one.value: one for one in ErrorCause}


class ConfirmAmendment(Kind):
    """The one moment in which the order becomes what was read back; once, however often it is sent. S1-4.6.2

    Answers for conditions: `our_error`, `error_cause` (S0-6.2b), and `balance` (owed, even, over) once it is amended.
    """

    name = "confirm_amendment"
    guarantees = "No order changes but to exactly what was read back and agreed; who comes second is told of the first."
    after = ("choose_order", "read_back")
    labels: ClassVar[dict[str, str]] = {
        "reason": "Why it changes",
        "our_error": "A mistake of ours",
        "error_cause": "How it came about",
    }
    values: ClassVar[dict[str, tuple[str, ...]]] = {
        "our_error": (YES,),
        "error_cause": tuple(_CAUSES),
        "balance": BALANCES,
    }

    def takes(self, step: Step, name: str) -> bool:
        return name in {"reason", "our_error", "error_cause"} or super().takes(step, name)

    def locked(self, run: Run) -> str:
        return "" if run.read_back else "The amendment has to be read back and agreed first."

    def closed(self, run: Run) -> str:
        return f"{run.order_number} was changed here already." if amended_here(run) else ""

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        found: dict[str, str] = {}
        if not typed.get("reason", "").strip():
            found["reason"] = "Say why the order changes."
        if typed.get("our_error") == YES and typed.get("error_cause") not in _CAUSES:
            found["error_cause"] = "Say how the mistake came about: it is counted, to see what to mend first."
        return found

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        checked = await checked_draft(work, run)
        order = await chosen_order(work, run)
        back = run.script.of_kind("read_back")
        paid = await payments.paid(work, order) if order else 0
        return {
            "changed": not amended_here(run) and orders.fingerprint(checked) != run.read_back,
            "back_to": back.key if back else "",
            "order": order,
            "left_minor": checked.total_minor - paid,
            "causes": checked.causes,
            "error_causes": list(_CAUSES),
            **shown_of(checked),
        }

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        checked, order = invented.checked(work), invented.order(work)
        left = checked.total_minor - order.total_minor
        return {
            "changed": False,
            "back_to": "",
            "order": order,
            "left_minor": left,
            "causes": (),
            "error_causes": list(_CAUSES),
            **shown_of(checked),
        }

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Amend the order. Raises as `orders.amend` does."""
        order = await chosen_order(work, run)
        if order is None or amended_here(run):
            return NOTHING
        amendment = await orders.amend(
            work,
            order,
            (await checked_draft(work, run)).draft,
            fingerprint=run.read_back,
            expected_amended=int(run.mark_of("choose_order").get("amended", 0)),
            reason=typed["reason"],
            our_error=typed.get("our_error") == YES,
            error_cause=_CAUSES.get(typed.get("error_cause", "")),
            contact=await contact_of(work, run),
        )
        forget_checked(work)
        left = await balance_of(work, order)
        held = {"held": True} if order.status is OrderStatus.DRAFT else {}
        return Finished(
            mark={"amended": amendment.number, **held}, answers={step.key: {**typed, "balance": left}}
        )


class CancelOrder(Kind):
    """The whole order cancelled, with its reason and the customer's yes. S4-4.4, decision 20

    Answer for conditions: `balance` (even, over) once it is cancelled.
    """

    name = "cancel_order"
    guarantees = (
        "No order is cancelled without a reason and the customer’s yes, nor once it has left the house."
    )
    after = ("choose_order",)
    labels: ClassVar[dict[str, str]] = {"reason": "Why it is cancelled", "agreed": "The customer’s yes"}
    values: ClassVar[dict[str, tuple[str, ...]]] = {"agreed": (YES,), "balance": BALANCES}

    def takes(self, step: Step, name: str) -> bool:
        return name in {"reason", "agreed"} or super().takes(step, name)

    def locked(self, run: Run) -> str:
        return "" if run.order_id is not None else "The order has to be chosen first."

    def closed(self, run: Run) -> str:
        return f"{run.order_number} was changed here already." if amended_here(run) else ""

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        found: dict[str, str] = {}
        if not typed.get("reason", "").strip():
            found["reason"] = "Say why the order is cancelled. The customer reads this."
        if typed.get("agreed") != YES:
            found["agreed"] = "Read it back, hear the customer’s yes, then tick this."
        return found

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        order = await chosen_order(work, run)
        return {
            "order": order,
            "paid_minor": await payments.paid(work, order) if order else 0,
            "total": in_words(order.total_minor, order.currency) if order else "",
        }

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        order = invented.order(work)
        total = in_words(order.total_minor, order.currency)
        return {"order": order, "paid_minor": order.total_minor, "total": total}

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Cancel the order. Raises as `orders.cancel` does, NotVerified, WrongMoment for the channel."""
        order = await chosen_order(work, run)
        if order is None or amended_here(run):
            return NOTHING
        await verification.require(work, run, SensitiveDeed.AMEND_ORDER)
        await orders.refuse_channel(work, run.channel, run.own_channel)
        await orders.cancel(work, order, typed["reason"])
        forget_checked(work)
        left = await balance_of(work, order)
        return Finished(mark={"cancelled": order.number}, answers={step.key: {**typed, "balance": left}})
