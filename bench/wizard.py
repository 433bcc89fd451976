"""One step of the wizard: sent, checked, saved, written down, and the next one shown. P7, P10"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from urllib.parse import urlencode

from bench.client import Client
from bench.measure import Line, Timing, at_most, in_turns
from bench.processes import server
from bench.scene import CLERK, Scene, person, signed_in, with_desk
from models.words import Channel
from portal.desk import intake
from portal.desk.work import Desk

INTAKES = 40
STEP = "delivery"
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


class Clerk:
    """Somebody who sends the same step again and again, each time with something new in it."""

    def __init__(self, client: Client, intakes: list[tuple[int, int]]) -> None:
        self.client = client
        self.turn = itertools.cycle(range(len(intakes)))
        self.intakes = list(intakes)
        self.count = itertools.count()

    def typed(self) -> dict[str, str]:
        return {
            "method": "delivery",
            "ship_name": "Alba Kelbaberg",
            "ship_address": ADDRESS,
            "note": NOTE.format(next(self.count)),
        }

    def send(self) -> int:
        """Finish the step as htmx sends it; give the size of what came back. Raises Refused."""
        at = next(self.turn)
        number, revision = self.intakes[at]
        form = {**self.typed(), "revision": str(revision)}
        answer = self.client.post(f"/intakes/{number}/{STEP}", form, htmx=True)
        self.intakes[at] = (number, revision + 1)
        return len(answer.body)

    def save(self) -> int:
        """Save a draft as it is typed."""
        at = next(self.turn)
        number, revision = self.intakes[at]
        form = {**self.typed(), "revision": str(revision)}
        answer = self.client.post(f"/intakes/{number}/{STEP}/draft", form, htmx=True)
        self.intakes[at] = (number, revision + 1)
        return len(answer.body)


def steps(scene: Scene) -> Iterator[Line]:
    """A step against one UPDATE, through SQLAlchemy and through the driver alone. P7"""
    with ExitStack() as stack:
        port, _ = stack.enter_context(server("portal", scene.url, scene.folder))
        under, _ = stack.enter_context(server("floor", scene.url, scene.folder))
        cookie = signed_in(scene.url, CLERK)
        client = stack.enter_context(Client(port, cookie))
        floor = stack.enter_context(Client(under))
        clerk, saver = Clerk(client, begun(scene.url)), Clerk(client, begun(scene.url, 5))
        size, small = clerk.send(), saver.save()
        beneath = itertools.cycle(number for number, _ in begun(scene.url, 10))

        def under_floor(way: str, size: int) -> Callable[[], object]:
            return lambda: floor.post(f"{way}?id={next(beneath)}&bytes={size}", clerk.typed())

        taken = in_turns(
            {
                "step": clerk.send,
                "step sa": under_floor("/sa/step", size),
                "step raw": under_floor("/step", size),
                "save": saver.save,
                "save sa": under_floor("/sa/step", small),
                "save raw": under_floor("/step", small),
            },
            scene.seconds * 2,
            least=20,
        )
        yield at_most("P7", "wizard step, sent", "floor SQLAlchemy", taken["step"], taken["step sa"], 2)
        yield at_most("", "wizard step, sent", "floor", taken["step"], taken["step raw"], None)
        yield at_most(
            "P7", "wizard step, saved as typed", "floor SQLAlchemy", taken["save"], taken["save sa"], 2
        )
        yield at_most("", "wizard step, saved as typed", "floor", taken["save"], taken["save raw"], None)


def beside_a_sweep(scene: Scene, moments: list[datetime]) -> Iterator[Line]:
    """What a clerk notices of sweeps that run back to back in the same process. P10"""
    with ExitStack() as stack:
        port, _ = stack.enter_context(server("portal", scene.url, scene.folder))
        client = stack.enter_context(Client(port, signed_in(scene.url, CLERK)))
        control = stack.enter_context(Client(port))
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
