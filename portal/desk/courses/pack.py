"""The courses that ship with the product: an article with its questions in one file each. S3-8.1.1a

S3-8.1.1b, S3-8.1.1c
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.words import ArticleKind
from portal.desk import library
from portal.desk.courses.planning import plan
from portal.desk.courses.questions import Asked, Choice, Terms, ask, put
from portal.desk.library import Card, Text
from portal.desk.library.pack import not_there, shipped
from portal.desk.notices import LANGUAGES
from portal.desk.permissions import May
from portal.desk.work import Work

FOLDER = Path(__file__).resolve().parents[2] / "sop" / "courses"


async def install(work: Work) -> int:
    """Write every course of the pack of whose name the library has no article; return how many. What is there stays."""
    work.require(May.EDIT_LIBRARY)
    missing = await not_there(work, shipped(FOLDER))
    for slug, path in missing.items():
        await _add(work, slug, tomllib.loads(path.read_text("utf-8")))
    return len(missing)


async def _add(work: Work, slug: str, told: Mapping[str, Any]) -> None:
    spoken = [language for language in LANGUAGES if language in told]
    texts = [Text(one, told[one]["title"], told[one]["body"]) for one in spoken]
    article = await library.add(work, slug, Card(ArticleKind.GUIDE), *texts)
    await put(work, article, 0, Terms(told["pass_mark"], told["tries_a_day"], told["asks"]))
    for language in spoken:
        for one in told[language]["questions"]:
            choices = tuple(
                Choice(words, place in one["right"]) for place, words in enumerate(one["choices"], start=1)
            )
            await ask(work, article, Asked(language, one["words"], choices, one["why"]))
    for one in told["plan"]:
        await plan(work, article, one["role"], one["within_days"], one["every_months"])
