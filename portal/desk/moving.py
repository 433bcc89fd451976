"""Moving a contact that is under way to the scripts now in force: first what would change, then the move. S1-6.2

A contact keeps the versions it began with until somebody moves it. Nothing that was entered is lost: what has no
place in the new versions stays in the intake, and comes back to its place if the contact is moved again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import update

from models import Intake
from portal.desk import audit
from portal.desk.errors import Conflict, WrongMoment
from portal.desk.fields import problem_of
from portal.desk.kinds import KINDS, Answers, Run
from portal.desk.permissions import May
from portal.desk.runs import find, refuse_other_holder, refuse_unseen
from portal.desk.scripts import CLOSING, DIFFICULT, OPENING, Script, Step, composing
from portal.desk.work import Work

KEPT = "kept"
"""Under which answers are kept that have no question any more, as `step.field`."""
PLAIN = frozenset({"say", "ask"})
"""Kinds without an effect: their steps may be due again. What another kind did stays done."""


@dataclass(frozen=True, slots=True)
class Move:
    """What moving an intake would do."""

    run: Run
    """The intake as it is."""
    version: str
    """The versions it would have; empty when they are those it has."""
    script: Script
    changes: tuple[str, ...]
    """Each in a sentence."""
    due: frozenset[str]
    """Steps that were done or left out, and would be due again."""


async def plan(work: Work, intake_id: int) -> Move:
    """Say what moving an intake to the versions in force would change. Raises NotFound, NotAllowed."""
    work.require(May.TAKE_CONTACTS)
    run = await find(work, intake_id)
    refuse_unseen(work, run)
    force = await composing.in_force(work)
    situation = force.get(run.script.key) if run.script.key != OPENING else None
    version = composing.version_of(force.get(OPENING), situation, force.get(CLOSING), force.get(DIFFICULT))
    if set(composing.ids_of(version)) == set(run.script.versions):
        return Move(run, "", run.script, (), frozenset())
    script = await composing.composed(work, run.script.key, version, run.language)
    due = frozenset(_due(run, script))
    return Move(run, version, script, tuple(_changes(run, script, due)), due)


async def would_change(work: Work, intake_id: int) -> list[str]:
    """What moving an intake to the versions in force would change, each in a sentence; nothing when it has them."""
    return list((await plan(work, intake_id)).changes)


async def move(work: Work, intake_id: int, revision: int, version: str) -> Run:
    """Move an intake to the versions that were shown, and nothing it holds is lost.

    `version` is what `plan` said. Raises WrongMoment when other versions came into force meanwhile or the contact has
    ended, Conflict when somebody saved it or holds it now.
    """
    work.require(May.TAKE_CONTACTS)
    planned = await plan(work, intake_id)
    run = planned.run
    refuse_other_holder(work, run)
    if not planned.version:
        return run
    if planned.version != version:
        raise WrongMoment("Another version came into force meanwhile. Look again at what would change.")
    done = {key: mark for key, mark in run.done.items() if key not in planned.due}
    moved = replace(run, script=planned.script, done=done)
    step = run.step if any(one.key == run.step for one in planned.script.walked(run.answers)) else ""
    columns: dict[str, Any] = {
        "script_version": version,
        "answers": _answers(run, planned.script),
        "done": done,
        "step": step or planned.script.steps[0].key,
        "revision": revision + 1,
        "saved_at": work.now,
    }
    saved = await work.session.execute(
        update(Intake)
        .where(Intake.id == run.id, Intake.revision == revision, Intake.held_by_id == work.actor.person_id)
        .where(Intake.finished_at.is_(None))
        .values(**columns)
        .returning(Intake.id)
        .execution_options(audited=True, synchronize_session=False)
    )
    if saved.first() is None:
        raise Conflict(
            "This contact was saved elsewhere since you opened it here. It was not moved.",
            saved_by=run.held_by,
        )
    changed = {"script_version": [run.script.version, version]}
    await audit.record(
        work,
        "move contact to newer scripts",
        Intake(id=run.id),
        changes={f"intakes/{run.id}": changed},
        reason=" ".join(planned.changes),
    )
    return replace(
        moved, answers=columns["answers"], step=columns["step"], revision=revision + 1, saved_at=work.now
    )


def _answers(run: Run, script: Script) -> Answers:
    """The answers with those set aside that have no question any more, and back in place those that have one again."""
    answers = {key: dict(typed) for key, typed in run.answers.items()}
    kept = answers.pop(KEPT, {})
    for step in script.steps:
        takes = KINDS[step.kind].takes
        typed = answers.get(step.key, {})
        kept |= {f"{step.key}.{name}": value for name, value in typed.items() if not takes(step, name)}
        for place, value in kept.items():
            key, _, name = place.partition(".")
            if key == step.key and takes(step, name):
                answers.setdefault(key, {}).setdefault(name, value)
    return {**answers, KEPT: kept} if kept else answers


def _due(run: Run, script: Script) -> Iterator[str]:
    """Steps behind us that ask for more than they did."""
    for step in script.steps:
        old, mark = run.script.step(step.key), run.done.get(step.key)
        if old is None or mark is None:
            continue
        if "skipped" in mark:
            if step.required and not old.required:
                yield step.key
        elif step.kind in PLAIN and (old.kind != step.kind or _lacks(run, step)):
            yield step.key


def _lacks(run: Run, step: Step) -> bool:
    typed = run.typed(step.key)
    return any(problem_of(one, typed.get(one.name, "")) for one in step.asks(run.answers))


def _changes(run: Run, script: Script, due: frozenset[str]) -> Iterator[str]:
    old, new = ({one.key: one for one in which.steps} for which in (run.script, script))
    for key, step in new.items():
        if key not in old:
            yield f"New step: “{step.name}”."
    for key, step in old.items():
        if key not in new:
            kept = " What was entered there is kept." if run.typed(key) else ""
            yield f"No longer a step: “{step.name}”.{kept}"
    common = [key for key in old if key in new]
    for key in common:
        yield from _step_changes(run, old[key], new[key])
    if common != [key for key in new if key in old]:
        yield "The steps come in another order."
    for key in new:
        if key in due:
            yield f"“{new[key].name}” is due again."


def _step_changes(run: Run, old: Step, new: Step) -> Iterator[str]:
    if old.kind != new.kind:
        yield f"“{new.name}” works in another way."
    if old.title != new.title:
        yield f"“{new.name}” now asks: {new.title}"
    yield from _question_changes(run, old, new)
    if old.say != new.say:
        yield f"Other words to say at “{new.name}”."
    if old.when != new.when or old.next != new.next:
        yield f"“{new.name}” comes, or leads on, under other conditions."
    if old.required != new.required:
        yield f"“{new.name}” {'has to be done' if new.required else 'may be left out'} now."


def _question_changes(run: Run, old: Step, new: Step) -> Iterator[str]:
    was, now = ({one.name: one for one in step.ask} for step in (old, new))
    for name, one in now.items():
        if name not in was:
            yield f"New question at “{new.name}”: {one.label}"
        elif was[name] != one:
            yield f"Another wording or other answers at “{new.name}”: {one.label}"
    takes = KINDS[new.kind].takes
    for name, one in was.items():
        if name not in now and not takes(new, name):
            kept = " The answer is kept." if run.typed(old.key).get(name) else ""
            yield f"No longer asked at “{new.name}”: {one.label}{kept}"
