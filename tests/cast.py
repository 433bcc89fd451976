"""The people of the tests, their desk, and a clock that stands still until a test moves it.

Cora and Cem take calls, Sam supervises, Mara manages, Fin is from finance, Ina keeps the stock, Fred sends
things out, Ada administers, Nils has no role yet; Ana is the customer. It is Monday, 2 March 2026, 10:00 in
Berlin, and the desk is open Monday to Friday from 09:00 to 17:00.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models import BusinessCalendar, Customer, Person
from models.words import Role
from portal.database import Database
from portal.desk import audit
from portal.desk.work import SYSTEM, Actor, Desk, Terms

ZONE = "Europe/Berlin"
HOURS = "Mo-Fr 09:00-17:00"
ISSUER = "https://people.example.com"
START = datetime(2026, 3, 2, 10, 0, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
TERMS = Terms(secret=b"a secret of the tests, 32 bytes or more")


def _person(number: int, name: str, *roles: Role) -> Actor:
    return Actor.person(number, name, tuple(role.value for role in roles), ZONE)


CORA = _person(1, "Cora", Role.REPRESENTATIVE)
CEM = _person(2, "Cem", Role.REPRESENTATIVE)
SAM = _person(3, "Sam", Role.SUPERVISOR)
MARA = _person(4, "Mara", Role.MANAGER)
FIN = _person(5, "Fin", Role.FINANCE)
INA = _person(6, "Ina", Role.INVENTORY)
FRED = _person(7, "Fred", Role.FULFILMENT)
ADA = _person(8, "Ada", Role.ADMINISTRATOR)
NILS = _person(9, "Nils")
EVERYBODY = (CORA, CEM, SAM, MARA, FIN, INA, FRED, ADA, NILS)
"""In the order of their ids, so that a person's row is found by `actor.person_id`."""

ANA = 1
"""The id of the customer's row."""


class Clock:
    """Stands still until a test moves it. Handed to the desk, which is the only one to read it."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> datetime:
        """Let real time pass; over a clock change the wall clock moves differently."""
        self.now += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return self.now

    def at(self, wall: str) -> datetime:
        """Set it to a wall time in Berlin, such as `2026-03-06 16:30`."""
        self.now = berlin(wall)
        return self.now


def berlin(wall: str) -> datetime:
    """Give the UTC moment of a wall time in Berlin."""
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


async def open_desk(desk: Desk) -> None:
    """Put the cast, the customer Ana and the opening hours into an empty database."""
    async with desk.work(SYSTEM) as work:
        calendar = BusinessCalendar(name="Desk", zone=ZONE, hours=HOURS, is_default=True, changed_at=work.now)
        work.session.add(calendar)
        for actor in EVERYBODY:  # one by one: their ids are their places in the cast
            work.session.add(
                Person(
                    issuer=ISSUER,
                    subject=actor.name.lower(),
                    name=actor.name,
                    email=f"{actor.name.lower()}@example.com",
                    roles=actor.roles,
                    zone=ZONE,
                    created_at=work.now,
                )
            )
            await work.session.flush()
        work.session.add(
            Customer(
                number="HK-25-000001-1",  # last year's sequence: this year's begins at one in every test
                name="Ana Example",
                email="ana@example.com",
                phone="+49301234567",
                street="Example Street 1",
                city="Berlin",
                postal_code="10115",
                country="DE",
                created_at=work.now,
            )
        )
        await audit.record(work, "open the desk", calendar)


async def cast(address: str) -> None:
    """The same in a database of which every test's own is a copy."""
    opened = Database(address)
    await open_desk(Desk(opened, TERMS, Clock()))
    await opened.close()


@pytest.fixture
def clock() -> Clock:
    """Time stands still until the test moves it: `clock.forward(hours=24)`, `clock.at("2026-03-06 16:30")`"""
    return Clock()


@pytest.fixture
async def desk(database: str, clock: Clock) -> AsyncIterator[Desk]:
    """An open desk on a fresh database of either kind: `async with desk.work(CORA) as work: …`."""
    opened = Database(database)
    yield Desk(opened, TERMS, clock)
    await opened.close()
