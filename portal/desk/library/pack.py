"""The articles that ship with the product: one file each, written into an empty place once. S0-7

S1-7.2, S2-7.4, S3-14.1.1a
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from models import Article
from models.words import ArticleKind
from portal.desk.library.writing import Card, Text, add
from portal.desk.notices import LANGUAGES
from portal.desk.permissions import May
from portal.desk.work import Work

FOLDER = Path(__file__).resolve().parents[2] / "sop" / "library"


async def install(work: Work) -> int:
    """Write every article of the pack that the library has none of yet; return how many. What is there stays."""
    work.require(May.EDIT_LIBRARY)
    missing = await not_there(work, shipped(FOLDER))
    for slug, path in missing.items():
        await _add(work, slug, path)
    return len(missing)


def shipped(folder: Path) -> dict[str, Path]:
    """The files of a pack by their names, in their order."""
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


async def not_there(work: Work, files: Mapping[str, Path]) -> dict[str, Path]:
    """The files by whose name the library has no article yet, in their order."""
    known = set(await work.session.scalars(select(Article.slug).where(Article.slug.in_(files))))
    return {slug: path for slug, path in files.items() if slug not in known}


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


async def _add(work: Work, slug: str, path: Path) -> None:
    told = _read(path)
    texts = [
        Text(
            language, told[language]["title"], told[language]["body"], tuple(told[language].get("links", ()))
        )
        for language in LANGUAGES
        if language in told
    ]
    card = Card(ArticleKind(told["kind"]), read_by=tuple(told.get("read_by", ())))
    await add(work, slug, card, *texts)
