"""Telling the owner of an article that it ran out, once. S2-7.1"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import Article, ArticleVersion, Person
from models.words import Role
from portal.desk import audit, notices
from portal.desk.library.reading import today
from portal.desk.notices import Notice
from portal.desk.permissions import May
from portal.desk.work import Work

BATCH = 100


async def tell_owners(work: Work) -> int:
    """Tell the owner of every article that ran out; where there is none any more, the supervisors. Returns how many.

    The article is stamped in the same transaction, so that two replicas tell once. A longer last day clears it.
    """
    work.require(May.EDIT_LIBRARY)
    found = (
        await work.session.scalars(
            select(Article)
            .where(
                Article.valid_until < today(work),
                Article.owner_told_at.is_(None),
                Article.retired_at.is_(None),
            )
            .options(joinedload(Article.owner))
            .order_by(Article.id)
            .limit(BATCH)
            .with_for_update(of=Article, skip_locked=True)
        )
    ).all()
    told: list[Notice] = []
    for article in found:
        title = await work.session.scalar(
            select(ArticleVersion.title)
            .where(ArticleVersion.article_id == article.id)
            .order_by(ArticleVersion.id.desc())
            .limit(1)
        )
        facts: dict[str, object] = {
            "title": title or article.slug,
            "valid_until": article.valid_until,
            "article_link": f"{work.terms.address}/library/{article.slug}",
        }
        told += [
            Notice(
                "article-ran-out",
                person,
                f"article-ran-out/{article.id}/{article.valid_until}/{person.id}",
                facts=facts,
            )
            for person in await _owners(work, article.owner)
        ]
        article.owner_told_at = work.now
    await notices.write_all(work, told)
    if found:
        await audit.record(work, "tell owners of articles")
    return len(found)


async def _owners(work: Work, owner: Person | None) -> list[Person]:
    return [owner] if owner is not None and owner.active else await notices.people_in(work, Role.SUPERVISOR)
