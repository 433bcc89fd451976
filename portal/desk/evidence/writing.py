"""What is kept of a contact when it ends: one row a step, one row an answer to a question of the desk's own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert

from models import ContactAnswer, ContactStep
from models.words import StepState
from portal.desk import answers
from portal.desk.kinds import Run
from portal.desk.runs import Place, progress
from portal.desk.work import Work

NOT_REACHED = "The contact ended before."


async def write(work: Work, run: Run, team: str, because: str = "") -> None:
    """Write how every step of an ended contact went, and what was answered. Two statements, however many steps.

    `run` is the intake as it stands with the deed that ends it; `because` is why steps were left undone.
    S1-3.4c, S3-7.2.1b
    """
    alike = {"contact_id": run.contact_id, "ended_at": work.now}
    rows = [
        {**alike, "channel": run.channel, "team": team, **_step(run, place, number, because)}
        for number, place in enumerate(progress(run), start=1)
    ]
    await work.session.execute(insert(ContactStep), rows)
    if told := [{**alike, **row} for row in answers.rows_of(run, work.terms.currency)]:
        await work.session.execute(insert(ContactAnswer), told)


def _step(run: Run, place: Place, number: int, because: str) -> dict[str, Any]:
    state, step = state_of(place), place.step
    mark = run.done.get(step.key, {})
    reason = place.why if state in {StepState.SKIPPED, StepState.NEEDLESS} else ""
    if state is StepState.MISSING and step.required:
        reason = because or place.why or NOT_REACHED
    elif state is StepState.MISSING:
        reason = because or NOT_REACHED
    return {
        "version_id": step.version_id,
        "step": step.key,
        "kind": step.kind,
        "place": number,
        "state": state,
        "required": step.required,
        "reason": reason,
        "person_id": mark.get("by"),
        "at": datetime.fromisoformat(mark["at"]) if mark.get("at") else None,
    }


def state_of(place: Place) -> StepState:
    """How a step went, once nothing more can come. A step that was due again and not gone through is missing."""
    match place.state:
        case "done":
            return StepState.DONE
        case "skipped":
            return StepState.SKIPPED
        case "needless":
            return StepState.NEEDLESS
        case _:
            return StepState.MISSING
