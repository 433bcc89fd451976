"""Numbers that are read over the phone."""

from datetime import UTC, datetime

import pytest

from portal.desk.numbers import check_digit, is_number, next_number, read_number, take_numbers, written
from portal.desk.work import Desk
from tests.cast import CORA, Clock


async def test_the_first_order_of_a_year_is_number_one(desk: Desk, clock: Clock) -> None:
    async with desk.work(CORA) as work:
        assert [await next_number(work, "order") for _ in range(2)] == ["HR-26-000001-9", "HR-26-000002-4"]
        assert await next_number(work, "case") == "HC-26-000001-9"
    clock.now = datetime(2027, 1, 1, tzinfo=UTC)
    async with desk.work(CORA) as work:
        assert await next_number(work, "order") == written("order", 2027, 1)


async def test_a_number_that_was_not_used_is_given_again(desk: Desk) -> None:
    async def break_off() -> None:
        async with desk.work(CORA) as work:
            await next_number(work, "receipt")
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await break_off()
    async with desk.work(CORA) as work:
        assert await next_number(work, "receipt") == written("receipt", 2026, 1)


async def test_an_import_takes_many_at_once(desk: Desk) -> None:
    async with desk.work(CORA) as work:
        taken = await take_numbers(work, "customer", 2_000)
        assert (len(set(taken)), taken[0], taken[-1], await next_number(work, "customer")) == (
            2_000,
            written("customer", 2026, 1),
            written("customer", 2026, 2_000),
            written("customer", 2026, 2_001),
        )


@pytest.mark.parametrize(
    "typed",
    [
        "HR-26-000123-3",
        "hr 26 000123 3",
        "HR260001233",
        "hr\u201326\u2014000123\u20113",
        "  Hr.26.000 123.3 ",
        "".join(chr(ord(sign) + 0xFEE0) for sign in "HR-26-000123-3"),
    ],
)
def test_a_number_is_read_however_it_is_typed(typed: str) -> None:
    assert read_number(typed) == written("order", 2026, 123) == "HR-26-000123-3"


@pytest.mark.parametrize(
    "typed", ["", "HR", "HR-26-000123-6", "26-000123-3", "XX-26-000123-3", "HR-26-123-5"]
)
def test_what_is_no_number_is_not_read(typed: str) -> None:
    assert (read_number(typed), is_number(typed)) == (None, False)


def test_every_wrong_digit_and_every_swap_is_told() -> None:
    missed = []
    for sequence in range(0, 1_000_000, 9_973):
        digits = f"26{sequence:06}"
        right = digits + check_digit(digits)
        for place in range(9):
            wrong = [
                right[:place] + other + right[place + 1 :] for other in "0123456789" if other != right[place]
            ]
            if place < 8 and right[place] != right[place + 1]:
                wrong.append(right[:place] + right[place + 1] + right[place] + right[place + 2 :])
            missed += [number for number in wrong if is_number(f"HR{number}")]
    assert missed == []
