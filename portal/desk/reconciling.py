"""An order, its ledger and its receipts side by side, with what does not fit marked. S3-13.2.1a"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from models import Message, Order, PaymentEntry
from models.words import PaymentKind
from portal.desk import payments, refunds
from portal.desk.money import in_words
from portal.desk.permissions import May
from portal.desk.work import Work

RECEIPT = "payment-receipt"


class Finding(StrEnum):
    """What comparing came to."""

    OVERPAID = "overpaid"
    UNDERPAID = "underpaid"
    CHARGED_TWICE = "charged_twice"
    OTHER_AMOUNT = "other_amount"
    RIGHT = "right"


IN_WORDS = {
    Finding.OVERPAID: "More was paid than the order comes to",
    Finding.UNDERPAID: "Less was paid than the order comes to",
    Finding.CHARGED_TWICE: "The same was charged twice",
    Finding.OTHER_AMOUNT: "A receipt says another amount than the ledger",
    Finding.RIGHT: "Everything fits",
}


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry of the ledger beside its receipt, with what is strange about it."""

    entry: PaymentEntry
    receipt: str
    """Whether and when its receipt was written: `written`, or empty where there is none."""
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the order comes to, what was paid by the ledger, and where the two and the receipts differ."""

    total_minor: int
    paid_minor: int
    open_minor: int
    """The most that may still be asked back."""
    movements: tuple[Movement, ...]
    findings: dict[Finding, str]
    """What was found, each in a sentence; empty when everything fits."""

    @property
    def likely(self) -> Finding:
        """The finding that explains most: what was charged twice was overpaid too."""
        for one in (Finding.CHARGED_TWICE, Finding.OTHER_AMOUNT, Finding.OVERPAID, Finding.UNDERPAID):
            if one in self.findings:
                return one
        return Finding.RIGHT


async def compare(
    work: Work, order: Order, *, receipt_number: str = "", receipt_minor: int | None = None
) -> Comparison:
    """Lay order, ledger and receipts side by side; with what the customer's own receipt says, that too.

    `receipt_minor` is the amount on the receipt of that number, or on any where no number is told. S3-13.2.1a
    """
    if not work.may(May.SEE_PAYMENTS):
        work.require(May.RECORD_PAYMENTS)
    rows = await work.session.scalars(
        select(PaymentEntry).where(PaymentEntry.order_id == order.id).order_by(PaymentEntry.id)
    )
    entries = list(rows)
    written = await work.session.scalars(
        select(Message.once).where(Message.order_id == order.id, Message.template == RECEIPT)
    )
    receipts = {once.rpartition("/")[2] for once in written}
    paid = sum(entry.amount_minor for entry in entries)
    findings = _balance(order, paid)
    twice = _charged_twice(entries)
    if twice and Finding.OVERPAID in findings:  # the same amount twice may be two parts of one sum
        amounts = " and ".join(sorted({in_words(one.amount_minor, order.currency) for one in twice}))
        findings[Finding.CHARGED_TWICE] = f"{amounts} was charged more than once."
    other = _other_amount(entries, receipt_number.strip(), receipt_minor)
    if receipt_minor is not None and other is not None:
        told, kept = (in_words(sum_, order.currency) for sum_ in (receipt_minor, other.amount_minor))
        findings[Finding.OTHER_AMOUNT] = f"The customer’s receipt says {told}, the ledger {kept}."
    movements = []
    for entry in entries:
        marks = []
        if entry in twice:
            marks.append("The same amount was charged before.")
        if entry is other:
            marks.append("The customer’s receipt says another amount.")
        if entry.kind is PaymentKind.CHARGE and entry.receipt_number not in receipts:
            marks.append("No receipt was written.")
        has = "written" if entry.receipt_number in receipts else ""
        movements.append(Movement(entry, has, tuple(marks)))
    left = await refunds.open_amount(work, order)
    return Comparison(payments.due(order), paid, left, tuple(movements), findings)


def _balance(order: Order, paid: int) -> dict[Finding, str]:
    due = payments.due(order)
    if paid > due:
        return {Finding.OVERPAID: f"{in_words(paid - due, order.currency)} too much was paid."}
    if paid < due:
        return {Finding.UNDERPAID: f"{in_words(due - paid, order.currency)} is still to pay."}
    return {}


def _charged_twice(entries: list[PaymentEntry]) -> list[PaymentEntry]:
    """Charges of an amount that was charged in the same way before, and was not given back since."""
    seen: Counter[tuple[int, str]] = Counter()
    back = Counter(-one.amount_minor for one in entries if one.amount_minor < 0)
    found = []
    for entry in entries:
        if entry.kind is not PaymentKind.CHARGE:
            continue
        key = entry.amount_minor, entry.method.value
        seen[key] += 1
        if seen[key] > 1:
            if back[entry.amount_minor]:
                back[entry.amount_minor] -= 1
            else:
                found.append(entry)
    return found


def _other_amount(entries: list[PaymentEntry], number: str, told: int | None) -> PaymentEntry | None:
    """The entry the customer's receipt does not agree with; None where they agree or nothing is told."""
    charges = [one for one in entries if one.kind is PaymentKind.CHARGE]
    named = [one for one in charges if one.receipt_number == number] or charges
    if told is None or any(one.amount_minor == told for one in named):
        return None
    return named[-1] if named else None
