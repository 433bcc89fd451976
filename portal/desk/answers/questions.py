"""Which questions the desk asks of its own, and how often each was answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, Select, func, select

from models import ContactAnswer, ScriptVersion
from portal.desk.errors import NotFound
from portal.desk.listing import first
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.scripts import BrokenScript, Document, Field, read
from portal.desk.scripts.composing import in_force, shelf_of, titles
from portal.desk.work import Work

MOST_COUNTED = 1_000
"""The list of questions counts no further, and shows `1,000+`."""

_answers: Any = ContactAnswer.__table__
_next: Any = ContactAnswer.__table__.alias("further")


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
    """How often in the span asked for; never more than MOST_COUNTED."""
    last_at: datetime | None = None
    in_force: bool = True
    """Whether contacts that begin now are asked it."""

    @property
    def times(self) -> str:
        """How often it was answered, in words."""
        return f"{MOST_COUNTED:,}+" if self.answered >= MOST_COUNTED else str(self.answered)

    @property
    def address(self) -> str:
        return f"/answers/{self.script}/{self.step}/{self.field.name}"


async def known(work: Work, since: datetime, until: datetime) -> list[Asked]:
    """Every question in force, and each that was answered in this span though it is asked no more.

    A constant number of statements.
    """
    work.require(May.SEE_EVIDENCE)
    rows = await work.session.execute(_counted(work, since, until))
    counted = {(row.script, row.step, row.field): row for row in rows if row.answered}
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


def _counted(work: Work, since: datetime, until: datetime) -> Select[Any]:
    """Each question with its latest answer of the span and how often it was answered in it.

    From one question the index leads to the next, past all its answers: as quick for a million of them.
    """
    by = (_answers.c.script, _answers.c.step, _answers.c.field)
    leap = select(_answers.c.id).order_by(*by).limit(1).correlate(None).scalar_subquery()
    columns = (_answers.c.id, *by, _answers.c.kind)
    asked = select(*columns).where(_answers.c.id == leap).cte("asked", recursive=True)
    onwards = select(*columns).join(asked, _answers.c.id == func.coalesce(*_further(asked)))
    asked = asked.union_all(onwards)
    here = (asked.c.script, asked.c.step, asked.c.field)
    mine = [one == other for one, other in zip(by, here, strict=True)]
    given = narrowed(work.actor, ContactAnswer, select(_answers.c.ended_at))
    given = given.where(*mine, _answers.c.ended_at >= since, _answers.c.ended_at < until).correlate(asked)
    newest = given.order_by(_answers.c.ended_at.desc())
    some = first(newest, MOST_COUNTED).subquery()
    return select(
        *here,
        asked.c.kind,
        select(func.count()).select_from(some).scalar_subquery().label("answered"),
        first(newest, 1).scalar_subquery().label("last_at"),
    )


def _further(asked: CTE) -> Iterator[Any]:
    """Where the next question begins: the next field of the step, else the next step, else the next script.

    Each is one look into the index; compared as one, SQLite would use no more of it than the script.
    """
    here = (asked.c.script, asked.c.step, asked.c.field)
    there = (_next.c.script, _next.c.step, _next.c.field)
    for same in (2, 1, 0):
        alike = [one == other for one, other in zip(there[:same], here[:same], strict=True)]
        further = select(_next.c.id).where(*alike, there[same] > here[same]).order_by(*there[same:])
        yield first(further, 1).correlate(asked).scalar_subquery()


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
