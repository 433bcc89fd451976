"""A step of a long script against the same step of a short one: the list of steps must not cost the page. P16"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bench.measure import Line, at_most, in_turns
from bench.scene import CLERK, Scene, person, signed_in, with_desk
from models import Intake, ScriptVersion
from models.words import Channel, ScriptStatus
from portal.desk import audit, intake
from portal.desk.scripts import versions
from portal.desk.work import SYSTEM, Desk

LONG, SHORT = 60, 5
"""Steps of the situation, between the opening and the closing."""
ANSWERS = 200
EVERY = 3
"""Each third step depends on the one before it."""
MOST = 1.3


def document(count: int) -> dict[str, Any]:
    """An inquiry of so many plain steps."""
    steps: list[dict[str, Any]] = [
        {
            "key": f"s{place}",
            "kind": "ask",
            "name": f"Step {place}",
            "title": f"What about number {place}?",
            "say": {"en": "Let me write that down."},
            "ask": [
                {"name": "told", "kind": "long", "label": "What was said"},
                {"name": "more", "kind": "text", "label": "Anything else"},
            ],
        }
        for place in range(count)
    ]
    for place in range(EVERY, count, EVERY):
        asked = {"step": f"s{place - 1}", "field": "told", "test": "is_not", "values": ["stop"]}
        steps[place]["when"] = [asked]
    return {"script": "inquiry", "title": f"An inquiry of {count} steps", "steps": steps}


def begun(url: str, count: int) -> int:
    """An intake at the last step of such a script, with all its answers; its id."""

    async def begin(desk: Desk) -> int:
        told = document(count)
        async with desk.work(SYSTEM) as work:
            await versions.install(work)
            newest = (await versions.history(work, "inquiry"))[0]
            work.session.add(
                ScriptVersion(
                    script="inquiry",
                    number=newest.number + 1,
                    status=ScriptStatus.PUBLISHED,
                    document=told,
                    digest=versions.digest_of(told),
                    created_at=work.now,
                    changed_at=work.now,
                    in_force_from=work.now,
                )
            )
            await audit.record(work, "invent script")
        async with desk.work(person(CLERK)) as work:
            number = await intake.begin(work, Channel.PHONE)
            run = await intake.finish_step(work, number, "greet", 1, {"greeted": "yes"})
            await intake.finish_step(work, number, "about", run.revision, {"situation": "inquiry"})
        async with desk.work(SYSTEM) as work:
            row = await work.session.get_one(Intake, number)
            keys = [f"s{place}" for place in range(ANSWERS // 2)]
            row.answers = {
                **row.answers,
                **{key: {"told": f"What the customer said at {key}.", "more": "No"} for key in keys},
            }
            mark = {"at": datetime.now(UTC).isoformat(), "by": CLERK, "sent": "0" * 16}
            row.done = {**row.done, **{f"s{place}": mark for place in range(count - 1)}}
            await audit.record(work, "invent answers", row)
        return number

    return with_desk(url, begin)


def steps(scene: Scene) -> Iterator[Line]:
    """The last step, as htmx asks for it, with 200 answers saved in either. P16"""
    client = scene.servers.client("portal", scene.url, signed_in(scene.url, CLERK))
    paths = {count: f"/intakes/{begun(scene.url, count)}/s{count - 1}" for count in (SHORT, LONG)}
    taken = in_turns(
        {str(count): (lambda path=path: client.get(path)) for count, path in paths.items()},  # type: ignore[misc]  # a lambda has no types
        scene.seconds,
        least=40,
    )
    yield at_most(
        "P16",
        f"step of a {LONG}-step script, {ANSWERS} answers",
        f"{SHORT}-step script",
        taken[str(LONG)],
        taken[str(SHORT)],
        MOST,
    )
