"""Which questions the desk asks of its own, and how often each was answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from models import ContactAnswer, ScriptVersion
from portal.desk.errors import NotFound
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.scripts import BrokenScript, Document, Field, read
from portal.desk.scripts.composing import in_force, shelf_of, titles
from portal.desk.work import Work

_answers: Any = ContactAnswer.__table__


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the desk's own."""

    script: str
    title: str
    """What its script is called."""
    step: str
    step_name: str
    field: Field
    answered: int = 0
    last_at: datetime | None = None
    in_force: bool = True
    """Whether contacts that begin now are asked it."""

    @property
    def address(self) -> str:
        return f"/answers/{self.script}/{self.step}/{self.field.name}"


async def known(work: Work, since: datetime, until: datetime) -> list[Asked]:
    """Every question in force, and each that was answered in this span though it is asked no more.

    A constant number of statements.
    """
    work.require(May.SEE_EVIDENCE)
    statement = (
        select(
            _answers.c.script,
            _answers.c.step,
            _answers.c.field,
            func.max(_answers.c.kind).label("kind"),
            func.count().label("answered"),
            func.max(_answers.c.ended_at).label("last_at"),
        )
        .where(_answers.c.ended_at >= since, _answers.c.ended_at < until)
        .group_by(_answers.c.script, _answers.c.step, _answers.c.field)
    )
    rows = await work.session.execute(narrowed(work.actor, ContactAnswer, statement))
    counted = {(row.script, row.step, row.field): row for row in rows}
    called = await titles(work)
    found: list[Asked] = []
    for script, document in (await _in_force(work)).items():
        for step in document.in_language(work.terms.language):
            for one in step.ask:
                row = counted.pop((script, step.key, one.name), None)
                found.append(
                    Asked(
                        script,
                        called.get(script, script),
                        step.key,
                        step.name,
                        one,
                        row.answered if row else 0,
                        row.last_at if row else None,
                    )
                )
    for (script, step_key, name), row in counted.items():
        gone = Field(name, row.kind, name.replace("_", " ").capitalize())
        found.append(
            Asked(
                script,
                called.get(script, script),
                step_key,
                step_key,
                gone,
                row.answered,
                row.last_at,
                in_force=False,
            )
        )
    return found


async def question_of(work: Work, script: str, step: str, field: str) -> Asked:
    """One question as it is asked now, else as it was last answered. Raises NotFound."""
    work.require(May.SEE_EVIDENCE)
    called = await titles(work)
    document = (await _in_force(work)).get(script)
    if document is not None and (found := _within(document, work, step, field, called)):
        return found
    newest = (
        select(func.max(_answers.c.version_id))
        .where(_answers.c.script == script, _answers.c.step == step, _answers.c.field == field)
        .scalar_subquery()
    )
    told = await work.session.scalar(select(ScriptVersion.document).where(ScriptVersion.id == newest))
    try:
        found = _within(read(told, script), work, step, field, called, now=False) if told else None
    except BrokenScript:
        found = None
    if found is None:
        raise NotFound("There is no such question.")
    return found


async def _in_force(work: Work) -> Mapping[str, Document]:
    """The documents in force now by their script."""
    chosen = await in_force(work)
    documents = shelf_of(work).documents
    return {script: documents[one.id] for script, one in chosen.items() if one.id in documents}


def _within(
    document: Document, work: Work, step: str, field: str, called: Mapping[str, str], *, now: bool = True
) -> Asked | None:
    for one in document.in_language(work.terms.language):
        for asked in one.ask:
            if (one.key, asked.name) == (step, field):
                title = called.get(document.script, document.script)
                return Asked(document.script, title, step, one.name, asked, in_force=now)
    return None
