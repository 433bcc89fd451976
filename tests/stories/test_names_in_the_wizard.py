"""Names of 28 scripts, phones of all regions, addresses of all countries and hostile strings, typed by a person.

Into the form for a new customer, on a call; read again on the customer's page and in the tables. S2-6.4
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from itertools import cycle, islice
from typing import TypeVar

import pytest
from starlette.applications import Starlette

from models import Customer
from portal.desk import customers
from portal.desk.customers import CustomerDetails
from portal.desk.work import Actor, Desk
from tests.cast import CORA, MARA
from tests.html import Element
from tests.real_input import real
from tests.seat import Seat
from tests.stories.test_names_of_the_world import LONGEST_CODE, person_names, table
from tests.visits import app, signed_in

__all__ = ["app"]

T = TypeVar("T")
EVERYDAY = 60
SCRIPTS = 28


async def seat_of(app: Starlette, desk: Desk, actor: Actor) -> Seat:
    seat = Seat(app)
    seat.client.cookies.set("handrail", await signed_in(desk, actor), domain="127.0.0.1")
    return seat


@pytest.fixture
async def cora(app: Starlette, desk: Desk) -> AsyncIterator[Seat]:
    seat = await seat_of(app, desk, CORA)
    yield seat
    await seat.close()


@pytest.fixture
async def mara(app: Starlette, desk: Desk) -> AsyncIterator[Seat]:
    seat = await seat_of(app, desk, MARA)
    yield seat
    await seat.close()


def spread(rows: list[T], count: int) -> Iterator[T]:
    """So many of them, from everywhere among them; all of them again and again when there are fewer."""
    step = max(1, len(rows) // count)
    return islice(cycle(rows[::step]), count)


def people(count: int) -> Iterator[tuple[CustomerDetails, str]]:
    """What so many customers say, and their phone number as it is to be kept."""
    scripts = person_names()
    firsts = {script: name for name, script in reversed(scripts.items())}
    names = [*firsts.values(), *(name for name in scripts if name not in firsts.values())]
    assert len(firsts) == SCRIPTS
    phones = [row for row in table("phones.csv") if row["validity"] == "valid"]
    with real("names/addresses.jsonl").open(encoding="utf-8") as lines:
        addresses = [json.loads(line) for line in lines]
    for name, phone, address in zip(
        islice(cycle(names), count), spread(phones, count), spread(addresses, count), strict=True
    ):
        parts = address["components"]
        code = str(parts.get("postcode", ""))
        yield (
            CustomerDetails(
                name=name,
                phone=phone["international"],
                street=address["expected"].strip("\n"),
                city=parts.get("city", ""),
                region=parts.get("state", ""),
                postal_code=code if len(code) <= LONGEST_CODE else "",
                country=parts.get("country", ""),
            ),
            phone["e164"],
        )


async def taken_down(seat: Seat, details: CustomerDetails) -> int:
    """Take a call of somebody new and type what they say; gives the customer's id."""
    await seat.open("/contacts/new")
    await seat.send(seat.form("/contacts"))
    await seat.send(seat.form("answers"), {"greeted": "yes"})
    await seat.send(seat.form("answers"), press="New customer")
    typed = {name: str(value) for name in customers.DETAILS if (value := getattr(details, name))}
    await seat.send(seat.form("answers"), typed)
    if any(
        "same" in one.names for one in seat.forms()
    ):  # somebody like this is known: two share a number here
        await seat.send(seat.form("answers"), {"same": "yes"})
    assert (seat.status, seat.at.rsplit("/", 1)[-1]) == (200, "about"), seat.words[:600]
    intake = seat.at.rsplit("/", 1)[0]
    await seat.open(f"{intake}/who")
    return int(dict(seat.form("answers").values)["choice"])


def told(page: Element) -> set[str]:
    """Everything that stands as a value or as a heading on a page."""
    return {one.text for one in page.each("dd", "h1", "td", "p")}


def lines(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("count", [EVERYDAY, pytest.param(605, marks=pytest.mark.full)])
async def test_the_whole_world_calls(desk: Desk, cora: Seat, mara: Seat, count: int) -> None:
    missing = []
    for details, number in people(count):
        made = await taken_down(cora, details)
        async with desk.look(CORA) as work:
            stored = customers.details_of(await work.session.get_one(Customer, made))
        assert stored == CustomerDetails(
            **{**{name: getattr(details, name) for name in customers.DETAILS}, "phone": number}
        )
        page = told(await mara.open(f"/admin/customers/details/{made}"))
        wanted = [details.name, number, details.city, details.region, details.postal_code, details.country]
        missing += [(made, text) for text in wanted if lines(text) not in page and text]
        await cora.open(f"/customers/{made}")
        await cora.send(cora.form(asking="reason"), {"reason": "They are on the line."})
        shown = cora.words
        missing += [
            (made, text) for text in (details.name, number, details.street) if lines(text) not in shown
        ]
    assert missing == []


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.full)])
async def test_hostile_strings_are_kept_as_they_were_typed(
    desk: Desk, cora: Seat, mara: Seat, every: int
) -> None:
    """As the name and as the note of a customer. Line ends come as one sign, and a form holds no NUL."""
    strings = [text for text in json.loads(real("names/naughty_strings.json").read_bytes()) if text.strip()][
        ::every
    ]
    wrong = []
    for number, text in enumerate(strings):
        reach = f"x{number}@example.com"
        made = await taken_down(cora, CustomerDetails(name=text[:300], email=reach, note=text))
        async with desk.look(CORA) as work:
            stored = await work.session.get_one(Customer, made)
        kept = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
        if (stored.name, stored.note) != (kept[:300], kept):
            wrong.append((text, stored.name, stored.note))
        page = await mara.open(f"/admin/customers/details/{made}")
        if {lines(kept[:300]), lines(kept)} - told(page):
            wrong.append((text, "not on the page", ""))
    assert wrong == []
