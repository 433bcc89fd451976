"""The terms are versions: read out, confirmed, kept with the order, never reworded once they hold. S4-4.2"""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from models import Message, Order, OrderTerms
from portal import importing
from portal.desk import order_terms, orders
from portal.desk.errors import NotAccepted, NotAllowed, WrongMoment
from portal.desk.imports import COLUMNS
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, MARA, Clock
from tests.shop import CHAIR, DRAFT, ordered, stocked

REWORDED = "Orders are placed under it already. Write a new version for other words."


async def written(desk: Desk, words_en: str, words_de: str = "", *, days: int = 0) -> int:
    async with desk.work(MARA) as work:
        first = work.now.date() + timedelta(days=days)
        return (await order_terms.add(work, words_en=words_en, words_de=words_de, valid_from=first)).id


async def test_an_order_keeps_the_terms_it_was_placed_under(desk: Desk, clock: Clock) -> None:
    before = await ordered(desk)
    first = await written(desk, "Goods stay ours.", "Die Ware bleibt unser.")
    second = await written(desk, "Goods are yours.", days=2)
    placed = await ordered(desk)
    clock.forward(days=2)
    async with desk.work(CORA) as work:
        order = await orders.load(work, placed.id)
        draft = replace(orders.draft_of(order), lines=((CHAIR, 1),))
        agreed = orders.fingerprint(await orders.check_amendment(work, order, draft))
        await orders.amend(work, order, draft, fingerprint=agreed, expected_amended=0, reason="One will do.")
    later = await ordered(desk, replace(DRAFT, lines=((CHAIR, 1),)))
    async with desk.look(SYSTEM) as work:
        rows = await work.session.execute(select(Order.id, Order.terms_id).order_by(Order.id))
        assert list(rows) == [(before.id, None), (placed.id, first), (later.id, second)]
        letters = list(await work.session.scalars(select(Message).order_by(Message.id)))
        told = [
            (
                one.order_id,
                one.template,
                "Goods stay ours." in one.body_text,
                "Goods are yours." in one.body_text,
            )
            for one in letters
        ]
        found = await order_terms.of_order(work, await orders.load(work, placed.id))
        assert found is not None
        assert [order_terms.in_language(found, one) for one in ("en", "de", "fr")] == [
            "Goods stay ours.", "Die Ware bleibt unser.", "Goods stay ours."
        ]  # fmt: skip
    assert told == [
        (before.id, "order-confirmation", False, False),
        (placed.id, "order-confirmation", True, False),
        (placed.id, "order-amended", True, False),
        (later.id, "order-confirmation", False, True),
    ]


async def test_what_was_read_out_is_what_is_agreed_to(desk: Desk) -> None:
    """Decision 19: terms that come into force after the read-back are read back first."""
    await stocked(desk)
    async with desk.look(CORA) as work:
        agreed = orders.fingerprint(await orders.check(work, DRAFT))
    await written(desk, "Goods stay ours.")
    with pytest.raises(WrongMoment, match="no longer what was read back"):
        async with desk.work(CORA) as work:
            await orders.place(work, DRAFT, fingerprint=agreed)


async def test_a_version_is_reworded_before_its_day_and_never_after(desk: Desk, clock: Clock) -> None:
    number = await written(desk, "Goods stay.", days=1)

    async def changed(words_en: str, words_de: str = "", *, on: date) -> dict[str, str]:
        async with desk.work(MARA) as work:
            row = await work.session.get_one(OrderTerms, number)
            told = {"words_en": words_en, "words_de": words_de, "valid_from": on}
            try:
                await order_terms.change(work, row, row.version, **told)  # type: ignore[arg-type] # words and a day
            except NotAccepted as refused:
                return refused.fields
        return {}

    day = clock.now.date() + timedelta(days=1)
    assert await changed("Goods stay ours.", on=day) == {}
    assert await changed("Goods.", on=day - timedelta(days=2)) == {"valid_from": "Not before today."}
    clock.forward(days=1)
    assert await changed("Mine.", on=day) == {"words_en": REWORDED}
    assert await changed("Goods stay ours.", on=day + timedelta(days=1)) == {
        "valid_from": "Its day has come already."
    }
    assert await changed("Goods stay ours.", "Die Ware bleibt unser.", on=day) == {}  # a language it lacked
    assert await changed("", " ", on=day) == {"words_en": "Write the terms, in one language at least."}
    with pytest.raises(NotAccepted) as refused:
        await written(desk, "x" * 10_001, days=-1)
    assert refused.value.fields == {"words_en": "At most 10000 characters; these are 10001."}
    with pytest.raises(NotAllowed):
        async with desk.work(CORA) as work:
            await order_terms.add(work, words_en="Mine.", words_de="", valid_from=day)


async def test_what_is_brought_in_names_the_version_of_its_own_day(
    desk: Desk, clock: Clock, tmp_path: Path
) -> None:
    first = await written(desk, "Goods stay ours.")
    clock.forward(days=5)
    second = await written(desk, "Goods are yours.")
    days = ["2026-03-01", "2026-03-02", "2026-03-06", "2026-03-07"]
    path = tmp_path / "orders.csv"
    rows = [f"{number},,,{day},,,,open,,,,,,,,," for number, day in enumerate(days, 1)]
    path.write_text("\n".join([",".join(COLUMNS["orders"]), *rows, ""]))
    path.with_name("order_line.csv").write_text(",".join(COLUMNS["lines"]))
    await importing.run(desk, "orders", path, source="shop")
    async with desk.look(SYSTEM) as work:
        found = await work.session.scalars(select(Order.terms_id).order_by(Order.source_id))
        assert list(found) == [None, first, first, second]
