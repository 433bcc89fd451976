"""What the tests of the pages of the policy share: a draft of Mara's, forms, and what a page says."""

import re
from html import unescape
from typing import Any

import httpx2
import pytest

from models import PolicyVersion
from portal.desk import rulebook
from portal.desk.work import SYSTEM, Desk
from tests.cast import ADA, MARA
from tests.visits import Visitor

URGENT = {
    "part": "targets",
    "to": "answer",
    "kind": "complaint",
    "severity": "urgent",
    "channel": "phone",
    "tier": "",
    "amount": "20",
    "counts": "business-minutes",
    "warn": "50",
    "clause": "S3-3.1.1a",
}
CALENDAR = {"name": "Desk", "zone": "Europe/Berlin", "hours": "Mo-Fr 09:00-17:00", "region": "DE-BE"}
DRAFT = "/policy/versions/2"
SHIPPED = [
    "chat-answer",
    "urgent-answer",
    "urgent-solve",
    "complaint-update",
    "acknowledge",
    "answer",
    "resolve",
]
"""The targets that a fresh desk has, in their order."""


def text_of(answer: httpx2.Response) -> str:
    """What a reader sees of the page's content, in one line."""
    content = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    return said_in(content)


def said_in(content: str) -> str:
    told = " ".join(unescape(re.sub(r"<[^>]+>", " ", content)).split())
    return re.sub(r" ([.,:;?])", r"\1", told)


def mistakes(answer: httpx2.Response) -> list[tuple[str, str]]:
    """The box on top: (field, words)."""
    return [
        (where, unescape(re.sub(r"<[^>]+>", "", words)).strip())
        for where, words in re.findall(r'<a href="#([^"]+)">(.*?)</a>', _box(answer), re.DOTALL)
    ]


def _box(answer: httpx2.Response) -> str:
    found = re.search(r'id="errors".*?</section>', answer.text, re.DOTALL)
    return found[0] if found else ""


async def stored(desk: Desk, version_id: int = 2) -> tuple[dict[str, Any], int]:
    """The document of a version and the number it is at."""
    async with desk.look(SYSTEM) as work:
        row = await work.session.get_one(PolicyVersion, version_id)
        return row.document, row.version


async def keys(desk: Desk, part: str = "targets") -> list[str]:
    return [row["key"] for row in (await stored(desk))[0][part]]


@pytest.fixture
async def mara(desk: Desk, visitor: Visitor) -> httpx2.AsyncClient:
    """Mara, on a desk with its first version, and a draft of hers."""
    async with desk.work(ADA) as work:
        await rulebook.ensure_defaults(work)
    mara = await visitor(MARA)
    begun = await mara.post("/policy/drafts")
    assert (begun.status_code, begun.headers["location"]) == (303, DRAFT)
    return mara
