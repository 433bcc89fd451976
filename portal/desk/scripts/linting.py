"""The linter: runs on every save of a script and before it is published; each finding says where and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from models import Article, Person
from models.words import CaseKind, Role
from portal.desk import announcements, clauses, policy_versions
from portal.desk.notices import LANGUAGES
from portal.desk.scripts import composing
from portal.desk.scripts.checks import conditions, demands, guides, paths, questions, trees, wording
from portal.desk.scripts.document import read
from portal.desk.scripts.findings import Context, Draft, Finding
from portal.desk.scripts.pack import pack
from portal.desk.scripts.phrases import key_of, steps_of
from portal.desk.scripts.steps import BrokenScript
from portal.desk.work import Work

__all__ = ["Context", "Finding", "context_of", "lint", "stopping"]


def lint(document: Mapping[str, Any], context: Context) -> list[Finding]:
    """Everything that is wrong with a document, what stops it first, then step by step.

    A document that cannot be read has one finding: what `document.read` refuses it for.
    """
    script = str(document.get("script", ""))
    try:
        read(document, script)
    except BrokenScript as broken:
        return [
            Finding(
                stops=True,
                script=script,
                step=broken.step,
                field=_place(broken),
                words=f"{broken.why[:1].upper()}{broken.why[1:]}.",
                remedy="Correct this first.",
            )
        ]
    steps = tuple(steps_of(document))
    draft = Draft(script, document, steps, context)
    before, _ = paths.around(draft)
    found = [
        *paths.find(draft),
        *conditions.find(draft, before),
        *questions.find(draft),
        *trees.find(draft),
        *guides.find(draft),
        *wording.find(draft),
        *demands.find(draft),
    ]
    places = {key_of(step): at for at, step in enumerate(steps)}
    return sorted(dict.fromkeys(found), key=lambda one: (not one.stops, places.get(one.step, -1)))


def stopping(found: list[Finding]) -> list[Finding]:
    """The findings that stand against publishing."""
    return [one for one in found if one.stops]


async def context_of(work: Work) -> Context:
    """Read what scripts rest on: five statements, six the first time, whatever the desk has grown to."""
    in_force = await policy_versions.in_force(work)
    holding = select(Person.roles, announcements.WORDED).where(Person.active).distinct()
    people = (await work.session.execute(holding)).all()
    staffed = {Role(role) for roles, _ in people for role in roles if role in set(map(str, Role))}
    today = work.now.date()
    articles = select(Article.slug, Article.valid_until, Article.retired_at)
    shipped = {script: one.told for script, one in pack().items()}
    published = await composing.in_force(work)
    read_once = composing.shelf_of(work).documents
    current = {script: read_once[one.id].told for script, one in published.items()}
    return Context(
        documents={**shipped, **current},
        pack=shipped,
        clauses=frozenset(clauses.titles()),
        staffed=frozenset(staffed),
        called={kind: in_force.roles_called(kind) for kind in CaseKind},
        templates=getattr(work.write, "names", None),
        articles={
            slug: retired is None and (until is None or until >= today)
            for slug, until, retired in await work.session.execute(articles)
        },
        announcements=announcements.lacking(people[0][1] if people else None),
        languages=LANGUAGES,
    )


def _place(broken: BrokenScript) -> str:
    """Where in the step a document is broken, as the editor names it."""
    return ".".join(str(one) for one in broken.path[2:])
