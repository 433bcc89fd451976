"""One step of the wizard: sent, checked, saved, written down, and the next one shown. P7, P10"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from urllib.parse import urlencode

from bench.client import Client
from bench.measure import Line, Timing, at_most, in_turns
from bench.scene import CLERK, Scene, person, signed_in, with_desk
from models.words import Channel
from portal.desk import intake
from portal.desk.work import Desk

INTAKES = 40
ADDRESS = "Kelbaberger Weg 12\n10437 Kelberg\nDE"
NOTE = "Please ring twice and leave it with the neighbour on the second floor if nobody opens. Number {}."
WALK = (
    ("greet", {"greeted": "yes"}),
    ("about", {"situation": "order"}),
    ("lines", {"product-1": "1", "quantity-1": "2"}),
)
"""What is behind a clerk who has come to the step that is measured."""
SWEEPS = 6
ALONE = 4.0
"""Seconds of steps without a sweep, to compare with."""
P99_MS, P99_RATIO = 15, 10


def begun(url: str, count: int = INTAKES) -> list[tuple[int, int]]:
    """Intakes that have come to the step: their ids and revisions."""

    async def walk(desk: Desk) -> list[tuple[int, int]]:
        made = []
        for _ in range(count):
            async with desk.work(person(CLERK)) as work:
                number = await intake.begin(work, Channel.PHONE)
                revision = 1
                for key, typed in WALK:
                    run = await intake.finish_step(work, number, key, revision, typed)
                    revision = run.revision
            made.append((number, revision))
        return made

    return with_desk(url, walk)


def greeting(number: int) -> dict[str, str]:
    """A plain step: a tick and the notes of the contact."""
    return {"greeted": "yes", "notes": NOTE.format(number)}


def delivery(number: int) -> dict[str, str]:
    """A step with something to look up: prices, stock, and the day it can be there."""
    return {
        "method": "delivery",
        "ship_name": "Alba Kelbaberg",
        "ship_address": ADDRESS,
        "note": NOTE.format(number),
    }


class Clerk:
    """Somebody who sends the same step again and again, each time with something new in it."""

    def __init__(
        self,
        client: Client,
        intakes: list[tuple[int, int]],
        step: str = "delivery",
        typed: Callable[[int], dict[str, str]] = delivery,
    ) -> None:
        self.client = client
        self.intakes = list(intakes)
        self.step = step
        self.typed = typed
        self.turn = itertools.cycle(range(len(intakes)))
        self.count = itertools.count()

    def send(self) -> int:
        """Do the step as htmx sends it; give the size of what came back. Raises Refused."""
        at = next(self.turn)
        number, revision = self.intakes[at]
        form = {**self.typed(next(self.count)), "revision": str(revision)}
        answer = self.client.post(f"/intakes/{number}/{self.step}", form, htmx=True)
        self.intakes[at] = (number, revision + 1)
        return len(answer.body)


def steps(scene: Scene) -> Iterator[Line]:
    """Three kinds of saving against one UPDATE, through SQLAlchemy and through the driver alone. P7"""
    client = scene.servers.client("portal", scene.url, signed_in(scene.url, CLERK))
    floor = scene.servers.client("floor", scene.url)
    beneath = itertools.cycle(number for number, _ in begun(scene.url, 10))
    for what, step, typed in (
        ("wizard step, plain", "greet", greeting),
        ("wizard step with prices and stock", "delivery", delivery),
        ("wizard step, saved as typed", "delivery/draft", delivery),
    ):
        clerk = Clerk(client, begun(scene.url), step, typed)
        size = clerk.send()

        def under_floor(
            way: str, size: int = size, typed: Callable[[int], dict[str, str]] = typed
        ) -> Callable[[], object]:
            return lambda: floor.post(f"{way}?id={next(beneath)}&bytes={size}", typed(0))

        taken = in_turns(
            {"ours": clerk.send, "sa": under_floor("/sa/step"), "raw": under_floor("/step")},
            scene.seconds,
            least=20,
        )
        yield at_most("P7", what, "floor SQLAlchemy", taken["ours"], taken["sa"], 2)
        yield at_most("", what, "floor", taken["ours"], taken["raw"], None)


def beside_a_sweep(scene: Scene, moments: list[datetime]) -> Iterator[Line]:
    """What a clerk notices of sweeps that run back to back in the same process. P10"""
    client = scene.servers.client("portal", scene.url, signed_in(scene.url, CLERK))
    control = scene.servers.client("portal", scene.url)
    clerk = Clerk(client, begun(scene.url))
    for _ in range(20):
        clerk.send()
    alone = _while(clerk, lambda began: time.perf_counter() - began < ALONE)
    asked = urlencode([("at", moment.isoformat()) for moment in moments])
    control.post(f"/bench/sweep?{asked}", {})
    acted: list[int] = []
    seconds: list[float] = []

    def busy(_began: float) -> bool:
        told = json.loads(control.get("/bench/sweep").body)
        acted[:], seconds[:] = told["acted"], told["seconds"]
        return bool(told["busy"])

    beside = _while(clerk, busy, every=20)
    if sum(acted) != len(moments) * scene.plan.due_at_once:
        raise RuntimeError(f"The sweeps beside the clerk took {acted}.")
    ratio = beside.share(99) / alone.share(99)
    good = beside.share(99) <= P99_MS and ratio <= P99_RATIO
    yield Line(
        "P10" if scene.on_sqlite else "",
        "wizard step beside sweeps, p99",
        beside.share(99),
        "p99 alone",
        alone.share(99),
        ratio,
        f"≤ {P99_MS} ms and ≤ {P99_RATIO}x" if scene.on_sqlite else "",
        good if scene.on_sqlite else None,
    )
    yield at_most("", "wizard step beside sweeps", "alone", beside, alone, None)
    sweep = Timing(tuple(seconds))
    what = f"sweep of {scene.plan.due_at_once:,} beside the clerk"
    yield Line("", what, sweep.median, "", None, None, "", met=None)


def _while(clerk: Clerk, goes_on: Callable[[float], bool], *, every: int = 1) -> Timing:
    """Send steps for as long as that is so, asked after every few."""
    taken: list[float] = []
    began = time.perf_counter()
    while goes_on(began):
        for _ in range(every):
            start = time.perf_counter()
            clerk.send()
            taken.append(time.perf_counter() - start)
    return Timing(tuple(taken))
