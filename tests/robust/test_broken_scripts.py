"""What a kind is told by its script's author, of any shape: refused in words or shown, never an error of ours."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from starlette.applications import Starlette

from models.words import ScriptStatus
from portal.desk.errors import NotAccepted
from portal.desk.scripts import read, versions
from portal.desk.scripts.pack import pack
from portal.desk.scripts.steps import BrokenScript
from portal.desk.work import Desk
from tests.cast import CORA, MARA, Clock
from tests.desk.scripts.making import in_force
from tests.robust.everywhere import come_to, plain
from tests.robust.raw import FORM, Ask, faults, send
from tests.scene import busy_monday
from tests.visits import signed_in

SHAPES: tuple[Any, ...] = (
    0, -1, 2**60, 1.5, True, "", "words", "{me.__class__}", "{0}", "{customer!r:>99999999}", "{", "}", "{{", "%s", [], {},
    [[]], [{}], [0], [None], {"en": "x"}, {"en": {"any": 1}}, {"x": [1, {"y": []}]}, ["a"] * 300, {"key": "x", "answers": 5},
    [{"key": "x", "answers": 5}], [{"key": "x", "words": 1, "answers": [1, {}, {"value": "v", "severity": 9}]}],
    [{"key": "t", "nodes": [{"key": "t"}]}], {"t": {"start": "a", "nodes": {"a": {"answers": [{"to": "a"}]}}}},
)  # fmt: skip
TOLD = {
    "severity": ("questions",),
    "escalate": ("offers",),
    "troubleshoot": ("trees",),
    "need": ("case_kind",),
    "answer": ("articles",),
}
"""What kinds read of what they are told."""


def misshapen() -> list[tuple[str, dict[str, Any]]]:
    """Every script of the product whose steps read options, with each shape in each of them."""
    found = []
    for document in pack().values():
        told = plain(dict(document.told))
        for place, step in enumerate(told["steps"]):
            for option, shape in itertools.product(TOLD.get(step["kind"], ()), SHAPES):
                steps = [dict(one) for one in told["steps"]]
                steps[place] = {**step, "options": {**step.get("options", {}), option: shape}}
                found.append((step["key"], {**told, "version": "", "steps": steps}))
    return found


def readable(told: dict[str, Any]) -> bool:
    try:
        read(told, "a script")
    except BrokenScript:
        return False
    return True


@pytest.mark.parametrize("share", [9, pytest.param(1, marks=pytest.mark.full)])
async def test_whatever_a_kind_is_told(app: Starlette, desk: Desk, clock: Clock, share: int) -> None:
    """As a draft on every page of the editor, and, had it come into force, at its step."""
    scene = await busy_monday(desk, clock)
    mara, cora = await signed_in(desk, MARA), await signed_in(desk, CORA)
    wrong: list[str] = []
    for key, told in [one for one in misshapen() if readable(one[1])][::share]:
        shown = [one for one in told["steps"] if one["key"] == key]
        draft = await in_force(desk, told, ScriptStatus.DRAFT)
        asks = [
            *(
                (mara, Ask("GET", f"/scripts/versions/{draft}{page}"))
                for page in (f"?step={key}", "/trial", "/differences", "/publishing", "/file")
            ),
            (mara, Ask("POST", f"/scripts/versions/{draft}/steps/{key}", b"name-en=x&title-en=x", (FORM,))),
            (mara, Ask("POST", f"/scripts/versions/{draft}/publishing", b"note=x", (FORM,))),
        ]
        live = await in_force(desk, told)
        steps = await come_to(
            desk, CORA, scene.order, scene.complaint, {"severity": "high"}, (told["script"],)
        )
        asks += [(mara, Ask("GET", f"/scripts/{told['script']}/{page}")) for page in ("diagram", "form")]
        for address in [one for one in steps if one.endswith(f"/{key}")]:
            asks += [
                (cora, Ask("GET", address)),
                (cora, Ask("POST", address, b"revision=1&severity=high", (FORM,))),
            ]
        for secret, ask in asks:
            try:
                wrong += [
                    f"{one} {shown[0]['options']!r}"[:600]
                    for one in faults(ask, await send(app, ask, secret), ())
                ]
            except Exception as error:  # noqa: BLE001 - whatever escapes is what this test looks for
                wrong.append(f"{type(error).__name__} {error} escaped: {ask} {shown[0]['options']!r}"[:600])
        assert live
    assert wrong == []


DEEP = 4_000
TEXTS = (
    "", "x", "script = 1", "script = 'inquiry'\nsteps = 5", "script = 'inquiry'\n[[steps]]\nkey = 1",
    "a = " + "[" * DEEP + "]" * DEEP, "a." * DEEP + "b = 1", "[" + "a." * DEEP + "b]", "x = " + "9" * 100_000, "x = nan",
    "x = 2026-01-01", "\0", "\ud800", "script = 'inquiry'\n" + "[[steps]]\n" * 5000, "'" * 100_000,
    "a = '''" + "x" * 600_000,
    "script = 'inquiry'\ntitle.en = \"\\u0000\"\nsteps = []", "x = {" + "a = {" * DEEP, "\u202escript = 'x'",
)  # fmt: skip


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
async def test_a_file_that_is_no_script_is_refused_and_changes_nothing(desk: Desk, text: str) -> None:
    async with desk.work(MARA) as work:
        await versions.install(work)
    async with desk.work(MARA) as work:
        before = len(await versions.history(work, "inquiry"))
        with pytest.raises(NotAccepted):
            await versions.import_text(work, text, "a file")
        assert len(await versions.history(work, "inquiry")) == before
