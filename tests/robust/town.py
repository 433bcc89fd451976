"""A portal with a busy day in it, for tests that ask every door of it: who may go in where, and what was wrong."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette

from portal.desk.work import SYSTEM, Actor, Desk
from tests.admin_views.story import lived
from tests.cast import ADA, CORA, FRED, INA, MARA, Clock
from tests.house.test_doors import Door, doors, may
from tests.html import Form, forms, read
from tests.robust.everywhere import come_to, named, straightened
from tests.robust.hanging import hung_on
from tests.robust.raw import Ask, faults, send
from tests.scene import busy_monday
from tests.visits import signed_in

SIGNS_OUT = "/sign-out"
LEADS_AWAY = re.compile(r"^/sign-out$|^/practice|^/intakes/\d+/abandonment$")
"""Forms after which nobody is at the desk, or in the contact, any more."""
NOT_SET_UP = {503}
"""What the sign-in says in these tests, in words: they have no identity provider."""


@dataclass(slots=True)
class Town:
    """A portal with a busy day in it, and everybody's way in."""

    app: Starlette
    secrets: dict[Actor, str]
    ids: dict[str, int | str]
    steps: list[str]
    """The address of every step of every script."""
    forms: list[tuple[Actor, str, Form]] = field(default_factory=list)

    async def wrong(self, asks: Iterable[tuple[Actor | None, Ask]]) -> list[str]:
        """Ask one after the other; what was wrong with the answers."""
        found: list[str] = []
        for actor, ask in asks:
            allowed = NOT_SET_UP if ask.target.startswith("/sign-in") else ()
            try:
                answer = await send(self.app, ask, self.secrets[actor] if actor else "")
            except Exception as error:  # noqa: BLE001 - whatever escapes is what this test looks for
                found.append(f"{type(error).__name__} escaped: {ask}")
            else:
                found += faults(ask, answer, allowed)
        return found

    async def learn(self) -> None:
        """Open every page and keep the forms that stand on it."""
        found: dict[tuple[str, frozenset[str]], tuple[Actor, str, Form]] = {}
        pages = [
            (who, self.filled(path))
            for method, path, permission in DOORS
            if method == "GET" and (who := insider(permission)) is not None
        ]
        for who, address in [*pages, *((CORA, step) for step in self.steps)]:
            answer = await send(self.app, Ask("GET", address), self.secrets[who])
            for one in forms(read(answer.text)):
                action = one.action or address
                if one.method == "POST" and not LEADS_AWAY.search(action):
                    found[re.sub(r"^/intakes/\d+", "", action), one.names] = who, action, one
        self.forms = list(found.values())
        assert len(self.forms) > 150

    def filled(self, path: str, value: str | None = None) -> str:
        """A path with ids that exist in its places, or with this value in all of them."""

        def one(part: re.Match[str]) -> str:
            name = part[1].split(":")[0]
            if value is not None and name != "path":
                return value
            return str("greet" if name == "step" and path.startswith("/intakes") else self.ids.get(name, 1))

        return re.sub(r"\{([^}]+)\}", one, path)


@pytest.fixture
async def town(app: Starlette, desk: Desk, clock: Clock) -> Town:
    day = await lived(desk)
    scene = await busy_monday(desk, clock)
    people = (CORA, MARA, ADA, INA, FRED)
    await straightened(desk)
    steps = await come_to(desk, CORA, scene.order, scene.complaint, {"product-1": "1", "quantity-1": "2"})
    async with desk.work(SYSTEM) as work:
        await hung_on(work, CORA.person_id or 0, "The kettle again.")
    ids: dict[str, int | str] = {
        **await named(desk),
        "case_id": scene.complaint, "order_id": scene.order, "customer_id": 1, "follow_up_id": scene.follow_up,
        "message_id": day.dead, "escalation_id": 1, "intake_id": scene.intake, "pk": 1,
    }  # fmt: skip
    return Town(app, {one: await signed_in(desk, one) for one in people}, ids, steps)


DOORS: list[Door] = [door for door in doors() if door[1] != SIGNS_OUT]
"""Every door but the one that ends the session."""


def insider(permission: object) -> Actor | None:
    """Somebody who may go in; None where nobody has to sign in."""
    if may(None, permission):  # type: ignore[arg-type] # a permission of either kind
        return None
    return next(one for one in (MARA, CORA, ADA, INA, FRED) if may(one, permission))  # type: ignore[arg-type] # as above


def spread(values: Sequence[str], share: int) -> Iterator[list[str]]:
    """Give each asker in turn so many of the values, another part each time: over all askers all of them come."""
    for at in itertools.count():
        yield [values[(at * share + step) % len(values)] for step in range(min(share, len(values)))]


EVERYDAY, OFTEN = 2, 15
"""Values for each address on an ordinary run, and at length: over all addresses every one comes many times."""
AT_LENGTH = pytest.param(OFTEN, marks=pytest.mark.full)
