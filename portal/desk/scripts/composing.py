"""What a contact walks: the published versions it began with, put together once and kept as long as the process runs.

Published documents never change, so they are read from the database once. What one transaction has published and
not yet committed is kept for that transaction alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import case, func, select

from models import ScriptVersion
from models.words import ScriptStatus
from portal.desk.scripts.document import Document
from portal.desk.scripts.pack import of_situation, pack, put_together
from portal.desk.scripts.steps import CLOSING, DIFFICULT, OPENING, SCRIPTS, Script
from portal.desk.work import Work

SHELF = "scripts"
"""Under which a process keeps what it read of one database."""
MOST_KEPT = 1000
"""Scripts put together; far more than a desk has in force."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The version of one script that contacts begin with."""

    id: int
    script: str
    number: int
    title: str


@dataclass(slots=True)
class Shelf:
    """The published documents of one database by their id, and what was made of them."""

    documents: dict[int, Document] = field(default_factory=dict)
    scripts: dict[tuple[str, str, str, str], Script] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)
    """The version of each script that was in force when this process last looked."""


def shelf_of(work: Work) -> Shelf:
    """Where documents are kept: for the process, or for this transaction while it publishes."""
    where = work.fresh if SHELF in work.fresh else work.kept
    found: Shelf = where.setdefault(SHELF, Shelf())
    return found


def unsettle(work: Work) -> None:
    """Keep what this transaction reads only once it is committed: it publishes, and may yet be rolled back."""
    if SHELF not in work.fresh:
        work.fresh[SHELF] = Shelf(documents=dict(shelf_of(work).documents))


async def in_force(work: Work, at: datetime | None = None) -> Mapping[str, InForce]:
    """The version of each script in force at a moment, else now: one statement once their documents are known.

    A script whose first version is yet to come has that one: there is no contact without an opening. S4-1.3
    """
    moment = at or work.now
    to_come = ScriptVersion.in_force_from > moment
    place = func.row_number().over(
        partition_by=ScriptVersion.script,
        order_by=(
            to_come,
            case((to_come, None), else_=ScriptVersion.in_force_from).desc(),
            ScriptVersion.in_force_from,
            ScriptVersion.number.desc(),
        ),
    )
    ranked = (
        select(ScriptVersion.id, ScriptVersion.script, ScriptVersion.number, place.label("place"))
        .where(ScriptVersion.status == ScriptStatus.PUBLISHED)
        .subquery()
    )
    rows = (
        await work.session.execute(
            select(ranked.c.id, ranked.c.script, ranked.c.number).where(ranked.c.place == 1)
        )
    ).all()
    documents = await published(work, [row.id for row in rows])
    found = {
        row.script: InForce(
            row.id, row.script, row.number, documents[row.id].title(work.terms.language) or row.script
        )
        for row in rows
    }
    if at is None:
        shelf_of(work).newest = {one.script: one.id for one in found.values()}
    return {script: found[script] for script in SCRIPTS if script in found}


async def titles(work: Work) -> Mapping[str, str]:
    """What each script is called, in the desk's language: no statement once this process has looked."""
    newest = shelf_of(work).newest
    if not newest:
        await in_force(work)
        newest = shelf_of(work).newest
    documents = await published(work, list(newest.values()))
    return {one.script: one.title(work.terms.language) for one in documents.values()}


def version_of(*chosen: InForce | None) -> str:
    """Ids of versions as an intake keeps them: `3-17-5`."""
    return "-".join(str(one.id) for one in chosen if one is not None)


def ids_of(version: str) -> tuple[int, ...]:
    """The ids of the versions that an intake keeps; nothing for what an older release wrote."""
    parts = version.split("-")
    return tuple(map(int, parts)) if all(one.isascii() and one.isdigit() for one in parts) else ()


async def with_situation(work: Work, script: Script, situation: str) -> str:
    """The versions of an intake once its situation is chosen: those it began with, and the one in force for it.

    S2-11.3
    """
    documents = await published(work, script.versions)
    chosen = (await in_force(work)).get(situation)
    by_script = {one.script: number for number, one in documents.items()}
    ids = (
        by_script.get(OPENING),
        chosen.id if chosen else None,
        by_script.get(CLOSING),
        by_script.get(DIFFICULT),
    )
    return "-".join(str(one) for one in ids if one is not None)


async def composed(work: Work, key: str, version: str, language: str) -> Script:
    """The script of an intake: no statement once its versions are known to this process.

    `language` is the customer's: what is said is in it, everything else in the desk's own. S2-0.1, S2-1.6
    """
    shelf = shelf_of(work)
    wanted = (key, version, language, work.terms.language)
    known = shelf.scripts.get(wanted)
    if known is None:
        documents = await published(work, ids_of(version))
        parts = {one.script: one for one in documents.values()}
        needed = {OPENING, CLOSING, key}
        if not needed <= set(parts):
            parts = {**await _stand_ins(work), **parts}  # an intake of an older release
        whole = key if key in parts else OPENING
        made = put_together(whole, of_situation(key, parts), work.terms.language, language)
        known = replace(made, version=version)
        if len(shelf.scripts) >= MOST_KEPT:
            shelf.scripts.clear()
        shelf.scripts[wanted] = known
    return known


def outdated(work: Work, script: Script) -> bool:
    """Whether a newer version of one of its parts was in force when this process last looked: no statement."""
    newest = shelf_of(work).newest
    return bool(newest and script.versions) and not set(script.versions) <= set(newest.values())


async def _stand_ins(work: Work) -> dict[str, Document]:
    """The documents in force now, or where nothing was published yet those of the product."""
    return {**pack(), **await documents_in_force(work)}


async def documents_in_force(work: Work) -> dict[str, Document]:
    """The document of every script that contacts begin with now."""
    found = await in_force(work)
    documents = await published(work, [one.id for one in found.values()])
    return {one.script: documents[one.id] for one in found.values()}


async def published(work: Work, ids: Collection[int]) -> dict[int, Document]:
    """Published documents by their id: one statement for those this process has not read yet."""
    shelf = shelf_of(work)
    missing = [one for one in ids if one not in shelf.documents]
    if missing:
        rows = await work.session.execute(
            select(ScriptVersion.id, ScriptVersion.script, ScriptVersion.document).where(
                ScriptVersion.id.in_(missing), ScriptVersion.in_force_from.is_not(None)
            )
        )
        shelf.documents.update({row.id: Document(row.script, row.document, row.id) for row in rows})
    return {one: shelf.documents[one] for one in ids if one in shelf.documents}
