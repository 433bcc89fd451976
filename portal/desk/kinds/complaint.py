"""Complaints: heard first, understood, and offered a choice. S0-3.4, S3-4.1"""

from __future__ import annotations

from typing import Any, ClassVar

from models.words import CaseKind, Role
from portal.desk import cases, invented, mandates, orders
from portal.desk.errors import NotAccepted
from portal.desk.kinds.base import YES, Finished, Run, Typed
from portal.desk.kinds.on_case import OfNewCase, case_of, subject_of
from portal.desk.kinds.technical import CHOSEN, purchase_known
from portal.desk.money import in_words, read_amount
from portal.desk.numbers import read_number
from portal.desk.scripts import Step
from portal.desk.work import Work

ABOUT = {
    CaseKind.COMPLAINT: "Service or product",
    CaseKind.ORDER_ERROR: "A mistake in an order",
    CaseKind.PAYMENT_ISSUE: "A payment",
}
OFFERS = {
    "refund": "Money back",
    "exchange": "Exchange or new delivery",
    "technical_support": "Technical support",
    "goodwill": "A goodwill gesture",
    "corrected": "Put it right",
}
OTHER = "other"
"""A solution in words of its own."""


class TakeStatement(OfNewCase):
    """What happened, in the customer's own words: gives the complaint its number and starts its clocks. S3-4.1.1

    S0-5.1c, S2-11.2a, S2-11.3, S3-4.2.1a
    """

    name = "statement"
    guarantees = "A complaint has its number and its clocks from the customer’s own words on."
    values: ClassVar[dict[str, tuple[str, ...]]] = {"case_kind": tuple(one.value for one in ABOUT)}
    needs_case = False

    def takes(self, step: Step, name: str) -> bool:
        return name in {"statement", "case_kind", "order"} or super().takes(step, name)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        found: dict[str, str] = {}
        if not typed.get("statement", "").strip():
            found["statement"] = "Write down what the customer said, in their own words."
        if typed.get("case_kind", CaseKind.COMPLAINT) not in {one.value for one in ABOUT}:
            found["case_kind"] = "Choose what it is about."
        if typed.get("order", "").strip() and read_number(typed["order"]) is None:
            found["order"] = "That is no order number of ours; check the last digit."
        return found

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        known = run.caller is not None and run.knows(work.now)
        last = await orders.last_orders(work, run.caller.id) if run.caller and known else []
        return {"kinds": [(one.value, words) for one, words in ABOUT.items()], "last_orders": last}

    def example(self, step: Step) -> Typed:
        return {"statement": invented.STATEMENT}

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        kinds = [(one.value, words) for one, words in ABOUT.items()]
        return {"kinds": kinds, "last_orders": [invented.order(work)]}

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        order_id = await self._order(work, run, typed.get("order", ""))
        if run.case_id is not None:
            case = await case_of(work, run)
            case.statement, case.order_id = typed["statement"].strip(), order_id
            return Finished()
        case = await cases.open_case(
            work,
            cases.NewCase(
                kind=CaseKind(typed.get("case_kind", CaseKind.COMPLAINT)),
                channel=run.channel,
                own_channel=run.own_channel,
                subject=subject_of(typed["statement"]),
                statement=typed["statement"],
                customer_id=run.caller.id if run.caller else None,
                contact_id=run.contact_id,
                order_id=order_id,
                received_at=run.started_at,
            ),
        )
        return Finished(columns={"case_id": case.id})

    async def _order(self, work: Work, run: Run, told: str) -> int | None:
        if not told.strip():
            return None
        number = read_number(told)
        for order in await orders.find(work, number or told):
            if order.number == number and run.caller and order.customer_id == run.caller.id:
                return order.id
        raise NotAccepted(order="This customer has no order of that number.")


class Restate(OfNewCase):
    """The concern in fewer words, and the customer's yes to them, or why there is none. S0-3.2.2b, S2-3.5"""

    name = "restate"
    guarantees = "No solution is offered before the customer was heard."
    after = ("statement or need",)
    values: ClassVar[dict[str, tuple[str, ...]]] = {"agreed": (YES,)}

    def takes(self, step: Step, name: str) -> bool:
        return name in {"restated", "agreed", "reason"} or super().takes(step, name)

    def example(self, step: Step) -> Typed:
        return {"restated": invented.RESTATED}

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        found: dict[str, str] = {}
        if not typed.get("restated", "").strip():
            found["restated"] = "Say it back in your own words."
        if typed.get("agreed") != YES and not typed.get("reason", "").strip():
            found["agreed"] = "Tick the customer’s yes, or say why there is none."
        return found

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        case = await case_of(work, run)
        doubt = "" if typed.get("agreed") == YES else f" (not confirmed: {typed['reason'].strip()})"
        case.restated = typed["restated"].strip() + doubt
        return Finished()


