"""On which version of an article an answer rested: the case shows that one, whatever the article says now. S0-3.3.2"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from models import Article, ArticleVersion, Case, Citation
from models.words import CaseKind
from portal.desk.errors import NotAccepted
from portal.desk.library.reading import Leaf, in_force_by_version, today
from portal.desk.permissions import May
from portal.desk.work import Work

LATELY, OFTEN, MOST_OFTEN = 1000, 2, 5
"""Citations that are looked at; how many of them make an article a common one; so many of those are offered."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A version that an answer on a case rests on."""

    slug: str
    title: str
    language: str
    number: int
    at: datetime
    outdated: str
    """What happened to the article since, in words; empty while it says the same."""

    @property
    def address(self) -> str:
        """Where exactly this version can be read."""
        return f"/library/{self.slug}?language={self.language}&version={self.number}"


async def cite(
    work: Work, version_ids: Iterable[int], *, contact_id: int | None = None, case_id: int | None = None
) -> list[Leaf]:
    """Keep on which versions an answer rests, as part of the deed that gives it; return them.

    Raises NotAccepted for a version that is not in force any more: what changed has to be read first.
    """
    work.require(May.SEE_LIBRARY)
    wanted = list(dict.fromkeys(version_ids))
    found = await in_force_by_version(work, wanted)
    if len(found) < len(wanted):
        raise NotAccepted(
            look="An article changed or ran out meanwhile: choose again what the answer rests on."
        )
    for leaf in found:
        work.session.add(
            Citation(
                version_id=leaf.version_id,
                contact_id=contact_id,
                case_id=case_id,
                person_id=work.actor.person_id,
                at=work.now,
            )
        )
    return found


async def often(work: Work, kind: CaseKind) -> dict[int, int]:
    """The articles that answers on cases of a kind rested on lately, with how often, the most cited first. S3-7.1.1b

    Among the newest citations, so that a large desk costs what a small one does; one mention is no habit yet.
    """
    newest = (
        select(Citation.version_id, Citation.case_id).order_by(Citation.id.desc()).limit(LATELY).subquery()
    )
    times = func.count().label("times")
    rows = await work.session.execute(
        select(ArticleVersion.article_id, times)
        .select_from(newest)
        .join(ArticleVersion, ArticleVersion.id == newest.c.version_id)
        .join(Case, Case.id == newest.c.case_id)
        .where(Case.kind == kind)
        .group_by(ArticleVersion.article_id)
        .having(times >= OFTEN)
        .order_by(times.desc(), ArticleVersion.article_id)
        .limit(MOST_OFTEN)
    )
    return {row.article_id: row.times for row in rows}


async def titles_of(work: Work, version_ids: Collection[int]) -> dict[int, str]:
    """What these versions of articles are called, `Delivery times, version 2`; one statement, none for none."""
    if not version_ids:
        return {}
    rows = await work.session.execute(
        select(ArticleVersion.id, ArticleVersion.title, ArticleVersion.number).where(
            ArticleVersion.id.in_(version_ids)
        )
    )
    return {row.id: f"{row.title}, version {row.number}" for row in rows}


async def cited_on(work: Work, case_id: int) -> list[Cited]:
    """The versions that the answers on a case rest on, the first first, each with what became of it since."""
    if not work.may(May.SEE_LIBRARY):
        return []
    newer = aliased(ArticleVersion)
    newest = (
        select(func.max(newer.number))
        .where(newer.article_id == ArticleVersion.article_id, newer.language == ArticleVersion.language)
        .correlate(ArticleVersion)
        .scalar_subquery()
    )
    rows = await work.session.execute(
        select(
            Article.slug,
            Article.valid_until,
            Article.retired_at,
            ArticleVersion.title,
            ArticleVersion.language,
            ArticleVersion.number,
            Citation.at,
            newest.label("newest"),
        )
        .join(ArticleVersion, ArticleVersion.id == Citation.version_id)
        .join(Article, Article.id == ArticleVersion.article_id)
        .where(Citation.case_id == case_id)
        .order_by(Citation.id)
    )
    day = today(work)
    found = []
    for row in rows:
        if row.retired_at is not None:
            outdated = "retired since"
        elif row.newest > row.number:
            outdated = f"changed since: version {row.newest} is in force"
        else:
            outdated = "ran out since" if row.valid_until is not None and row.valid_until < day else ""
        found.append(Cited(row.slug, row.title, row.language, row.number, row.at, outdated))
    return found
