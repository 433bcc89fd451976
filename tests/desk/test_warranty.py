"""Serial numbers and warranties: exact to the day, and never a word about somebody else's purchase. S4-5"""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from models import AuditEntry, Contact, Customer, Message, OrderLine, Product, Serial
from models.words import Channel
from portal.desk import audit, orders, products, verification, warranty
from portal.desk.errors import Conflict, NotAccepted, NotAllowed
from portal.desk.warranty import Cover, read_serial
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA, FRED, MARA, Clock
from tests.shop import CHAIR, LAMP, ordered, stocked

NUMBER = "CH-4711-08"


@pytest.mark.parametrize(
    ("bought", "months", "last"),
    [
        ("2025-01-31", 1, "2025-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2025-03-31", 1, "2025-04-30"),
        ("2025-12-31", 2, "2026-02-28"),
        ("2025-11-30", 3, "2026-02-28"),
        ("2025-01-15", 24, "2027-01-15"),
        ("2025-12-31", 12, "2026-12-31"),
        ("2025-06-30", 0, "2025-06-30"),
    ],
)
def test_a_warranty_ends_on_its_last_day_and_not_before(bought: str, months: int, last: str) -> None:
    """S4-5.1: month ends and leap days; the last day counts."""
    start, end = date.fromisoformat(bought), date.fromisoformat(last)
    on_the_day = warranty.warranty(months, start, end)
    the_day_after = warranty.warranty(months, start, end + timedelta(days=1))
    assert (on_the_day.cover, on_the_day.until) == (Cover.IN, end)
    assert (the_day_after.cover, the_day_after.until) == (Cover.OUT, end)


@pytest.mark.parametrize(
    ("months", "bought", "because"),
    [
        (None, date(2026, 1, 1), "Nobody has said how long this product is covered."),
        (24, None, "Nobody knows when it was purchased."),
        (24, date(2026, 3, 3), "The day of the purchase has not come yet."),
    ],
)
def test_what_is_not_known_is_said_to_be_unknown(
    months: int | None, bought: date | None, because: str
) -> None:
    found = warranty.warranty(months, bought, date(2026, 3, 2))
    assert found == warranty.Warranty(Cover.UNKNOWN, None, because)


@pytest.mark.parametrize(
    ("told", "number"),
    [
        ("ch-4711-08", "CH471108"),
        (" CH 4711 / 08 ", "CH471108"),
        ("\uff23\uff28\uff14\uff17\uff11\uff11\uff10\uff18", "CH471108"),
        ("12345", "12345"),
        ("A-1", None),
        ("NODIGITS", None),
        ("Ж-4711-08", None),
        ("1" * 41, None),
        ("", None),
    ],
)
def test_a_serial_number_has_one_spelling(told: str, number: str | None) -> None:
    """S4-5.3"""
    assert read_serial(told) == number


async def a_line(desk: Desk) -> int:
    """The line with Ana's two chairs; gives its id."""
    order = await ordered(desk)
    async with desk.look(SYSTEM) as work:
        return (await orders.load(work, order.id)).lines[0].id


async def registered(desk: Desk, number: str = NUMBER) -> Serial:
    line_id = await a_line(desk)
    async with desk.work(CORA) as work:
        line = await work.session.get_one(OrderLine, line_id)
        return await warranty.register(work, number, await products.load(work, CHAIR), line=line)


async def test_a_number_on_an_order_line_knows_its_customer_and_its_day(desk: Desk) -> None:
    """S4-5.4"""
    serial = await registered(desk)
    assert (serial.number, serial.customer_id, serial.purchased_on) == ("CH471108", ANA, date(2026, 3, 2))
    async with desk.look(CORA) as work:
        piece = (await warranty.look_up(work, "CH471108", ANA)).piece
    assert piece is not None
    assert (piece.sku, piece.purchased_on, piece.order_number) == (
        "CH-1",
        date(2026, 3, 2),
        "HR-26-000001-9",
    )


