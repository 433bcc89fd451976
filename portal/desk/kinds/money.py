"""A payment that is not as it should be: compared, then asked back or corrected by somebody else. S3-13.2, S4-4.5"""

from __future__ import annotations

from typing import Any, ClassVar

from models import Order
from models.words import CaseKind, PaymentMethod, RefundReason, SensitiveDeed, Severity
from portal.desk import cases, escalation, invented, payments, reconciling, refunds, verification, ways_back
from portal.desk.errors import NotAccepted
from portal.desk.kinds.base import NOTHING, YES, Finished, Kind, Run, Typed, contact_of
from portal.desk.kinds.on_case import case_of, kept_as_it_was, missing, settled_of, subject_of
from portal.desk.kinds.ordering import amended_here, amends, chosen_order
from portal.desk.money import in_words, read_amount
from portal.desk.reconciling import IN_WORDS, Comparison, Finding
from portal.desk.scripts import Step
from portal.desk.ways_back import RefundDraft, WayBack
from portal.desk.work import Work


class ComparePayment(Kind):
    """Order, ledger and receipts side by side; what was found opens the case. S3-13.2.1a

    Answer for conditions: `finding` (overpaid, underpaid, charged_twice, other_amount, right).
    """

    name = "compare_payment"
    guarantees = (
        "A payment issue has its number and its clocks once order, ledger and receipts were compared."
    )
    after = ("choose_order",)
    labels: ClassVar[dict[str, str]] = {
        "said": "In the customer’s own words",
        "receipt": "Number on the customer’s receipt",
        "receipt_amount": "Amount on the customer’s receipt",
        "finding": "Found",
    }
    values: ClassVar[dict[str, tuple[str, ...]]] = {"finding": tuple(map(str, Finding))}

    def takes(self, step: Step, name: str) -> bool:
        return name in self.labels or super().takes(step, name)

    def locked(self, run: Run) -> str:
        return "" if run.order_id is not None else "The order has to be chosen first."

    def closed(self, run: Run) -> str:
        done = settled_of(run) or run.mark_of("refund").get("asked")
        return f"{run.case_number} was settled here." if done else kept_as_it_was(run)

    def needless(self, run: Run) -> str:
        return kept_as_it_was(run)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        found = missing(typed, said="Write down what the customer says is wrong, in their own words.")
        if typed.get("finding") not in set(map(str, Finding)):
            found["finding"] = "Say what you found."
        if typed.get("receipt_amount", "").strip() and _amount(typed, "receipt_amount", run.currency) is None:
            found["receipt_amount"] = "Enter an amount such as 12.50."
        return found

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        order = await chosen_order(work, run)
        typed = run.typed(step.key)
        return {
            "order": order,
            "compared": await _compared(work, order, typed) if order else None,
            "findings": [(one.value, words) for one, words in IN_WORDS.items()],
        }

    def example(self, step: Step) -> Typed:
        return {"said": "I was charged twice."}

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        return {
            "order": invented.order(work),
            "compared": invented.comparison(work),
            "findings": [(one.value, words) for one, words in IN_WORDS.items()],
        }

    async def amend(self, work: Work, run: Run, step: Step, typed: Typed, do: str) -> Typed:
        """`compare` only lays the customer's receipt beside the ledger: what is typed is saved, and shown anew."""
        return typed

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Open the payment issue, with what was found on record; or write it down anew on the one there is."""
        order = await chosen_order(work, run)
        if order is None:
            return NOTHING
        compared = await _compared(work, order, typed)
        told = " ".join(compared.findings.values()) or "Order, ledger and receipts fit."
        found = f"{IN_WORDS[Finding(typed['finding'])]}. {told}"
        mark = {"found": found}
        if run.case_id is not None:
            case = await case_of(work, run)
            case.statement, case.order_id = typed["said"].strip(), order.id
            return Finished(mark=mark)
        case = await cases.open_case(
            work,
            cases.NewCase(
                kind=CaseKind.PAYMENT_ISSUE,
                channel=run.channel,
                own_channel=run.own_channel,
                subject=subject_of(typed["said"]),
                statement=typed["said"],
                customer_id=run.caller.id if run.caller else None,
                contact_id=run.contact_id,
                order_id=order.id,
                received_at=run.started_at,
            ),
        )
        return Finished(columns={"case_id": case.id}, mark=mark)


class AskRefund(Kind):
    """A refund or a correction, read back and agreed, for somebody else to decide; then handed to accounts.

    S3-4.1.3b, S3-13.2.1b, S4-4.5. Answers for conditions: `amount`, `reason`, `agreed`, `correction`.
    """

    name = "refund"
    guarantees = (
        "Nobody asks for more than was paid, less what is asked for or given back already, and nobody decides on "
        "what they asked for; what is asked for is exactly what was read back."
    )
    after = ("choose_order",)
    labels: ClassVar[dict[str, str]] = {
        "amount": "Amount",
        "reason": "Why",
        "correction": "Only the ledger is wrong",
        "code": "What it is for",
        "other_method": "Another way back",
        "other_because": "Why another way",
    }
    values: ClassVar[dict[str, tuple[str, ...]]] = {"agreed": (YES,), "correction": (YES,)}
    NAMES = frozenset(
        {
            "amount",
            "reason",
            "correction",
            "agreed",
            "fingerprint",
            "code",
            "other_method",
            "other_because",
        }
    )

    def takes(self, step: Step, name: str) -> bool:
        return name in self.NAMES or super().takes(step, name)

    def locked(self, run: Run) -> str:
        if run.order_id is None:
            return "The order has to be chosen first."
        waits = amends(run) and not amended_here(run)
        return "The order has to be amended or cancelled first." if waits else ""

    def closed(self, run: Run) -> str:
        asked = run.mark_of("refund").get("asked")
        return f"{asked} was asked for; somebody else decides on it." if asked else ""

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        found = missing(typed, reason="Say why, in words for the customer and for accounts.")
        if not _amount(typed, "amount", run.currency):
            found["amount"] = "Enter an amount such as 12.50."
        try:
            _way_back(typed)
        except NotAccepted as refused:
            found |= refused.fields
        if not found and typed.get("agreed") != YES:
            found["agreed"] = "Read it back, hear the customer’s yes, then tick this."
        return found

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        order = await chosen_order(work, run)
        if order is None:
            return {"order": None, "draft": None, "likely": "", "most": "", "covered": False, **_OFFERED}
        typed = run.typed(step.key)
        over = max(await payments.paid(work, order) - payments.due(order), 0)
        likely = min(over, most := await refunds.open_amount(work, order))
        return {
            "order": order,
            "draft": await _shown(work, order, typed) if not run.mark_of("refund").get("asked") else None,
            **_OFFERED,
            "likely": in_words(likely, order.currency).removesuffix(f" {order.currency}")
            if likely > 0
            else "",
            "most": in_words(max(most, 0), order.currency),
            "covered": not await verification.meets(work, run, SensitiveDeed.ASK_REFUND),
        }

    def example(self, step: Step) -> Typed:
        return {"amount": "24.95", "reason": "The same was charged twice."}

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        order, typed = invented.order(work), self.example(step)
        draft = RefundDraft(
            order.number,
            order.total_minor,
            order.currency,
            typed["reason"],
            correction=False,
            method=PaymentMethod.TERMINAL,
            reference="T-1044",
        )
        most = in_words(order.total_minor, order.currency)
        return {
            "order": order,
            "draft": draft,
            "likely": typed["amount"],
            "most": most,
            "covered": False,
            **_OFFERED,
        }

    async def amend(self, work: Work, run: Run, step: Step, typed: Typed, do: str) -> Typed:
        """Show the words to read back. Raises NotAccepted while the amount or the reason is missing."""
        if found := self.refuses(run, step, {**typed, "agreed": YES}):
            raise NotAccepted.of(found)
        if (order := await chosen_order(work, run)) is not None:
            await _draft(work, order, typed)
        return typed

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Ask for it, and hand the case to accounts. Raises as `refunds.ask` does."""
        order = await chosen_order(work, run)
        if order is None or run.mark_of("refund").get("asked"):
            return NOTHING
        await verification.require(work, run, SensitiveDeed.ASK_REFUND)
        draft = await _draft(work, order, typed)
        if draft is None or typed.get("fingerprint") != draft.fingerprint:
            raise NotAccepted(agreed="Read it back as it stands here now, then tick this.")
        request = await refunds.ask(
            work,
            order,
            amount_minor=draft.amount_minor,
            reason=typed["reason"],
            fingerprint=draft.fingerprint,
            case_id=run.case_id,
            contact=await contact_of(work, run),
            correction=draft.correction,
            way=_way_back(typed),
        )
        mark = {"asked": in_words(request.amount_minor, request.currency), "request": request.id}
        if run.case_id is None:
            return Finished(mark=mark)
        case = await case_of(work, run)
        if case.escalation_level == 0:
            told = f"{run.mark_of('compare_payment').get('found', '')} {' '.join(draft.read_aloud()[:-1])}".strip()
            severity = run.mark_of("severity").get("severity") or Severity.NORMAL
            await escalation.raise_by_hand(work, case, told, severity=Severity(severity))
        return Finished(mark={**mark, "settled": "handed_on"})


