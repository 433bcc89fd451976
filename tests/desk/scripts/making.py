"""Scripts that a test makes up: by hand, and by chance."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from models import ScriptVersion
from models.words import ScriptStatus
from portal.desk import audit
from portal.desk.scripts import versions
from portal.desk.work import SYSTEM, Desk

Told = dict[str, Any]


def step(key: str, *asked: Told, kind: str = "ask", **more: Any) -> Told:
    """A step that asks these questions."""
    told: Told = {"key": key, "kind": kind, "name": key.title(), "title": f"What of {key}?", **more}
    return {**told, "ask": list(asked)} if asked else told


def question(name: str, kind: str = "text", **more: Any) -> Told:
    return {"name": name, "kind": kind, "label": name.title(), **more}


def script(*steps: Told, key: str = "inquiry", **more: Any) -> Told:
    return {"script": key, "title": {"en": "A script", "de": "Ein Ablauf"}, "steps": list(steps), **more}


def asks(step_key: str, field: str, *values: str, test: str = "is") -> Told:
    """A condition."""
    return {"step": step_key, "field": field, "test": test, "values": list(values)}


async def in_force(desk: Desk, told: Mapping[str, Any], status: ScriptStatus = ScriptStatus.PUBLISHED) -> int:
    """Put a document in force without asking the linter; return the id of its version."""
    async with desk.work(SYSTEM) as work:
        await versions.install(work)
        number = 1 + max(one.number for one in await versions.history(work, told["script"]))
        made = ScriptVersion(
            script=told["script"], number=number, status=status, document=dict(told),
            digest=versions.digest_of(told), created_at=work.now, changed_at=work.now, in_force_from=work.now,
        )  # fmt: skip
        work.session.add(made)
        await work.session.flush()
        await audit.record(work, "invent script", made)
        return made.id


VALUES = {"choice": ("red", "blue", "green"), "yes_no": ("yes", "no"), "number": ("0", "3", "7", "12")}


@st.composite
def _questions(draw: st.DrawFn) -> list[Told]:
    kinds = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=3))
    made = []
    for number, kind in enumerate(kinds):
        one = question(f"q{number}", kind)
        if kind == "choice":
            one["choices"] = [{"value": value, "label": value.title()} for value in VALUES["choice"]]
        made.append(one)
    return made


@st.composite
def _conditions(draw: st.DrawFn, earlier: list[Told]) -> list[Told]:
    made = []
    for _ in range(draw(st.integers(1, 2))):
        asked = draw(st.sampled_from(earlier))
        one = draw(st.sampled_from(asked["ask"]))
        if one["kind"] == "number":
            test, values = draw(st.sampled_from(["at_least", "at_most"])), ["5"]
        else:
            test = draw(st.sampled_from(["is", "is_not", "given"]))
            values = draw(st.lists(st.sampled_from(VALUES[one["kind"]]), min_size=1, max_size=2, unique=True))
            if test == "given":
                values = [draw(st.sampled_from(("yes", "no")))]
        made.append(asks(asked["key"], one["name"], *values, test=test))
    return made


@st.composite
def documents(draw: st.DrawFn, most: int = 10) -> Told:
    """A script that can be walked, with conditions on earlier answers and jumps forward."""
    count = draw(st.integers(2, most))
    steps: list[Told] = []
    for place in range(count):
        conditional = draw(st.booleans())
        made = step(f"s{place}", *draw(_questions()))
        if steps and conditional:
            made["when"] = draw(_conditions(steps))
        steps.append(made)
    for place, one in enumerate(steps):
        ahead = [later["key"] for later in steps[place + 1 :]] + ["end"]
        if draw(st.integers(0, 3)) == 0:
            jump: Told = {"to": draw(st.sampled_from(ahead))}
            if draw(st.booleans()):
                jump["when"] = draw(_conditions(steps[: place + 1]))
            one["next"] = [jump]
    return script(*steps)


@st.composite
def answers_to(draw: st.DrawFn, told: Told) -> dict[str, dict[str, str]]:
    """Answers to some of its questions, also to such that are not walked."""
    given: dict[str, dict[str, str]] = {}
    for one in told["steps"]:
        for asked in one["ask"]:
            if draw(st.booleans()):
                given.setdefault(one["key"], {})[asked["name"]] = draw(st.sampled_from(VALUES[asked["kind"]]))
    return given
