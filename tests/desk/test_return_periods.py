"""Until when a customer may withdraw and send back: by country, right at month ends and leap days. S3-14.2.1a"""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from models import BusinessCalendar, Customer, Order, ReturnPeriod
from models.words import Channel, DeliveryMethod, OrderStatus
from portal.desk import audit, return_periods, rulebook
from portal.desk.errors import Conflict, NotAccepted, NotAllowed
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA, MARA, Clock, berlin


async def arrived(desk: Desk, wall: str | None, country: str) -> int:
    """An order that reached Ana at this time; not yet with None."""
    async with desk.work(SYSTEM) as work:
        (await work.session.get_one(Customer, ANA)).country = country
        order = Order(
            number=f"HR-25-{wall}", channel=Channel.PHONE, status=OrderStatus.DELIVERED if wall else OrderStatus.DISPATCHED,
            delivery_method=DeliveryMethod.DELIVERY, currency="EUR", total_minor=0, customer_id=ANA,
            placed_at=work.now, delivered_at=berlin(wall) if wall else None,
        )  # fmt: skip
        work.session.add(order)
        await audit.record(work, "deliver", order)
        return order.id


async def until(desk: Desk, order_id: int) -> return_periods.Until | None:
    async with desk.look(CORA) as work:
        statement = select(Order).where(Order.id == order_id)
        order = (await work.session.scalars(statement)).one()
        await work.session.refresh(order, ["customer"])
        return await return_periods.of_order(work, order)


async def in_force(desk: Desk) -> None:
    async with desk.work(MARA) as work:
        await return_periods.ensure_defaults(work)
        await return_periods.add(work, "Schweiz", withdrawal_days=None, return_days=10)
        calendar = (await work.session.scalars(select(BusinessCalendar))).one()
        await rulebook.set_calendar_day(work, calendar, date(2026, 4, 6), "off", "Easter Monday")


@pytest.mark.parametrize(
    ("wall", "country", "withdrawal", "returns"),
    [
        (
            "2024-02-15 12:00",
            "DE",
            date(2024, 2, 29),
            date(2024, 3, 18),
        ),  # the leap day; 16 March is a Saturday
        (
            "2023-02-15 12:00",
            "Germany",
            date(2023, 3, 1),
            date(2023, 3, 17),
        ),  # and the year before without one
        (
            "2026-01-31 23:30",
            "",
            date(2026, 2, 16),
            date(2026, 3, 2),
        ),  # from a month's end; 14 February is a Saturday
        ("2026-03-23 09:00", "FR", date(2026, 4, 7), date(2026, 4, 22)),  # over Easter Monday
        (
            "2025-12-31 23:59",
            "Neverland",
            date(2026, 1, 14),
            date(2026, 1, 30),
        ),  # still that day on the desk's clock
        ("2026-02-20 10:00", "CH", None, date(2026, 3, 2)),
    ],
)
async def test_the_last_days_of_an_order(
    desk: Desk, wall: str, country: str, withdrawal: date | None, returns: date
) -> None:
    await in_force(desk)
    found = await until(desk, await arrived(desk, wall, country))
    assert found is not None
    assert (found.withdrawal, found.returns) == (withdrawal, returns)
    assert (found.today, found.over) == (date(2026, 3, 2), returns < date(2026, 3, 2))


async def test_what_has_not_arrived_has_no_last_day_and_rows_are_written_by_managers(
    desk: Desk, clock: Clock
) -> None:
    assert (
        await until(desk, await arrived(desk, "2026-03-01 12:00", "DE")) is None
    )  # nobody has promised anything
    await in_force(desk)
    assert await until(desk, await arrived(desk, None, "DE")) is None
    async with desk.work(CORA) as work:
        with pytest.raises(NotAllowed):
            await return_periods.add(work, "DE", withdrawal_days=14, return_days=14)
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("Neverland", {"withdrawal_days": 1, "return_days": 1}, "country"),
        ("CH", {"withdrawal_days": 1, "return_days": 1}, "country"),
        ("DE", {"withdrawal_days": -1, "return_days": 1}, "withdrawal_days"),
        ("DE", {"withdrawal_days": 1, "return_days": 4000}, "return_days"),
    ]
    for country, told, field in wrong:
        async with desk.work(MARA) as work:
            with pytest.raises(NotAccepted) as refused:
                await return_periods.add(work, country, **told)
        assert list(refused.value.fields) == [field]
    async with desk.work(MARA) as work:
        row = (await work.session.scalars(select(ReturnPeriod).where(ReturnPeriod.country == "CH"))).one()
        await return_periods.change(work, row, row.version, withdrawal_days=None, return_days=20)
    async with desk.work(MARA) as work:
        row = (await work.session.scalars(select(ReturnPeriod).where(ReturnPeriod.country == "CH"))).one()
        with pytest.raises(Conflict):
            await return_periods.change(work, row, row.version - 1, withdrawal_days=None, return_days=30)
    found = await until(desk, await arrived(desk, "2026-03-03 12:00", "CH"))
    assert found is not None
    assert (found.returns, found.over) == (date(2026, 3, 23), False)
    assert clock() == berlin("2026-03-02 10:00")
