"""The demo's own clock: what is planned to happen when, by whom, and what has been made so far."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from models import Case, Customer, Order, Product
from portal.demo.cast import ZONE
from portal.desk.work import CUSTOMER, SYSTEM, Actor, Work

BERLIN = ZoneInfo(ZONE)
SATURDAY = 5

Deed = Callable[[Work], Awaitable[object]]


@dataclass(slots=True)
class Story:
    """What is planned to happen, and what has been made so far."""

    work: Work
    people: dict[str, Actor] = field(default_factory=dict)
    customers: list[Customer] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    orders: dict[int, Order] = field(default_factory=dict)
    cases: dict[int, Case] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    """Invitations to give feedback, oldest first."""
    planned: list[tuple[datetime, str, Deed]] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(26))  # noqa: S311  no secret, only variety

    @property
    def now(self) -> datetime:
        return self.work.now

    def ago(self, minutes: float) -> datetime:
        return self.now - timedelta(minutes=minutes)

    def on_day(self, days_ago: float, minute: int) -> datetime:
        """A moment on a working day about so long ago, `minute` minutes after nine in the morning."""
        day = (self.now - timedelta(days=days_ago)).astimezone(BERLIN).date()
        while day.weekday() >= SATURDAY:
            day -= timedelta(days=1)
        return datetime(day.year, day.month, day.day, 9, tzinfo=BERLIN) + timedelta(minutes=minute)

    def plan(self, moment: datetime, who: str, deed: Deed) -> None:
        """Let somebody do something then, at the latest a minute ago."""
        self.planned.append((min(moment, self.ago(1)), who, deed))

    def as_(self, who: str, moment: datetime) -> Work:
        """The same transaction in somebody's name at another moment."""
        actors = {"": SYSTEM, "customer": CUSTOMER}
        return replace(self.work, actor=actors.get(who) or self.people[who], now=moment)
