"""How little and how much may be paid at once in each way, and from which sum on a supervisor records it. S0-3.5.2b

Versions, only ever added to: the newest of a way and a currency holds from the moment it is written, and each payment
names the one it followed. Where none was written there is no limit.
"""

from __future__ import annotations

from sqlalchemy import select

from models import PaymentLimit
from models.words import PaymentMethod
from portal.desk import audit
from portal.desk.errors import NotAccepted
from portal.desk.money import in_words, read_amount
from portal.desk.permissions import May
from portal.desk.work import Work

FIELDS = ("least", "most", "lead_above")
LARGEST = 10**12


async def in_force(work: Work, method: PaymentMethod, currency: str) -> PaymentLimit | None:
    """The version that the next payment in this way follows; None where there is none."""
    found: PaymentLimit | None = await work.session.scalar(
        select(PaymentLimit)
        .where(PaymentLimit.method == method, PaymentLimit.currency == currency)
        .order_by(PaymentLimit.id.desc())
        .limit(1)
    )
    return found


def wrong_with(work: Work, limit: PaymentLimit | None, amount_minor: int, owed_minor: int) -> str:
    """Why this is not paid at once by this rule; empty when it may be. All that is owed is never too little."""
    if limit is None:
        return ""
    currency = limit.currency
    if limit.least_minor is not None and amount_minor < min(limit.least_minor, max(owed_minor, 1)):
        return f"At least {in_words(limit.least_minor, currency)} at once in this way."
    if limit.most_minor is not None and amount_minor > limit.most_minor:
        return f"At most {in_words(limit.most_minor, currency)} at once in this way."
    if (
        limit.lead_above_minor is not None
        and amount_minor > limit.lead_above_minor
        and not work.may(May.SEE_TEAM)
    ):
        return f"Above {in_words(limit.lead_above_minor, currency)} a supervisor records it."
    return ""


async def write(work: Work, *, method: PaymentMethod, currency: str, **typed: str) -> PaymentLimit:
    """Write the version that holds from now on; `least`, `most`, `lead_above` as typed, "" for no limit. S0-3.5.2b

    Raises NotAccepted with a message per field.
    """
    work.require(May.EDIT_POLICY)
    currency = currency.strip().upper()
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):  # noqa: PLR2004 - as codes are
        raise NotAccepted(currency="Three letters, such as EUR.")
    read = {name: _read(typed.get(name, ""), currency) for name in FIELDS}
    refused = {
        name: "Enter an amount such as 12.50, or leave it empty."
        for name, amount in read.items()
        if amount is not None and not 0 <= amount <= LARGEST
    }
    least, most = read["least"], read["most"]
    if not refused and least is not None and most is not None and least > most:
        refused["most"] = "Not below the least."
    if refused:
        raise NotAccepted.of(refused)
    row = PaymentLimit(
        method=method,
        currency=currency,
        written_by_id=work.actor.person_id,
        written_at=work.now,
        **{f"{name}_minor": amount for name, amount in read.items()},
    )
    work.session.add(row)
    await audit.record(work, "write payment limit", row)
    return row


def _read(text: str, currency: str) -> int | None:
    """The minor units that were typed; None for nothing, below zero for what cannot be read."""
    if not text.strip():
        return None
    amount = read_amount(text, currency)
    return -1 if amount is None else amount
