"""How money goes back: the way it came or another with a reason, and what is read back before it is asked for. S4-4.5"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from models import Order
from models.words import PaymentMethod, RefundReason
from portal.desk import payments
from portal.desk.errors import NotAccepted
from portal.desk.money import in_words
from portal.desk.work import Work

LONGEST_BECAUSE = 300
"""Characters of why money goes back another way."""


@dataclass(frozen=True, slots=True)
class RefundDraft:
    """What is asked for, as it is read back: how much, for what, and which way the money goes."""

    order_number: str
    amount_minor: int
    currency: str
    reason: str
    correction: bool
    method: PaymentMethod | None
    reference: str
    code: RefundReason = RefundReason.OTHER
    other_method: PaymentMethod | None = None
    other_because: str = ""

    @property
    def fingerprint(self) -> str:
        """Of exactly this content: change anything and it is another. Decision 19"""
        content = [
            self.order_number,
            self.amount_minor,
            self.currency,
            self.reason,
            self.correction,
            self.method,
            self.reference,
            self.code,
            self.other_method,
            self.other_because,
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def read_aloud(self) -> list[str]:
        """The sentences in which it is repeated to the customer, made from the draft alone."""
        amount = in_words(self.amount_minor, self.currency)
        if self.correction:
            said = [
                f"We ask our accounts to correct what they say was paid on {self.order_number} by {amount}."
            ]
        else:
            said = [f"We ask our accounts to give {amount} back on {self.order_number}."]
            by = f", {self.reference}" if self.reference else ""
            if self.other_method:
                said.append(f"It goes back another way, by {self.other_method.value}: {self.other_because}")
            elif self.method:
                said.append(f"It goes back the way it came: {self.method.value}{by}.")
        return [*said, f"The reason: {self.reason}", "Somebody else decides on it, and we write to you then."]


@dataclass(frozen=True, slots=True)
class WayBack:
    """What a refund is for, and which way it goes: the one it came, or another with the reason. S4-4.5"""

    code: RefundReason = RefundReason.OTHER
    other_method: PaymentMethod | None = None
    other_because: str = ""


THE_WAY_IT_CAME = WayBack()
TOO_MUCH = WayBack(RefundReason.OVERPAID)


def way_back(code: str, other_method: str, other_because: str) -> WayBack:
    """The way that a form names. Raises NotAccepted per field: another way needs its reason, and a reason its way."""
    found: dict[str, str] = {}
    because = " ".join(other_because.split())
    if code and code not in set(map(str, RefundReason)):
        found["code"] = "Choose what it is for."
    if other_method and other_method not in set(map(str, PaymentMethod)):
        found["other_method"] = "Choose a way of the list, or leave it open."
    elif because and not other_method:
        found["other_method"] = "Choose the way it goes back."
    elif other_method and not because:
        found["other_because"] = "Say why it does not go back the way it came."
    if len(because) > LONGEST_BECAUSE:
        found["other_because"] = f"At most {LONGEST_BECAUSE} characters."
    if found:
        raise NotAccepted.of(found)
    method = PaymentMethod(other_method) if other_method else None
    return WayBack(RefundReason(code) if code else RefundReason.OTHER, method, because)


async def draft_of(
    work: Work,
    order: Order,
    amount_minor: int,
    reason: str,
    *,
    correction: bool = False,
    way: WayBack = THE_WAY_IT_CAME,
) -> RefundDraft:
    """What is to be read back: the money goes to the original method and reference by default. S4-4.5

    Raises NotAccepted for another way that is the one it came, or where no money goes back at all.
    """
    original = await payments.original_of(work, order, amount_minor)
    if way.other_method and correction:
        raise NotAccepted(other_method="No money goes back where only the ledger is wrong.")
    if way.other_method and original and way.other_method is original.method:
        raise NotAccepted(other_method="It came this way: leave this open.")
    return RefundDraft(
        order.number,
        amount_minor,
        order.currency,
        " ".join(reason.split()),
        correction,
        original.method if original else None,
        original.reference if original else "",
        way.code,
        way.other_method,
        way.other_because,
    )


async def excess_draft(work: Work, order: Order, amount_minor: int, reason: str) -> RefundDraft:
    """What is to be read back of what was paid too much. S0-0.4"""
    return await draft_of(work, order, amount_minor, reason, way=TOO_MUCH)