class Apologise(OfNewCase):
    """Given, or why it did not apply. S0-3.4.2a, S3-4.1.2"""

    name = "apology"
    guarantees = "No solution is offered before the customer was heard."
    after = ("statement or need",)
    values: ClassVar[dict[str, tuple[str, ...]]] = {"apology": ("given", "not_applicable")}

    def takes(self, step: Step, name: str) -> bool:
        return name in {"apology", "reason"} or super().takes(step, name)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        if typed.get("apology") == "given":
            return {}
        if typed.get("apology") != "not_applicable":
            return {"apology": "Say whether you apologised."}
        return {} if typed.get("reason", "").strip() else {"reason": "Say why an apology did not apply."}

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        case = await case_of(work, run)
        given = typed["apology"] == "given"
        case.apology = "Given." if given else f"Not applicable: {typed['reason'].strip()}"
        return Finished()


class OfferOptions(OfNewCase):
    """At least two solutions to choose from, or why there is one, and which of them the customer chose. S3-4.1.3

    A goodwill gesture has its amount, at most what the representative may give by herself (S2-5.5): above it she
    asks her supervisor, who takes the contact over or gets the case. Answers for conditions: `outcome` (refund,
    exchange, technical_support, goodwill, corrected, other), `offer-<one of these>`, `chosen`, `goodwill`.
    S0-3.2.2a, S2-3.3, S3-4.1.3a
    """

    name = "options"
    guarantees = (
        "No solution is offered before the customer was heard, one alone needs its reason, "
        "and no goodwill goes beyond the mandate of who offers it."
    )
    after = ("statement or need",)
    values: ClassVar[dict[str, tuple[str, ...]]] = {
        "outcome": (*OFFERS, OTHER),
        **{f"offer-{value}": (YES,) for value in OFFERS},
    }
    NAMES = frozenset({"other", "chosen", "reason", "outcome", "goodwill"})

    def takes(self, step: Step, name: str) -> bool:
        offered = name.removeprefix("offer-") in OFFERS and name.startswith("offer-")
        return offered or name in self.NAMES or super().takes(step, name)

    def offered(self, typed: Typed) -> dict[str, str]:
        """Give what was offered, in words."""
        listed = {value: words for value, words in OFFERS.items() if typed.get(f"offer-{value}") == YES}
        other = typed.get("other", "").strip()
        return {**listed, **({OTHER: other} if other else {})}

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        offered = self.offered(typed)
        if not offered:
            return {"offer-refund": "Offer at least two solutions."}
        found: dict[str, str] = {}
        if len(offered) == 1 and not typed.get("reason", "").strip():
            found["reason"] = "Say why there is only one solution to offer."
        if typed.get("outcome", "") not in {"", *offered}:
            found["outcome"] = "Choose one of the solutions that were offered."
        if "goodwill" in offered and not read_amount(typed.get("goodwill", ""), run.currency):
            found["goodwill"] = "Say how much, such as 12.50."
        return found

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        return self._offers(run, await mandates.limit(work))

    def example(self, step: Step) -> Typed:
        return {"offer-exchange": YES, "offer-goodwill": YES}

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        """With what a representative may give, whoever looks."""
        return self._offers(run, await mandates.limit_of(work, (Role.REPRESENTATIVE,)))

    def _offers(self, run: Run, mandate: int) -> dict[str, Any]:
        higher = run.script.of_kind("escalate") or run.script.of_kind("settle")
        return {
            "offers": list(OFFERS.items()),
            "outcomes": [*OFFERS.items(), (OTHER, "Something else")],
            "currency": run.currency,
            "mandate": in_words(mandate, run.currency),
            "higher": higher.key if higher else "",
        }

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Keep what was offered on the case. Raises NotAccepted for goodwill beyond the mandate. S2-5.5"""
        case = await case_of(work, run)
        offered = self.offered(typed)
        if "goodwill" in offered:
            amount = read_amount(typed["goodwill"], run.currency) or 0
            await mandates.refuse_beyond(work, amount, run.currency)
            offered["goodwill"] += f", {in_words(amount, run.currency)}"
        told = [f"- {words}" for words in offered.values()]
        if typed.get("reason", "").strip() and len(offered) == 1:
            told.append(f"Only one, because: {typed['reason'].strip()}")
        chosen = [offered.get(typed.get("outcome", ""), ""), typed.get("chosen", "").strip()]
        if any(chosen):
            told.append(f"The customer chose: {': '.join(filter(None, dict.fromkeys(chosen)))}")
        case.options = "\n".join(told)
        if typed.get("outcome") == CHOSEN:
            return Finished(answers=await purchase_known(work, run, case.order_id))
        return Finished()
