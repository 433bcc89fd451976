"""The articles that ship with the product: one file each, written into an empty place once. S0-7

S1-7.2, S2-7.4, S3-14.1.1a
"""

from __future__ import annotations

import tomllib
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
    shipped = {path.stem: path for path in sorted(FOLDER.glob("*.toml"))}
    known = set(await work.session.scalars(select(Article.slug).where(Article.slug.in_(shipped))))
    missing = [slug for slug in shipped if slug not in known]
    for slug in missing:
        await _add(work, slug, shipped[slug])
    return len(missing)


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
