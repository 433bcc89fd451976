"""From a draft to a paid order: compared, checked, read back, placed, paid. Decision 19, S0-3.1.4, S0-3.5"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from models import Order
from models.words import Channel, OrderStatus, PaymentMethod
from portal.desk import idempotency, invented, open_cases, order_terms, orders, paying, payments, returns
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.kinds.base import NOTHING, YES, Finished, Kind, Run, Typed, contact_of
from portal.desk.kinds.ordering import (
    OrderKind,
    amended_here,
    amends,
    checked_draft,
    chosen_order,
    coming_back,
    draft_of,
    forget_checked,
    shown_of,
)
from portal.desk.money import in_words, read_amount
from portal.desk.scripts import Step
from portal.desk.work import Work

WATCHED = ("customer", "choose_order", "lines", "delivery", "requests")
HOW = {"spoken": "Spoken", "written": "In writing", "signed": "Signed on paper"}
_BY_ITSELF = re.compile(r"(line|wish)-(\d{1,3})")
_WRITTEN = frozenset({Channel.EMAIL, Channel.SOCIAL, Channel.ONLINE, Channel.CHAT})


class CrossCheck(OrderKind):
    """The customer's last orders and open cases beside this order, with what is different. S1-4.2.2"""

    name = "cross_check"
    watches: ClassVar[tuple[str, ...]] = WATCHED

    def takes(self, step: Step, name: str) -> bool:
        return name == "checked" or super().takes(step, name)

    def needless(self, run: Run) -> str:
        mark = run.mark_of("customer")
        if mark.get("new"):
            return "A new customer: there are no earlier orders."
        return "The first order of this customer, and no case is open." if mark.get("first") else ""

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        return {} if typed.get("checked") == YES else {"checked": "Tick that you compared it."}

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        known = run.caller if run.caller and run.knows(work.now) else None
        last = await orders.last_orders(work, known.id) if known else []
        cases = await open_cases.beside(work, known.id) if known else open_cases.Beside()
        return self._beside(await checked_draft(work, run), last, cases, covered=known is None)

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        last = [invented.order(work, invented.EARLIER_ORDER)]
        cases = open_cases.Beside([invented.standing(work)])
        return self._beside(invented.checked(work), last, cases, covered=False)

    def _beside(
        self,
        checked: orders.CheckedDraft,
        last: list[Order],
        cases: open_cases.Beside,
        *,
        covered: bool,
    ) -> dict[str, Any]:
        return {
            "covered": covered,
            "last_orders": last,
            "differences": orders.differences(checked, last),
            "cases": cases,
            **shown_of(checked),
        }


