"""Finding an article and opening it: the version in force, or exactly one that was cited. S2-7.1, S0-7"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload, load_only

from models import Article, ArticleVersion, OrderLine, Person, Product, ProductLink
from models.words import ArticleKind
from portal.desk import search
from portal.desk.errors import NotAccepted, NotFound
from portal.desk.notices import LANGUAGES
from portal.desk.permissions import May
from portal.desk.work import Work

MOST = 50
"""Articles that one list shows."""
SEARCHED = "article"
"""What articles are called among the words everything is found by."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One version of an article, with what stands on the article itself."""

    article_id: int
    version_id: int
    slug: str
    kind: ArticleKind
    language: str
    number: int
    title: str
    body: str
    links: tuple[Mapping[str, str], ...]
    published_at: datetime
    valid_until: date | None
    retired_at: datetime | None
    owner: str
    product_id: int | None

    def state(self, today: date) -> str:
        """`in force`, `ran out` or `retired`."""
        if self.retired_at is not None:
            return "retired"
        return "ran out" if self.valid_until is not None and self.valid_until < today else "in force"


@dataclass(frozen=True, slots=True)
class Opened:
    """An article as its page shows it."""

    article: Article
    leaf: Leaf
    newest: int
    """The number of the newest version in this language."""
    versions: Sequence[ArticleVersion]
    """All of them, newest first, without what they say."""
    languages: Sequence[str]


def today(work: Work) -> date:
    """The day it is for whoever asks."""
    return work.now.astimezone(ZoneInfo(work.actor.zone)).date()


def language_of(work: Work, wanted: str = "") -> str:
    """The language asked for where we offer it, else the desk's own."""
    return wanted if wanted in LANGUAGES else work.terms.language


def _newest() -> Any:
    """The newest version of each article in each language, with its article and the owner's name."""
    last = select(func.max(ArticleVersion.id)).group_by(ArticleVersion.article_id, ArticleVersion.language)
    return _leaves().where(ArticleVersion.id.in_(last))


def _leaves() -> Any:
    return (
        select(ArticleVersion, Article, Person.name)
        .join(Article, Article.id == ArticleVersion.article_id)
        .outerjoin(Person, Person.id == Article.owner_id)
    )


def is_in_force(day: date) -> ColumnElement[bool]:
    """Not retired, and not past its last day."""
    return and_(Article.retired_at.is_(None), or_(Article.valid_until.is_(None), Article.valid_until >= day))


def leading_out(links: Iterable[Mapping[str, str]]) -> tuple[Mapping[str, str], ...]:
    """The links that a browser may follow: whatever wrote the row, nothing that runs."""
    return tuple(one for one in links if one.get("address", "").startswith(("https://", "http://")))


def leaf_of(version: ArticleVersion, article: Article, owner: str | None) -> Leaf:
    """Put a version and its article together."""
    return Leaf(
        article_id=article.id,
        version_id=version.id,
        slug=article.slug,
        kind=article.kind,
        language=version.language,
        number=version.number,
        title=version.title,
        body=version.body,
        links=leading_out(version.links),
        published_at=version.published_at,
        valid_until=article.valid_until,
        retired_at=article.retired_at,
        owner=owner or "",
        product_id=article.product_id,
    )


def _one_language(rows: Iterable[Any], language: str) -> list[Leaf]:
    """Of each article the version in this language, else in the first that there is."""
    order = {language: -1, **{one: place for place, one in enumerate(LANGUAGES) if one != language}}
    best: dict[int, Leaf] = {}
    for row in rows:
        leaf = leaf_of(*row)
        known = best.get(leaf.article_id)
        if known is None or order.get(leaf.language, 99) < order.get(known.language, 99):
            best[leaf.article_id] = leaf
    return sorted(best.values(), key=lambda leaf: (leaf.title.casefold(), leaf.slug))


async def in_force(
    work: Work,
    *,
    slugs: Iterable[str] | None = None,
    product_ids: Iterable[int] | None = None,
    article_ids: Iterable[int] | None = None,
    text: str = "",
    language: str = "",
) -> list[Leaf]:
    """The articles that may be offered: not retired, not past their last day. S2-7.1

    Narrowed to these names, products or articles or to those that meet every word, each where it is given. In the
    language asked for where there is one, else in another.
    """
    work.require(May.SEE_LIBRARY)
    statement = _newest().where(is_in_force(today(work)))
    if slugs is not None:
        statement = statement.where(Article.slug.in_(list(slugs)))
    if product_ids is not None:
        statement = statement.where(Article.product_id.in_(list(product_ids)))
    if article_ids is not None:
        statement = statement.where(Article.id.in_(list(article_ids)))
    return await _found(work, statement, text, language)


async def newest_of(work: Work, article_ids: Iterable[int]) -> dict[int, Leaf]:
    """Each of these articles as it is now, in the desk's language where there is one."""
    statement = _newest().where(Article.id.in_(list(article_ids)))
    leaves = _one_language(await work.session.execute(statement), language_of(work))
    return {leaf.article_id: leaf for leaf in leaves}


