"""Writing the library: a change is the next version, nothing is written over. S2-7.1, S2-7.5"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm.attributes import flag_modified

from models import Article, ArticleVersion, Person, Product
from models.words import ArticleKind
from portal.desk import audit, search, tokens
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import Conflict, NotAccepted, WrongMoment
from portal.desk.library.readers import LONGEST_TIME, READERS
from portal.desk.library.reading import SEARCHED, today
from portal.desk.notices import LANGUAGES
from portal.desk.permissions import May
from portal.desk.saving import hold_version
from portal.desk.work import Work

LONGEST_TITLE, LONGEST_BODY, LONGEST_ADDRESS, MOST_LINKS = 300, 50_000, 500, 20
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Text:
    """What a version says, in one language."""

    language: str
    title: str
    body: str
    links: tuple[Mapping[str, str], ...] = ()
    note: str = ""
    """Why it was changed."""
    says_the_same: bool = False
    """Whether nobody has to read it again: a translation, or a slip of the pen. S2-7.5"""


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on the article itself."""

    kind: ArticleKind = ArticleKind.ARTICLE
    owner_id: int | None = None
    product_id: int | None = None
    valid_until: date | None = None
    read_by: tuple[str, ...] = ()
    """The roles that must have read it. S0-7"""
    read_within_days: int = 14


def read_links(text: str) -> tuple[Mapping[str, str], ...]:
    """Read links as they are typed, one a line: `Title | https://…`. Raises NotAccepted naming the line."""
    found = []
    for number, line in enumerate(filter(str.strip, text.splitlines()), start=1):
        title, bar, address = (part.strip() for part in line.rpartition("|"))
        title = title if bar else address
        if not _ADDRESS.fullmatch(address) or len(address) > LONGEST_ADDRESS:
            raise NotAccepted(links=f"Line {number}: write “Title | https://…”.")
        found.append({"title": title[:LONGEST_TITLE] or address, "address": address})
    if len(found) > MOST_LINKS:
        raise NotAccepted(links=f"At most {MOST_LINKS} links.")
    return tuple(found)


async def add(work: Work, slug: str, card: Card, text: Text, *others: Text) -> Article:
    """Take a new article into the library, with its first version in one language or several. S2-7.1

    Raises NotAccepted per field: a name that is taken or none, no title, no text, an owner who has left.
    """
    work.require(May.EDIT_LIBRARY)
    texts = (text, *others)
    refused = {name: words for one in texts for name, words in _problems(one).items()}
    refused |= await _problems_of(work, card)
    if not SLUG.fullmatch(slug) or slug == "new" or len(slug) > 80:  # noqa: PLR2004  the column's length
        refused["slug"] = "Small letters, digits and dashes: delivery-times."
    elif await work.session.scalar(select(Article.id).where(Article.slug == slug)) is not None:
        refused["slug"] = "There is an article of this name already."
    if refused:
        raise NotAccepted.of(refused)
    article = Article(
        slug=slug,
        kind=card.kind,
        owner_id=card.owner_id,
        product_id=card.product_id,
        valid_until=card.valid_until,
        read_by=card.read_by,
        read_within_days=card.read_within_days,
        asked_at=work.now,
        created_at=work.now,
    )
    work.session.add(article)
    await work.session.flush()
    for one in texts:
        await _publish(work, article, one)
    await audit.record(work, "add article", article)
    return article


async def write_version(
    work: Work, article: Article, expected_version: int, text: Text, card: Card
) -> ArticleVersion:
    """Say the next version of an article in one language; the older ones stay as they were. S2-7.5

    `expected_version` is the article's version as it was read. Raises Conflict with both texts for the second of
    two authors, NotAccepted per field, WrongMoment for a retired article.
    """
    work.require(May.EDIT_LIBRARY)
    await _hold(work, article, expected_version, text)
    if article.retired_at is not None:
        raise WrongMoment("This article was retired.")
    refused = {**_problems(text), **await _problems_of(work, card)}
    if refused:
        raise NotAccepted.of(refused)
    if card.valid_until != article.valid_until:
        article.owner_told_at = None
    article.kind, article.owner_id = card.kind, card.owner_id
    article.product_id, article.valid_until = card.product_id, card.valid_until
    _ask(work, article, card, anew=not text.says_the_same)
    flag_modified(article, "slug")  # the next author has to see this version, whatever else changed
    version = await _publish(work, article, text)
    await audit.record(work, "write article", article, reason=text.note.strip())
    return version


def _ask(work: Work, article: Article, card: Card, *, anew: bool) -> None:
    """Ask everybody again who must have read it; a role that is added is asked now, and who has read it stays read."""
    if anew:
        article.asking += 1
    if anew or set(card.read_by) - set(article.read_by) or article.asked_at is None:
        article.asked_at = work.now
    article.read_by, article.read_within_days = card.read_by, card.read_within_days


