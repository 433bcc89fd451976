"""Who must have read what, who has, and who is late. S0-7.1, S0-7.2, S0-7.3, S2-7.5

An article names the roles that must have read it. Each version that says something new begins the next asking, and
a reading counts for the asking in which it was made; which text it was stands in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
    type_coerce,
)

from models import Article, ArticleVersion, Person, Reading
from models.words import Role
from portal.desk import audit, bulk, changes
from portal.desk.errors import Conflict, WrongMoment
from portal.desk.library.reading import MOST, Leaf, Opened, is_in_force, newest_of, today
from portal.desk.listing import LARGEST_ID, PAGE, Rows
from portal.desk.permissions import GRANTS, May
from portal.desk.work import Work

READERS = tuple(role for role in Role if May.SEE_LIBRARY in GRANTS[role])
"""The roles that can be asked: those that can open the library."""
LONGEST_TIME = 365
"""Days that readers can be given at most."""


@dataclass(frozen=True, slots=True)
class ToRead:
    """An article that somebody still has to read."""

    leaf: Leaf
    asked_at: datetime
    due_at: datetime
    again: bool
    """Whether they have read what it said before."""

    def is_late(self, now: datetime) -> bool:
        return self.due_at < now


@dataclass(frozen=True, slots=True)
class Standing:
    """What an article asks of the one who has it open."""

    asking: int
    due_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """How far an article has been read by those who must have."""

    leaf: Leaf
    roles: tuple[str, ...]
    asked_at: datetime
    people: int
    read: int
    late: int


@dataclass(frozen=True, slots=True)
class Reader:
    """A colleague who must have read an article."""

    name: str
    roles: tuple[str, ...]
    team: str
    due_at: datetime
    read_at: datetime | None
    number: int | None
    """Of the version they had before them, in its language."""
    language: str

    def is_late(self, now: datetime) -> bool:
        return self.read_at is None and self.due_at < now


def names_role(words: Any, role: str) -> ColumnElement[bool]:
    """Whether a column of words has this one."""
    told: ColumnElement[bool] = (literal(",") + type_coerce(words, String) + ",").contains(f",{role},")
    return told


def _asks() -> ColumnElement[bool]:
    """Whether this article has to be read by this person: they share a role that can open it."""
    shared = [and_(names_role(Article.read_by, role), names_role(Person.roles, role)) for role in READERS]
    return and_(Article.read_by != (), Person.active, or_(*shared))


def _of_mine(work: Work) -> ColumnElement[bool]:
    """The same for the actor, whose roles are known."""
    roles = sorted({role.value for role in READERS} & set(work.actor.roles))
    return or_(false(), *(names_role(Article.read_by, role) for role in roles))


def _read(work: Work) -> ColumnElement[bool]:
    return exists().where(
        Reading.article_id == Article.id,
        Reading.asking == Article.asking,
        Reading.person_id == work.actor.person_id,
    )


def waiting(work: Work) -> Select[Any]:
    """The ids of what the actor still has to read, to be counted with others."""
    return select(Article.id).where(is_in_force(today(work)), _of_mine(work), ~_read(work))


def _due(article: Article, created_at: datetime) -> datetime:
    """Whoever came later has as long as those who were asked first."""
    return max(article.asked_at or created_at, created_at) + timedelta(days=article.read_within_days)


async def mine(work: Work) -> list[ToRead]:
    """What the actor still has to read, what was asked first on top."""
    work.require(May.SEE_LIBRARY)
    before = exists().where(Reading.article_id == Article.id, Reading.person_id == work.actor.person_id)
    rows = (
        await work.session.execute(
            select(Article, Person.created_at, before.label("again"))
            .join(Person, Person.id == work.actor.person_id)
            .where(Article.id.in_(waiting(work)))
            .order_by(Article.asked_at, Article.id)
            .limit(MOST)
        )
    ).all()
    leaves = await newest_of(work, [row.Article.id for row in rows])
    return [
        ToRead(
            leaves[row.Article.id],
            row.Article.asked_at,
            _due(row.Article, row.created_at),
            row.again,
        )
        for row in rows
    ]


async def standing(work: Work, opened: Opened) -> Standing | None:
    """What an article asks of the actor; None where nothing is asked of them or an older version is open."""
    article = opened.article
    asked = set(article.read_by) & set(work.actor.roles) & {role.value for role in READERS}
    if not asked or opened.leaf.number < opened.newest or opened.leaf.state(today(work)) != "in force":
        return None
    row = (
        await work.session.execute(
            select(Person.created_at, Reading.at)
            .outerjoin(
                Reading,
                and_(
                    Reading.person_id == Person.id,
                    Reading.article_id == article.id,
                    Reading.asking == article.asking,
                ),
            )
            .where(Person.id == work.actor.person_id)
        )
    ).one_or_none()
    return Standing(article.asking, _due(article, row.created_at), row.at) if row else None


async def have_read(work: Work, article: Article, version_id: int, asking: int) -> None:
    """Say that one has read and understood what an article says now; said twice, it is kept once. S2-7.5

    Raises WrongMoment for whoever is not asked, Conflict when it says something else by now.
    """
    work.require(May.SEE_LIBRARY)
    asks = select(Article.id).where(Article.id == article.id, is_in_force(today(work)), _of_mine(work))
    if work.actor.person_id is None or await work.session.scalar(asks) is None:
        raise WrongMoment("Nobody asks you to have read this.")
    newer = select(func.max(ArticleVersion.id)).where(ArticleVersion.article_id == article.id)
    newest = await work.session.scalars(newer.group_by(ArticleVersion.language))
    if asking != article.asking or version_id not in set(newest):
        raise Conflict("It says something else by now. Read it as it is, then say so again.")
    make = bulk.insert_of(work.session)
    kept = await work.session.scalar(
        make(Reading)
        .values(
            article_id=article.id,
            version_id=version_id,
            person_id=work.actor.person_id,
            asking=asking,
            at=work.now,
        )
        .on_conflict_do_nothing(index_elements=["article_id", "asking", "person_id"])
        .returning(Reading.id)
        .execution_options(audited=True)
    )
    if kept is None:
        changes.accounted(work.session)  # it was there already: nothing changed
        return
    await audit.record(work, "have read article", article)


async def asked_of_the_team(work: Work, after: int = 0) -> Rows[Asked]:
    """Every article that somebody must have read, with how many have and how many are late. S2-7.5"""
    work.require(May.SEE_TEAM)
    articles = (
        await work.session.scalars(
            select(Article)
            .where(is_in_force(today(work)), Article.read_by != (), Article.id > after)
            .order_by(Article.id)
            .limit(PAGE + 1)
        )
    ).all()
    shown = articles[:PAGE]
    counts = await _counts(work, shown)
    leaves = await newest_of(work, [one.id for one in shown])
    rows = [
        Asked(
            leaves[one.id],
            one.read_by,
            one.asked_at or one.created_at,
            *counts.get(one.id, (0, 0, 0)),
        )
        for one in shown
    ]
    return Rows(rows, str(shown[-1].id) if len(articles) > PAGE else "")


async def _counts(work: Work, articles: Sequence[Article]) -> dict[int, tuple[int, int, int]]:
    """Of each of these how many are asked, how many of them have read it, and how many are late."""
    if not articles:
        return {}
    late = or_(
        false(),
        *(
            and_(
                Article.id == one.id,
                Person.created_at < work.now - timedelta(days=one.read_within_days),
            )
            for one in articles
            if _due(one, one.asked_at or one.created_at) < work.now
        ),
    )
    rows = await work.session.execute(
        select(
            Article.id,
            func.count(Person.id),
            func.count(Reading.id),
            func.coalesce(func.sum(case((and_(Reading.id.is_(None), late), 1), else_=0)), 0),
        )
        .join(Person, _asks())
        .outerjoin(Reading, _of_this_asking())
        .where(Article.id.in_([one.id for one in articles]))
        .group_by(Article.id)
    )
    return {article: (people, read, int(behind)) for article, people, read, behind in rows}


def _of_this_asking() -> ColumnElement[bool]:
    return and_(
        Reading.article_id == Article.id,
        Reading.asking == Article.asking,
        Reading.person_id == Person.id,
    )


async def readers_of(work: Work, article: Article, *, read: bool = False, after: int = 0) -> Rows[Reader]:
    """Those who must have read an article and have, or have not; by name, a page at a time. S2-7.5"""
    work.require(May.SEE_TEAM)
    statement = (
        select(
            Person.id,
            Person.name,
            Person.roles,
            Person.team,
            Person.created_at,
            Reading.at,
            ArticleVersion.number,
            ArticleVersion.language,
        )
        .select_from(Article)
        .join(Person, _asks())
        .outerjoin(Reading, _of_this_asking())
        .outerjoin(ArticleVersion, ArticleVersion.id == Reading.version_id)
        .where(Article.id == article.id, Reading.id.is_not(None) if read else Reading.id.is_(None))
        .order_by(Person.name, Person.id)
        .limit(PAGE + 1)
    )
    if after:
        began = select(Person.name).where(Person.id == min(after, LARGEST_ID)).scalar_subquery()
        statement = statement.where(tuple_(Person.name, Person.id) > tuple_(began, literal(after)))
    rows = (await work.session.execute(statement)).all()
    shown = [
        Reader(
            row.name,
            row.roles,
            row.team,
            _due(article, row.created_at),
            row.at,
            row.number,
            row.language or "",
        )
        for row in rows[:PAGE]
    ]
    return Rows(shown, str(rows[PAGE - 1].id) if len(rows) > PAGE else "")
