"""The whole portal on an open desk, visited by the cast: `cora = await visitor(CORA)`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from models import Person
from portal.app import create_app
from portal.desk import sessions
from portal.desk.work import SYSTEM, Actor, Desk
from portal.settings import Settings
from tests.cast import Clock

ADDRESS = "http://127.0.0.1:8000"
OURS = {"sec-fetch-site": "same-origin", "origin": ADDRESS}
Visitor = Callable[[Actor | None], Awaitable[httpx2.AsyncClient]]


@pytest.fixture
async def app(desk: Desk, database: str, clock: Clock, tmp_path: Path) -> AsyncIterator[Starlette]:
    """The portal on the desk's database, with the tests' clock and without jobs; customers may chat."""
    del desk  # only has to be open
    made = create_app(Settings(data=tmp_path, database=database, jobs=False, chat=True), clock=clock)
    yield made
    await made.state.practice.close()
    await made.state.database.close()


async def signed_in(desk: Desk, actor: Actor) -> str:
    """Sign one of the cast in; the secret for the cookie."""
    async with desk.work(SYSTEM) as work:
        return await sessions.start(work, await work.session.get_one(Person, actor.person_id))


@pytest.fixture
async def visitor(app: Starlette, desk: Desk) -> AsyncIterator[Visitor]:
    """A browser of one of the cast, signed in; of nobody for None."""
    opened: list[httpx2.AsyncClient] = []

    async def visit(actor: Actor | None) -> httpx2.AsyncClient:
        client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url=ADDRESS, headers=OURS, timeout=30
        )
        opened.append(client)
        if actor is not None:
            client.cookies.set("handrail", await signed_in(desk, actor), domain="127.0.0.1")
        return client

    yield visit
    for client in opened:
        await client.aclose()
