"""Versions of the scripts: what ships with the product goes in once; what the desk writes stands beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from models import ScriptVersion
from models.words import ScriptStatus
from portal.desk import audit, bulk, changes
from portal.desk.permissions import May
from portal.desk.scripts import composing
from portal.desk.scripts.composing import InForce, in_force
from portal.desk.scripts.pack import pack
from portal.desk.scripts.publishing import approve, publish, refuse_broken, retire, roll_back
from portal.desk.scripts.steps import CLOSING, DIFFICULT, OPENING
from portal.desk.scripts.writing import (
    UNFINISHED,
    Imported,
    Listed,
    comment,
    commented,
    comments,
    digest_of,
    draft,
    export_text,
    history,
    import_document,
    import_text,
    listed,
    load,
    save,
)
from portal.desk.work import SYSTEM, Work

__all__ = [
    "UNFINISHED",
    "Imported",
    "InForce",
    "Listed",
    "approve",
    "comment",
    "commented",
    "comments",
    "digest_of",
    "draft",
    "export_text",
    "history",
    "import_document",
    "import_text",
    "in_force",
    "install",
    "listed",
    "load",
    "opening",
    "publish",
    "refuse_broken",
    "retire",
    "roll_back",
    "save",
]


async def opening(work: Work) -> str:
    """The versions a contact begins with now; puts in what ships with the product where there is none. S1-6.2"""
    found = await in_force(work)
    if OPENING not in found:
        await install(replace(work, actor=SYSTEM))
        found = await in_force(work)
    return composing.version_of(found.get(OPENING), found.get(CLOSING), found.get(DIFFICULT))


async def install(work: Work) -> int:
    """Put in what ships with the product; return how many versions were written. S1-6.2

    A script that has none is published as version 1. A newer one of the product is published where the desk never
    changed that script, else it becomes a draft for somebody to compare. What is known already changes nothing, and
    two who install at once write it once.
    """
    work.require(May.PUBLISH_SCRIPTS)
    there: dict[str, list[Any]] = {}
    for row in await work.session.execute(
        select(ScriptVersion.script, ScriptVersion.number, ScriptVersion.digest, ScriptVersion.of_the_product)
    ):
        there.setdefault(row.script, []).append(row)
    rows = []
    for script, document in pack().items():
        known, digest = there.get(script, []), digest_of(document.told)
        if any(row.digest == digest for row in known):
            continue
        untouched = all(row.of_the_product for row in known)
        rows.append(
            {
                "script": script,
                "number": max((row.number for row in known), default=0) + 1,
                "status": ScriptStatus.PUBLISHED if untouched else ScriptStatus.DRAFT,
                "document": document.told,
                "digest": digest,
                "note": f"Came with Handrail ({document.pack or 'unnamed'}).",
                "of_the_product": True,
                "created_at": work.now,
                "changed_at": work.now,
                "in_force_from": work.now if untouched else None,
                "version": 1,
            }
        )
    if not rows:
        return 0
    composing.unsettle(work)
    insert = bulk.insert_of(work.session)
    written = await work.session.execute(
        insert(ScriptVersion)
        .on_conflict_do_nothing()
        .returning(ScriptVersion.id, ScriptVersion.script)
        .execution_options(audited=True),
        rows,
    )
    put_in = [row.script for row in written]
    if put_in:
        await audit.record(work, "install scripts", changes={"script_versions": {"scripts": [None, put_in]}})
    else:
        changes.accounted(work.session)  # somebody else put all of it in meanwhile
    return len(put_in)
