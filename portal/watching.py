"""Telling open pages that the board changed: server-sent events, one look at the database for all listeners together.

A listener is told only that something changed, and asks for what it may see. While it waits it holds no connection
to the database.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from portal.desk import board, sessions
from portal.desk.errors import TooOften
from portal.desk.work import SYSTEM, Actor, Desk

log = logging.getLogger(__name__)

LISTENERS = 3
"""Pages one person may keep open that update by themselves."""
EVENTS = "text/event-stream"


@dataclass(eq=False, slots=True)
class Listener:
    """One open page: whose, by which session, and what it has been told."""

    person_id: int | None
    roles: tuple[str, ...]
    session: str
    """The session as it is kept: by the hash of its secret."""
    told: str = ""
    over: bool = False
    """Whether the session has ended or its roles have changed."""
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class Watch:
    """The listeners of this process; looks for changes as long as there are any."""

    def __init__(self, desk: Desk, idle: timedelta, *, seconds: float = 2.0, heartbeat: float = 15.0) -> None:
        self.desk = desk
        self.idle = idle
        self.seconds = seconds
        """From one look to the next."""
        self.heartbeat = heartbeat
        """Seconds after which a quiet stream says that it lives."""
        self.listeners: set[Listener] = set()
        self._news = board.News()
        self._name = secrets.token_hex(4)
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def version(self) -> str:
        """Names what is on the board now; of another process it is always another. Empty before the first look."""
        return f"{self._name}.{self._news.changes}" if self._news.changes else ""

    def admit(self, actor: Actor) -> None:
        """Raises TooOften when this person has as many pages open as may update by themselves."""
        if sum(one.person_id == actor.person_id for one in self.listeners) >= LISTENERS:
            raise TooOften(
                f"The board is open in {LISTENERS} other places. Here it is brought up to date once a minute."
            )

    def join(self, listener: Listener) -> None:
        """Tell a page of changes from here on."""
        self.listeners.add(listener)
        if (self._task is None or self._task.done()) and not self._stopping:
            self._task = asyncio.create_task(self._look_on())

    def leave(self, listener: Listener) -> None:
        self.listeners.discard(listener)

    async def stop(self) -> None:
        """End every stream; the pages come back when the portal does."""
        self._stopping = True
        for listener in self.listeners:
            listener.woken.set()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def events(self, listener: Listener) -> AsyncIterator[bytes]:
        """What one page is sent, until its session ends or the portal stops."""
        yield b": here\n\n"
        while not self._stopping:
            if listener.over:
                yield b"event: over\ndata: over\n\n"
                return
            if self.version and listener.told != self.version:
                listener.told = self.version
                yield self.event()
            try:
                await asyncio.wait_for(listener.woken.wait(), self.heartbeat)
            except TimeoutError:
                yield b": still here\n\n"
            listener.woken.clear()

    def event(self) -> bytes:
        """Say that something changed, and which state of the board this is."""
        return f"event: changed\nid: {self.version}\ndata: {self.version}\n\n".encode()

    async def _look_on(self) -> None:
        while self.listeners:
            try:
                await self._look()
            except Exception:
                log.exception("The board could not be looked at; going on.")
            await asyncio.sleep(self.seconds)

    async def _look(self) -> None:
        before = self._news.changes
        async with self.desk.look(SYSTEM) as work:
            await board.look_for_news(work, self._news)
            keys = {one.session for one in self.listeners}
            holding = await sessions.standing(work, keys, idle=self.idle)
        for listener in self.listeners:
            if listener.session in keys:
                listener.over = holding.get(listener.session) != listener.roles
            if listener.over or self._news.changes != before:
                listener.woken.set()


class Stream(StreamingResponse):
    """The answer to one listener. It ends at once when the browser leaves."""

    def __init__(self, watch: Watch, listener: Listener) -> None:
        super().__init__(watch.events(listener), media_type=EVENTS, headers={"x-accel-buffering": "no"})
        self.watch, self.listener = watch, listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's own signature
        self.watch.join(self.listener)
        gone = asyncio.ensure_future(_until_it_leaves(receive))
        told = asyncio.ensure_future(self.stream_response(send))
        try:
            await asyncio.wait({gone, told}, return_when=asyncio.FIRST_COMPLETED)
            if told.done():
                told.result()
        finally:
            self.watch.leave(self.listener)
            gone.cancel()
            told.cancel()
            await asyncio.gather(gone, told, return_exceptions=True)


async def _until_it_leaves(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