async def retire(work: Work, article: Article, expected_version: int, reason: str) -> None:
    """Take an article out of use for good; cases that cite it still show it. Raises NotAccepted without a reason."""
    work.require(May.EDIT_LIBRARY)
    await hold_version(work, article, expected_version, {})
    if not reason.strip():
        raise NotAccepted(reason="Say why it is taken out of use.")
    if article.retired_at is not None:
        raise WrongMoment("This article was retired already.")
    article.retired_at = work.now
    await audit.record(work, "retire article", article, reason=reason)


async def extend(work: Work, article: Article, expected_version: int, until: date | None) -> None:
    """Say that an article still holds, until a day or without an end; its owner is told anew when it runs out.

    Raises NotAccepted for a day that is over, WrongMoment for a retired article.
    """
    work.require(May.EDIT_LIBRARY)
    await hold_version(work, article, expected_version, {"valid_until": until})
    if article.retired_at is not None:
        raise WrongMoment("This article was retired.")
    if until is not None and until < today(work):
        raise NotAccepted(valid_until="A day that is still to come.")
    article.valid_until, article.owner_told_at = until, None
    await audit.record(work, "extend article", article)


async def _hold(work: Work, article: Article, expected_version: int, text: Text) -> None:
    """Hold the article at the version that was read. Raises Conflict with both texts."""
    try:
        await hold_version(work, article, expected_version, {})
    except Conflict as error:
        last = await work.session.scalar(
            select(ArticleVersion)
            .where(ArticleVersion.article_id == article.id, ArticleVersion.language == text.language)
            .order_by(ArticleVersion.number.desc())
            .limit(1)
        )
        theirs = {"title": last.title, "body": last.body} if last else {}
        raise Conflict(
            error.message,
            yours={"title": text.title, "body": text.body},
            theirs=theirs,
            saved_by=error.saved_by,
        ) from error


async def _publish(work: Work, article: Article, text: Text) -> ArticleVersion:
    """Write the next version and make the article findable by what it says now in every language."""
    last = await work.session.scalar(
        select(func.max(ArticleVersion.number)).where(
            ArticleVersion.article_id == article.id, ArticleVersion.language == text.language
        )
    )
    version = ArticleVersion(
        article_id=article.id,
        language=text.language,
        number=(last or 0) + 1,
        title=text.title.strip(),
        body=text.body.strip().replace("\r\n", "\n"),
        links=[dict(one) for one in text.links],
        note=text.note.strip(),
        written_by_id=work.actor.person_id,
        published_at=work.now,
    )
    work.session.add(version)
    await work.session.flush()
    await index(work, article)
    return version


async def index(work: Work, article: Article) -> None:
    """Bring the words by which an article is found up to date, in this transaction."""
    newest = (
        select(func.max(ArticleVersion.id))
        .where(ArticleVersion.article_id == article.id)
        .group_by(ArticleVersion.language)
    )
    said = await work.session.execute(
        select(ArticleVersion.title, ArticleVersion.body).where(ArticleVersion.id.in_(newest))
    )
    words = tokens.of_name(article.slug).union(
        *(tokens.of_name(title) | tokens.of_name(body) for title, body in said)
    )
    await search.index_all(work, SEARCHED, [(article.id, words)], known=True)


def _problems(text: Text) -> dict[str, str]:
    refused: dict[str, str] = {}
    if text.language not in LANGUAGES:
        refused["language"] = f"One of {', '.join(LANGUAGES)}."
    if not text.title.strip():
        refused["title"] = "Give it a title."
    elif len(text.title.strip()) > LONGEST_TITLE:
        refused["title"] = f"At most {LONGEST_TITLE} characters."
    if not text.body.strip():
        refused["body"] = "Say what it is about."
    elif len(text.body) > LONGEST_BODY:
        refused["body"] = f"At most {LONGEST_BODY:,} characters: make two articles of it."
    if not refused:
        refuse_card_numbers(title=text.title, body=text.body, note=text.note)
    return refused


async def _problems_of(work: Work, card: Card) -> dict[str, str]:
    refused: dict[str, str] = {}
    if card.owner_id is not None:
        owner = await work.session.get(Person, card.owner_id)
        if owner is None or not owner.active:
            refused["owner"] = "Choose a colleague who is here."
    if set(card.read_by) - {role.value for role in READERS}:
        refused["read_by"] = "Choose among those who can open the library."
    if not 1 <= card.read_within_days <= LONGEST_TIME:
        refused["read_within_days"] = f"Between 1 and {LONGEST_TIME} days."
    if card.product_id is not None and await work.session.get(Product, card.product_id) is None:
        refused["product"] = "There is no such product."
    return refused
