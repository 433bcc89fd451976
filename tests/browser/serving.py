"""The portal of a test, served on a real port in this very process, with the clock of the cast."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from playwright.async_api import Browser, Page

from portal.app import create_app
from portal.desk.work import Actor, Desk
from portal.settings import Settings
from portal.watching import Watch
from tests.cast import Clock, cast
from tests.harness import browser as browsers
from tests.harness import databases
from tests.visits import signed_in

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass(frozen=True)
class Served:
    """A portal that answers at `address`."""

    address: str
    desk: Desk
    clock: Clock
    watch: Watch

    @contextlib.asynccontextmanager
    async def seat(self, browser: Browser, actor: Actor | None, **context: object) -> AsyncIterator[Page]:
        """A browser of one of the cast, signed in; at the end it must not have complained."""
        async with browsers.tab(browser, **{"viewport": DESK, **context}) as page:
            if actor is not None:
                secret = await signed_in(self.desk, actor)
                await page.context.add_cookies([{"name": "handrail", "value": secret, "url": self.address}])
            yield page


@contextlib.asynccontextmanager
async def served(
    folder: Path, data: Path, clock: Clock, *, demo: bool = False, chat: bool = False
) -> AsyncIterator[Served]:
    """Serve a fresh portal with the cast in it on SQLite; `demo` gives it the demo's mailbox, `chat` lets customers in."""
    database = databases.fresh("sqlite", folder, fill=cast)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = Settings(data=data, database=database, jobs=False, port=port, demo=demo, chat=chat)
    app = create_app(settings, clock=clock)
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=1)
    )
    running = asyncio.ensure_future(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    yield Served(f"http://127.0.0.1:{port}", app.state.desk, clock, app.state.watch)
    server.should_exit = True
    await running
    databases.discard(database)