class CheckAnswers(OrderKind):
    """Everything once more, each with a way to change it, with prices and stock of now. S1-4.3.2a"""

    name = "check_answers"
    watches: ClassVar[tuple[str, ...]] = WATCHED

    def takes(self, step: Step, name: str) -> bool:
        return name == "checked" or super().takes(step, name)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        return {} if typed.get("checked") == YES else {"checked": "Tick that you checked it."}

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        return self._summary(run, await checked_draft(work, run))

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        return self._summary(run, invented.checked(work))

    def _summary(self, run: Run, checked: orders.CheckedDraft) -> dict[str, Any]:
        walked = {one.key for one in run.script.walked(run.answers)}
        here = {kind: one.key for kind in WATCHED if (one := run.script.of_kind(kind))}
        places = {kind: key for kind, key in here.items() if key in walked}
        if "requests" not in here and "delivery" in places:
            places["requests"] = places["delivery"]
        return {
            "draft": checked.draft,
            "problems": list(checked.problems.values()),
            "places_of": places,
            **shown_of(checked),
        }

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Raises NotAccepted while something keeps the order from being placed. S1-4.3.2b"""
        if problems := (await checked_draft(work, run)).problems:
            raise NotAccepted(checked=" ".join(problems.values()))
        return await super().finish(work, run, step, typed)


class ReadBack(OrderKind):
    """The words made from the draft, and the customer's yes to exactly them. Decision 19, S0-3.1.4

    Of several lines each has a yes of its own, and each special request: `line-1`, `wish-1`. S0-3.1.2a, S1-4.4.2b
    """

    name = "read_back"
    guarantees = (
        "What the customer agrees to is exactly what was read, each line and each special request by itself: "
        "any later change makes it due again."
    )
    after = ("lines or choose_order",)
    values: ClassVar[dict[str, tuple[str, ...]]] = {"agreed": (YES,)}
    watches: ClassVar[tuple[str, ...]] = WATCHED

    def takes(self, step: Step, name: str) -> bool:
        known = name in {"agreed", "how", "fingerprint"} or _BY_ITSELF.fullmatch(name) is not None
        return known or super().takes(step, name)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        missing = [name for name in by_themselves(run) if typed.get(name) != YES]
        found = dict.fromkeys(missing, "Read it, hear the customer’s yes, then tick this.")
        if typed.get("agreed") != YES:
            found["agreed"] = "Read it back, hear the customer’s yes, then tick this."
        if typed.get("how") not in HOW:
            found["how"] = "Say how the customer agreed."
        return found

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        order = await chosen_order(work, run) if amends(run) and not amended_here(run) else None
        checked = await checked_draft(work, run)
        terms = await order_terms.words_of(work, checked.terms_id, run.language)
        return {**self._read(run, checked, order), "terms": terms}

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        order = invented.order(work) if amends(run) else None
        return {**self._read(run, invented.checked(work), order), "terms": invented.TERMS}

    def _read(self, run: Run, checked: orders.CheckedDraft, order: Order | None) -> dict[str, Any]:
        """What is read aloud: the order, and before it what changes where one is amended."""
        now = orders.fingerprint(checked)
        after = orders.content_after(order, checked) if order else {}
        return {
            "differing": orders.changes_between(orders.content_of(order), after) if order else [],
            "sentences": orders.read_aloud(checked),
            "by_themselves": _said_by_themselves(run, checked),
            "fingerprint": now,
            "problems": list(checked.problems.values()),
            "holds": bool(run.read_back) and run.read_back == now,
            "agreed_before": bool(run.read_back),
            "hows": list(HOW.items()),
            "usual_how": "written" if run.channel in _WRITTEN else "spoken",
        }

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Remember what was agreed. Raises NotAccepted when it is no longer what was read from the screen."""
        checked = await checked_draft(work, run)
        if checked.problems:
            raise NotAccepted(agreed=" ".join(checked.problems.values()))
        now = orders.fingerprint(checked)
        if typed.get("fingerprint") != now:
            raise NotAccepted(agreed="Something changed while you were reading. Read it back as it is now.")
        return Finished(columns={"read_back": now, "read_back_at": work.now}, mark=self.seen(run))


def by_themselves(run: Run) -> list[str]:
    """What needs a yes of its own in the read-back; nothing where the yes to the whole is one to a single line.

    The lines of an order that is amended were agreed to before; what changes of them is read aloud. S0-3.1.2a
    """
    draft = draft_of(run)
    wishes = [f"wish-{one}" for one, _ in enumerate(draft.requests, 1)]
    lines = [] if amends(run) else [f"line-{one}" for one, _ in enumerate(draft.lines, 1)]
    return lines + wishes if len(lines + wishes) > 1 or wishes else []


def _said_by_themselves(run: Run, checked: orders.CheckedDraft) -> list[tuple[str, str]]:
    """Each of them with what is said of it."""
    said = {
        f"line-{one}": f"{line.quantity} × {line.description}" for one, line in enumerate(checked.lines, 1)
    }
    said |= {f"wish-{one}": wish for one, wish in enumerate(checked.draft.requests, 1)}
    return [(name, said[name]) for name in by_themselves(run) if name in said]


