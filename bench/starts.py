"""How long a start takes, and how much memory a running portal needs. P14"""

from __future__ import annotations

from collections.abc import Iterator

from bench.client import Client
from bench.measure import Line, Timing, at_most, within
from bench.pages import LIST
from bench.processes import first_answer, real_portal, server
from bench.scene import MANAGER, Scene, signed_in

ROUNDS = 4
VISITS = 30
MOST_MB = 90


def starts(scene: Scene) -> Iterator[Line]:
    """`handrail serve` with jobs and sign-in until its first list, against a plain SQLAdmin with two views."""
    cookie = signed_in(scene.small_url, MANAGER)
    ours, theirs, memory = [], [], []
    for _ in range(ROUNDS if scene.seconds >= 1 else 1):
        with real_portal(scene.small_url, scene.folder / "serve") as (port, process):
            ours.append(first_answer(process, port, LIST, cookie))
            with Client(port, cookie) as client:
                for _ in range(VISITS):
                    client.get(LIST)
                    client.get("/")
            if (found := process.pss()) is not None:
                memory.append(found)
        with server("plain", scene.small_url, scene.folder, wait=False) as (port, process):
            theirs.append(first_answer(process, port, "/admin/order/list"))
    yield at_most(
        "P14", "start to the first list", "plain SQLAdmin", Timing(tuple(ours)), Timing(tuple(theirs)), 1.5
    )
    if memory:
        yield within("P14", "memory (PSS) with jobs and sign-in", max(memory), MOST_MB, "MB")