async def test_of_somebody_elses_piece_nothing_is_told(desk: Desk) -> None:
    await registered(desk)
    async with desk.look(CORA) as work:
        told = [await warranty.look_up(work, "CH471108", who) for who in (None, ANA + 1)]
        assert told == [warranty.LookUp(foreign=True)] * 2
        assert await warranty.look_up(work, "CH999999", ANA) == warranty.LookUp()


async def test_a_line_has_no_more_numbers_than_pieces(desk: Desk) -> None:
    await registered(desk)
    async with desk.work(CORA) as work:
        line = (await work.session.scalars(select(OrderLine).where(OrderLine.product_id == CHAIR))).one()
        chair = await products.load(work, CHAIR)
        await warranty.register(work, "CH-4711-09", chair, line=line)
        for number, told in (
            ("CH-4711-10", {"order_line_id": "Every piece of that line has its serial number already."}),
            (NUMBER.lower(), {"number": warranty.TAKEN}),
            ("x", {"number": warranty.NO_SERIAL}),
        ):
            with pytest.raises(NotAccepted) as refused:
                await warranty.register(work, number, chair, line=line)
            assert refused.value.fields == told


async def test_a_purchase_is_not_in_the_future_nor_of_another_product(desk: Desk, clock: Clock) -> None:
    line_id = await a_line(desk)
    tomorrow = (clock.now + timedelta(days=1)).date()
    async with desk.work(CORA) as work:
        lamp, line = await products.load(work, LAMP), await work.session.get_one(OrderLine, line_id)
        with pytest.raises(NotAccepted) as refused:
            await warranty.register(work, NUMBER, lamp, line=line)
        assert refused.value.fields == {"order_line_id": "That line is of another product."}
        with pytest.raises(NotAccepted) as refused:
            await warranty.register(work, NUMBER, lamp, purchased_on=tomorrow)
        assert refused.value.fields == {"purchased_on": "The purchase cannot be in the future."}


async def test_two_who_correct_a_piece_hear_of_each_other(desk: Desk) -> None:
    serial = await registered(desk)
    async with desk.work(MARA) as work:
        mine = await work.session.get_one(Serial, serial.id)
        seen = mine.version
        await warranty.change(work, mine, seen, purchased_on=date(2026, 2, 1))
    async with desk.work(MARA) as work:
        theirs = await work.session.get_one(Serial, serial.id)
        with pytest.raises(Conflict):
            await warranty.change(work, theirs, seen, purchased_on=date(2026, 1, 1))
        assert theirs.purchased_on == date(2026, 2, 1)


async def test_only_those_who_keep_customers_register_pieces(desk: Desk) -> None:
    await stocked(desk)
    async with desk.work(FRED) as work:
        with pytest.raises(NotAllowed):
            await warranty.register(work, NUMBER, await work.session.get_one(Product, CHAIR))


async def test_a_suspect_caller_is_written_down_and_the_supervisors_hear_of_it_once(desk: Desk) -> None:
    """S4-5.4"""
    async with desk.work(CORA) as work:
        contact = Contact(
            number="HT-26-000009-1",
            customer_id=ANA,
            taken_by_id=1,
            channel=Channel.PHONE,
            started_at=work.now,
        )
        work.session.add(contact)
        await audit.record(work, "begin contact", contact)
    told = []
    for _ in range(2):
        async with desk.work(CORA) as work:
            row = await work.session.get_one(Contact, contact.id)
            told.append(await verification.suspect(work, row, warranty.FOREIGN))
    async with desk.look(SYSTEM) as work:
        sent = (await work.session.execute(select(Message.template, Message.person_id))).all()
        deeds = (await work.session.scalars(select(AuditEntry.deed))).all()
        ana = await work.session.get_one(Customer, ANA)
        letters = (await work.session.scalars(select(Message.body_text))).all()
    assert (told, [tuple(one) for one in sent]) == ([True, False], [("suspect-caller", 3)])
    assert list(deeds).count("suspect caller") == 1
    assert not any(ana.name in letter for letter in letters)
