"""Knowledge: articles and policies with an owner, a date and versions, and where they were cited. S2-7.1, S0-7"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Numbered, Versioned, Words, word
from models.people import Person
from models.products import Product
from models.words import ArticleKind


class Article(Numbered, Versioned, Base):
    """One subject of the library. What it says stands in its versions."""

    __tablename__ = "articles"

    slug: Mapped[str] = mapped_column(String(80), unique=True)
    """Its address and the name scripts link to: `returns`, `privacy-policy`."""
    kind: Mapped[ArticleKind] = mapped_column(word(ArticleKind, "article_kind"), default=ArticleKind.ARTICLE)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"), index=True)
    valid_until: Mapped[date | None]
    """The last day it is offered; empty for no end."""
    owner_told_at: Mapped[datetime | None]
    """When its owner was told that it ran out."""
    retired_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    read_by: Mapped[tuple[str, ...]] = mapped_column(Words, default=(), server_default="")
    """The roles that must have read it; empty for none. S0-7"""
    read_within_days: Mapped[int] = mapped_column(default=14, server_default="14")
    """So long they have from being asked until they are late."""
    asking: Mapped[int] = mapped_column(default=1, server_default="1")
    """How often its readers were asked: a version that says something new begins the next asking. S2-7.5"""
    asked_at: Mapped[datetime | None]
    """When the present asking began."""

    owner: Mapped[Person | None] = relationship(lazy="raise")
    product: Mapped[Product | None] = relationship(lazy="raise")
    versions: Mapped[list[ArticleVersion]] = relationship(
        lazy="raise", back_populates="article", order_by="ArticleVersion.id"
    )

    __table_args__ = (
        CheckConstraint("read_within_days > 0", name="readers_have_time"),
        CheckConstraint("read_by = '' OR asked_at IS NOT NULL", name="readers_were_asked"),
        Index(None, "valid_until", "id"),
        {"sqlite_autoincrement": True},
    )

    def __str__(self) -> str:
        return self.slug


class ArticleVersion(Numbered, Base):
    """What an article said from a moment on, in one language. Never changed: a change is the next version."""

    __tablename__ = "article_versions"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    language: Mapped[str] = mapped_column(String(8))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    """Plain text: paragraphs apart by an empty line, points beginning with `- `."""
    links: Mapped[list[Any]] = mapped_column(default=list)
    """[{"title": …, "address": …}]: product page, guide, questions and answers. S3-3.1.3b"""
    note: Mapped[str] = mapped_column(Text, default="")
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    published_at: Mapped[datetime]

    article: Mapped[Article] = relationship(lazy="raise", back_populates="versions")
    written_by: Mapped[Person | None] = relationship(lazy="raise")

    __table_args__ = (UniqueConstraint("article_id", "language", "number"), {"sqlite_autoincrement": True})


class Citation(Numbered, Base):
    """An answer rested on exactly this version of an article. S0-3.3.2"""

    __tablename__ = "citations"

    version_id: Mapped[int] = mapped_column(ForeignKey("article_versions.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    at: Mapped[datetime]

    version: Mapped[ArticleVersion] = relationship(lazy="raise")


class Reading(Numbered, Base):
    """A colleague has read and understood what an article said, once an asking. Append-only. S0-7, S2-7.5"""

    __tablename__ = "readings"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("article_versions.id"), index=True)
    """What they had before them."""
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    asking: Mapped[int]
    at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("article_id", "asking", "person_id"),
        {"sqlite_autoincrement": True},
    )


class LinkCheck(Numbered, Base):
    """Whether the page behind a link that is sent to customers is still there. Keeps the house running; not audited."""

    __tablename__ = "link_checks"

    address: Mapped[str] = mapped_column(String(500), unique=True)
    wrong: Mapped[str] = mapped_column(String(200), default="")
    """What stood in its place at the last look; empty when it was there."""
    failures: Mapped[int] = mapped_column(default=0)
    """Looks in a row that found it gone."""
    dead_since: Mapped[datetime | None]
    """When it was first found gone; empty until a second look has found the same."""
    looked_at: Mapped[datetime | None]
    next_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("(dead_since IS NULL) OR failures > 1", name="dead_at_the_second_look"),
        Index(None, "next_at", "id"),
        {"sqlite_autoincrement": True},
    )