class PlaceOrder(OrderKind):
    """The one moment in which a draft becomes an order; once, however often it is sent. S0-3.1.3"""

    name = "confirm_order"
    guarantees = "No order is placed that was not read back and agreed, word for word."
    after = ("read_back",)

    def locked(self, run: Run) -> str:
        return "" if run.read_back else "The order has to be read back and agreed first."

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        checked = await checked_draft(work, run)
        back = run.script.of_kind("read_back")
        return {
            "changed": run.order_id is None and orders.fingerprint(checked) != run.read_back,
            "back_to": back.key if back else "",
            "sentences": orders.read_aloud(checked),
            "causes": checked.causes,
            "held": bool(run.mark_of("confirm_order").get("held")),
            **shown_of(checked),
        }

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        checked = invented.checked(work)
        return {
            "changed": False,
            "back_to": "",
            "causes": (),
            "held": False,
            "sentences": orders.read_aloud(checked),
            **shown_of(checked),
        }

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Place the order; one that replaces what comes back is tied to its return.

        Raises WrongMoment unless exactly this content was read back, with today's prices. S3-4.1.3c
        """
        if run.order_id is not None:
            return NOTHING
        key = f"intake-{run.id}-order"
        if await idempotency.once(work, key, run.read_back) is not None:
            raise WrongMoment("This order was already placed. Load the page again.")
        contact = await contact_of(work, run)
        order = await orders.place(
            work, (await checked_draft(work, run)).draft, fingerprint=run.read_back, contact=contact
        )
        forget_checked(work)
        if returned := coming_back(run).get("return"):
            await returns.replace(work, returned, order)
        await idempotency.remember(work, key, run.read_back, f"/orders/{order.id}")
        held = order.status is OrderStatus.DRAFT
        return Finished(columns={"order_id": order.id}, mark={"held": True} if held else {})


class TakePayment(Kind):
    """Cash, transfer or the terminal's reference; never a card number, never before the order. S0-3.5"""

    name = "payment"
    guarantees = (
        "No payment is taken before the order is placed, nor in a way that the channel does not offer."
    )
    after = ("confirm_order or confirm_amendment or choose_order",)
    values: ClassVar[dict[str, tuple[str, ...]]] = {"when": ("now", "later")}
    NAMES = frozenset({"when", "method", "amount", "reference"})

    def takes(self, step: Step, name: str) -> bool:
        return name in self.NAMES or super().takes(step, name)

    def locked(self, run: Run) -> str:
        if amends(run) and not amended_here(run):
            return "The amendment has to be made first."
        return "" if run.order_id is not None else "The order has to be placed first."

    def needless(self, run: Run) -> str:
        held = any(run.mark_of(kind).get("held") for kind in ("confirm_order", "confirm_amendment"))
        return f"Nothing is paid on {run.order_number} before somebody else has agreed to it." if held else ""

    def closed(self, run: Run) -> str:
        paid = run.mark_of("payment").get("paid")
        return f"{paid} was recorded with receipt {run.mark_of('payment').get('receipt')}." if paid else ""

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        if typed.get("when") == "later":
            return {}
        if typed.get("when") != "now":
            return {"when": "Say whether the customer pays now or later."}
        found: dict[str, str] = {}
        if typed.get("method") not in list(PaymentMethod):
            found["method"] = "Choose how the customer pays."
        if read_amount(typed.get("amount", ""), run.currency) is None:
            found["amount"] = "Enter an amount such as 12.50."
        return found

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        if run.order_id is None:
            return {"owed": "", "ways": [], "currency": run.currency, "fresh": True}
        owed = await payments.balance(work, await orders.load(work, run.order_id))
        return await self._owed(work, run, owed, fresh=not run.typed(step.key))

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        return await self._owed(work, run, invented.checked(work).total_minor, fresh=True)

    async def _owed(self, work: Work, run: Run, owed: int, *, fresh: bool) -> dict[str, Any]:
        """The ways that the channel of this contact offers, in the customer's language. S0-3.5.1b"""
        return {
            "owed": in_words(owed, run.currency).removesuffix(f" {run.currency}"),
            "ways": [
                (one.method.value, one.method.value.capitalize(), one.told(run.language))
                for one in await paying.offered(work, run.channel)
            ],
            "currency": run.currency,
            "fresh": fresh,
        }

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Record the payment, or that it comes later. Raises as `payments.charge` does."""
        if typed["when"] == "later" or run.order_id is None:
            return NOTHING
        order = await orders.load(work, run.order_id)
        entry = await payments.charge(
            work,
            order,
            method=PaymentMethod(typed["method"]),
            amount_minor=read_amount(typed["amount"], order.currency) or 0,
            reference=typed.get("reference", ""),
            channel=run.channel,
        )
        paid = in_words(entry.amount_minor, entry.currency)
        return Finished(mark={"paid": paid, "receipt": entry.receipt_number, "entry": entry.id})