async def in_force_by_version(work: Work, version_ids: Iterable[int]) -> list[Leaf]:
    """Those of these versions that may be cited now: the newest in their language, of articles in force."""
    work.require(May.SEE_LIBRARY)
    wanted = list(version_ids)
    if not wanted:
        return []
    statement = _newest().where(is_in_force(today(work)), ArticleVersion.id.in_(wanted))
    return [leaf_of(*row) for row in await work.session.execute(statement)]


async def listed(work: Work, text: str = "", *, everything: bool = False, language: str = "") -> list[Leaf]:
    """The library: what is in force; for those who write it, on demand also what ran out or was retired."""
    work.require(May.SEE_LIBRARY)
    statement = _newest()
    if not (everything and work.may(May.EDIT_LIBRARY)):
        statement = statement.where(is_in_force(today(work)))
    return await _found(work, statement, text, language)


async def _found(work: Work, statement: Any, text: str, language: str) -> list[Leaf]:
    if text.strip():
        matching = search.matching(text, SEARCHED)
        if matching is None:
            return []
        statement = statement.where(Article.id.in_(matching))
    rows = await work.session.execute(statement.order_by(Article.slug).limit(MOST * len(LANGUAGES)))
    return _one_language(rows, language_of(work, language))[:MOST]


async def load(work: Work, slug: str) -> Article:
    """The article of this name, with its owner and product. Raises NotFound."""
    work.require(May.SEE_LIBRARY)
    statement = select(Article).where(Article.slug == slug)
    found = await work.session.scalar(
        statement.options(joinedload(Article.owner), joinedload(Article.product))
    )
    if found is None:
        raise NotFound("There is no such article.")
    return found


async def opened(work: Work, slug: str, *, language: str = "", number: int | None = None) -> Opened:
    """An article with one of its versions: the newest, or the one of this number. Raises NotFound.

    What ran out can still be read by its address: a case may rest on it.
    """
    article = await load(work, slug)
    versions = (
        await work.session.scalars(
            select(ArticleVersion)
            .where(ArticleVersion.article_id == article.id)
            .options(
                load_only(
                    ArticleVersion.language,
                    ArticleVersion.number,
                    ArticleVersion.title,
                    ArticleVersion.note,
                    ArticleVersion.published_at,
                ),
                joinedload(ArticleVersion.written_by),
            )
            .order_by(ArticleVersion.id.desc())
        )
    ).all()
    languages = [one for one in LANGUAGES if any(version.language == one for version in versions)]
    wanted = language_of(work, language)
    spoken = wanted if wanted in languages else next(iter(languages), wanted)
    mine = [version for version in versions if version.language == spoken]
    shown = next((one for one in mine if number in {None, one.number}), None)
    if shown is None:
        raise NotFound("There is no such version.")
    row = (
        await work.session.execute(
            select(ArticleVersion.body, ArticleVersion.links).where(ArticleVersion.id == shown.id)
        )
    ).one()
    leaf = Leaf(
        article_id=article.id,
        version_id=shown.id,
        slug=article.slug,
        kind=article.kind,
        language=shown.language,
        number=shown.number,
        title=shown.title,
        body=row.body,
        links=leading_out(row.links),
        published_at=shown.published_at,
        valid_until=article.valid_until,
        retired_at=article.retired_at,
        owner=article.owner.name if article.owner else "",
        product_id=article.product_id,
    )
    return Opened(article, leaf, mine[0].number, versions, languages)


async def product_links(
    work: Work, *, product_id: int | None = None, order_id: int | None = None
) -> list[ProductLink]:
    """The pages, guides and questions of a product, and of every product of an order. S3-3.1.3b"""
    work.require(May.SEE_LIBRARY)
    wanted: list[ColumnElement[bool]] = []
    if product_id is not None:
        wanted.append(ProductLink.product_id == product_id)
    if order_id is not None:
        lines = select(OrderLine.product_id).where(OrderLine.order_id == order_id)
        wanted.append(ProductLink.product_id.in_(lines))
    if not wanted:
        return []
    statement = select(ProductLink).join(Product, Product.id == ProductLink.product_id).where(or_(*wanted))
    found = await work.session.scalars(statement.order_by(ProductLink.id).limit(MOST))
    return list(found)


async def owners(work: Work) -> list[Person]:
    """Everybody who may own an article: colleagues who are here, by name."""
    work.require(May.EDIT_LIBRARY)
    statement = select(Person).where(Person.active).order_by(Person.name).limit(500)
    return list(await work.session.scalars(statement))


async def product_of(work: Work, sku: str) -> int | None:
    """The product of this code; None for no code. Raises NotAccepted for one that there is not."""
    if not sku.strip():
        return None
    found = await work.session.scalar(select(Product.id).where(Product.sku == sku.strip()))
    if found is None:
        raise NotAccepted(product="There is no product of this code.")
    return found