async def _compared(work: Work, order: Order, typed: Typed) -> Comparison:
    return await reconciling.compare(
        work,
        order,
        receipt_number=typed.get("receipt", ""),
        receipt_minor=_amount(typed, "receipt_amount", order.currency),
    )


async def _draft(work: Work, order: Order, typed: Typed) -> RefundDraft | None:
    """What would be read back; None while amount or reason are missing."""
    amount, reason = _amount(typed, "amount", order.currency), typed.get("reason", "")
    if not amount or not reason.strip():
        return None
    correction = typed.get("correction") == YES
    return await ways_back.draft_of(work, order, amount, reason, correction=correction, way=_way_back(typed))


async def _shown(work: Work, order: Order, typed: Typed) -> RefundDraft | None:
    """The same for a page that shows what was typed, right or not."""
    try:
        return await _draft(work, order, typed)
    except NotAccepted:
        return None


def _way_back(typed: Typed) -> WayBack:
    """What it is for and which way it goes. Raises NotAccepted per field."""
    return ways_back.way_back(*(typed.get(name, "") for name in ("code", "other_method", "other_because")))


_OFFERED: dict[str, Any] = {
    "codes": [(one.value, one.value.replace("_", " ").capitalize()) for one in RefundReason],
    "methods": [(one.value, one.value.capitalize()) for one in PaymentMethod],
}
"""What a refund can be for, and the ways it can go: (value, words)."""


def _amount(typed: Typed, name: str, currency: str) -> int | None:
    return read_amount(typed.get(name, ""), currency)
