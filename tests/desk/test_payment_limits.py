"""Limits of payments are versions: the next payment follows the newest, older ones keep theirs. S0-3.5.2b"""

import pytest
from sqlalchemy import select

from models import PaymentEntry
from models.words import PaymentMethod
from portal.desk import orders, payment_limits, payments
from portal.desk.errors import NotAccepted, NotAllowed
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import CORA, FIN, MARA, SAM
from tests.shop import ordered

CASH, TRANSFER, TERMINAL = PaymentMethod
NO_AMOUNT = "Enter an amount such as 12.50, or leave it empty."


async def limited(desk: Desk, method: PaymentMethod = CASH, currency: str = "EUR", **typed: str) -> int:
    async with desk.work(MARA) as work:
        row = await payment_limits.write(work, method=method, currency=currency, **typed)
        await work.session.flush()
        return row.id


async def paid(
    desk: Desk,
    order_id: int,
    amount: int,
    method: PaymentMethod = CASH,
    who: Actor = CORA,
    *,
    over: bool = False,
) -> str:
    """Record a payment; what was wrong with its amount."""
    try:
        async with desk.work(who) as work:
            order = await orders.load(work, order_id)
            await payments.charge(work, order, method=method, amount_minor=amount, reference="T-1", over=over)
    except NotAccepted as refused:
        return refused.fields["amount"]
    return ""


async def test_the_next_payment_follows_a_change_and_older_ones_keep_theirs(desk: Desk) -> None:
    order = (await ordered(desk)).id  # 159.80
    assert await paid(desk, order, 10) == ""
    first = await limited(desk, least="5", most="50", lead_above="20,00")
    tried = [await paid(desk, order, amount) for amount in (499, 500, 2000, 2001, 5001)]
    assert tried == [
        "At least 5.00 EUR at once in this way.", "", "",
        "Above 20.00 EUR a supervisor records it.", "At most 50.00 EUR at once in this way.",
    ]  # fmt: skip
    assert [await paid(desk, order, amount, who=SAM) for amount in (2001, 5001)] == [
        "", "At most 50.00 EUR at once in this way."
    ]  # fmt: skip
    assert await paid(desk, order, 6000, TRANSFER) == ""  # another way has none
    await limited(desk, currency="USD", most="1")
    second = await limited(desk, most="45")
    left = 15980 - 10 - 500 - 2000 - 2001 - 6000
    assert await paid(desk, order, left) == "At most 45.00 EUR at once in this way."
    assert [await paid(desk, order, 4500), await paid(desk, order, 600)] == ["", ""]
    third = await limited(desk, least="500", most="")
    assert await paid(desk, order, left - 5100) == ""  # all that is owed is never too little
    async with desk.look(SYSTEM) as work:
        rows = await work.session.scalars(select(PaymentEntry.limit_id).order_by(PaymentEntry.id))
        assert list(rows) == [None, first, first, first, None, second, second, third]


@pytest.mark.parametrize(
    ("currency", "typed", "wrong"),
    [
        ("euro", {}, {"currency": "Three letters, such as EUR."}),
        ("EUR", {"least": "a few", "most": "-1"}, dict.fromkeys(("least", "most"), NO_AMOUNT)),
        ("eur", {"least": "5", "most": "4.99"}, {"most": "Not below the least."}),
    ],
)  # fmt: skip
async def test_a_limit_that_cannot_be_is_refused_by_field(
    desk: Desk, currency: str, typed: dict[str, str], wrong: dict[str, str]
) -> None:
    with pytest.raises(NotAccepted) as refused:
        await limited(desk, CASH, currency, **typed)
    assert refused.value.fields == wrong
    for who in (SAM, FIN):
        with pytest.raises(NotAllowed):
            async with desk.work(who) as work:
                await payment_limits.write(work, method=TERMINAL, currency="EUR")
