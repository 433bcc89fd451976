"""One server of the measurements in a process of its own: `python -m bench.serving portal|floor|plain …`.

All have the same server underneath: uvicorn with uvloop and httptools, as `handrail serve` has it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import click
import uvicorn

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from portal.desk.work import Desk

BREAK = 0.02
"""Seconds between two sweeps that run back to back."""


class WithSweeps:
    """The portal with one more address, `/bench/sweep`: lets the job sweep in this process, at given moments.

    POST starts (`?at=…&at=…`, one sweep after the other), GET tells whether they still run. It stands before all
    guards and exists in measurements alone.
    """

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self.app, self.desk = app, desk
        self.told: dict[str, Any] = {"busy": False, "acted": [], "seconds": []}
        self.task: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/bench/sweep":
            await self.app(scope, receive, send)
            return
        if scope["method"] == "POST":
            moments = parse_qs(scope["query_string"].decode())["at"]
            self.told = {"busy": True, "acted": [], "seconds": []}
            self.task = asyncio.create_task(self._sweep([datetime.fromisoformat(at) for at in moments]))
        body = json.dumps(self.told).encode()
        length = str(len(body)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": body})

    async def _sweep(self, moments: list[datetime]) -> None:
        from jobs.sweep_deadlines import sweep_deadlines

        try:
            for moment in moments:
                began = time.perf_counter()
                acted = await sweep_deadlines(at(self.desk, moment))
                self.told["acted"].append(acted)
                self.told["seconds"].append(time.perf_counter() - began)
                await asyncio.sleep(BREAK)
        finally:
            self.told["busy"] = False


def at(desk: Desk, moment: datetime) -> Desk:
    """The same desk at another time."""
    from portal.desk.work import Desk

    return Desk(desk.database, desk.terms, lambda: moment, desk.writer)


def portal(url: str, port: int, data: Path) -> ASGIApp:
    from portal.app import create_app
    from portal.settings import read

    app = create_app(read({}, data=data, database=url, port=port, jobs=False))
    return WithSweeps(app, app.state.desk)


def floor(url: str, _port: int, _data: Path) -> ASGIApp:
    from bench.floor import create_app

    return create_app(url)


def plain(url: str, _port: int, _data: Path) -> ASGIApp:
    from bench.plain import create_app

    return create_app(url)


KINDS: dict[str, Callable[[str, int, Path], ASGIApp]] = {"portal": portal, "floor": floor, "plain": plain}
Later = Callable[[], Awaitable[None]]


@click.command()
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.option("--database", required=True)
@click.option("--port", type=int, required=True)
@click.option("--data", type=click.Path(path_type=Path), required=True)
def main(kind: str, database: str, port: int, data: Path) -> None:
    """Serve until told to stop."""
    config = uvicorn.Config(
        KINDS[kind](database, port, data),
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=600,  # a connection waits while the others have their turn
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
