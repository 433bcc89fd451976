"""A small desk as it is set up on a new machine: no people yet, they come in the morning and sign in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette

from portal.app import create_app
from portal.desk import calendars, rulebook
from portal.desk.work import SYSTEM, Desk
from portal.settings import Settings
from tests.cast import ZONE, Clock
from tests.harness.smtp import MailServer
from tests.seat import Seat

Step = tuple[str, Mapping[str, str | None], str]
"""A step's key, the answers to fill in, and the button to press; empty for Continue."""


@dataclass(slots=True)
class Day:
    """The portal on one day, and the browsers of those who work there."""

    app: Starlette
    clock: Clock
    settings: Settings
    seats: dict[str, Seat] = field(default_factory=dict)

    @property
    def desk(self) -> Desk:
        desk: Desk = self.app.state.desk
        return desk

    async def come(self, *names: str) -> list[Seat]:
        """Let people sign in by the page of the identity provider; who still is gets in at once."""
        for name in names:
            seat = self.seats.setdefault(name, Seat(self.app))
            await seat.sign_in(name)
            assert (seat.status, seat.at) == (200, "/"), seat.words
        return [self.seats[name] for name in names]

    async def close(self) -> None:
        for seat in self.seats.values():
            await seat.close()
        await self.app.state.database.close()


async def opened(database: str, folder: Path, clock: Clock, smtp: MailServer) -> Day:
    """A portal with the development identity provider, the real mail server and the procedures' own numbers."""
    settings = Settings(
        data=folder, database=database, demo=True, jobs=False, zone=ZONE,
        smtp_host=smtp.host, smtp_port=smtp.port, smtp_security="none",
    )  # fmt: skip
    day = Day(create_app(settings, clock=clock), clock, settings)
    async with day.desk.work(SYSTEM) as work:
        await calendars.ensure_default(work, zone=ZONE)
        await rulebook.ensure_defaults(work)
    return day


async def walk(seat: Seat, steps: Iterable[Step]) -> None:
    """Take a contact through its steps: each has to be the one the wizard leads to, each field one it asks for."""
    for key, answers, press in steps:
        here = seat.at.rsplit("/", 1)[-1]
        assert here == key, f"at {here}, not at {key}: {seat.words[:300]}"
        await seat.send(seat.form("answers"), answers, press)
        assert seat.status == 200, f"{key}: {seat.words[:600]}"


async def begin_contact(seat: Seat, channel: str = "phone") -> None:
    await seat.open("/contacts/new")
    await seat.send(seat.form("/contacts"), {"channel": channel})
