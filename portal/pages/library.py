"""The library: finding an article, reading it in any of its versions, and writing the next one. S2-7.1, S0-7"""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from models import Article
from models.words import ArticleKind
from portal.desk import courses, dead_links, library
from portal.desk.errors import Conflict, NotAccepted, NotFound
from portal.desk.library import Card, Opened, Text
from portal.desk.notices import LANGUAGES
from portal.desk.permissions import May
from portal.desk.plain_numbers import number_in
from portal.desk.work import Work
from portal.forms import NOTHING_REFUSED, Refused, Typed, answer_form
from portal.showing import word
from portal.web import Visit, chosen

NAMES = {"en": "English", "de": "Deutsch"}
READERS = {f"read_by_{role.value}": role for role in library.READERS}
"""The ticks of the form, one a role that can be asked."""
FIELDS = (
    "slug", "kind", "language", "title", "body", "links", "note", "owner", "product", "valid_until",
    *READERS, "read_within_days", "says_the_same",
)  # fmt: skip


async def index(visit: Visit) -> Response:
    """One box and what is in force; those who write the library may see what ran out too. S1-7.2"""
    text, everything = visit.asked("q").strip(), visit.asked("show") == "all"
    async with visit.look() as work:
        found = await library.listed(work, text, everything=everything)
        day = library.today(work)
    return visit.page(
        "library/_found.html" if visit.is_htmx else "library/index.html",
        q=text,
        everything=everything,
        found=[(leaf, leaf.state(day)) for leaf in found],
    )


async def show(visit: Visit) -> Response:
    """An article in the version in force, or in the one that was cited."""
    return await detail(visit)


async def detail(visit: Visit, refused: Refused = NOTHING_REFUSED) -> Response:
    """The page of one article; after a refused form with what was typed and what is wrong with it."""
    async with visit.look() as work:
        opened = await _opened(work, visit)
        standing = await library.standing(work, opened)
        course = await courses.offered(work, opened.article) if opened.leaf.number == opened.newest else None
        dead = await dead_links.among(work, [one["address"] for one in opened.leaf.links])
        day = library.today(work)
    return visit.page(
        "library/show.html",
        article=opened.article,
        leaf=opened.leaf,
        opened=opened,
        standing=standing,
        course=course,
        dead=dead,
        state=opened.leaf.state(day),
        names=NAMES,
        **refused.facts(),
    )


async def _opened(work: Work, visit: Visit) -> Opened:
    told = visit.asked("version")
    number = number_in(told)
    if told and number is None:
        raise NotFound("There is no such version.")
    return await library.opened(work, visit.text("slug"), language=visit.asked("language"), number=number)


async def new(visit: Visit) -> Response:
    """An empty form."""
    typed = {"language": LANGUAGES[0], "kind": ArticleKind.ARTICLE.value}
    return await _form(visit, None, {**typed, "read_within_days": str(Card().read_within_days)})


async def add(visit: Visit) -> Response:
    """Take a new article into the library."""
    typed = await _typed(visit)
    try:
        async with visit.work() as work:
            card, text = await _read(work, typed)
            article = await library.add(work, typed["slug"].strip(), card, text)
    except NotAccepted as refused:
        return await _form(visit, None, typed, errors=refused.fields)
    return visit.go(f"/library/{article.slug}", "Written. It is offered from now on.")


async def edit(visit: Visit) -> Response:
    """The newest version in one language, to write the next one."""
    language = visit.asked("language")
    async with visit.look() as work:
        opened = await library.opened(work, visit.text("slug"), language=language)
    leaf, article = opened.leaf, opened.article
    fresh = bool(language) and language in LANGUAGES and leaf.language != language
    typed = {
        "version": str(article.version),
        "kind": article.kind.value,
        "language": language if fresh else leaf.language,
        "title": leaf.title,
        "body": leaf.body,
        "links": "\n".join(f"{one['title']} | {one['address']}" for one in leaf.links),
        "owner": str(article.owner_id or ""),
        "product": article.product.sku if article.product else "",
        "valid_until": article.valid_until.isoformat() if article.valid_until else "",
        "read_within_days": str(article.read_within_days),
        **{name: "yes" for name, role in READERS.items() if role.value in article.read_by},
    }
    return await _form(visit, article, typed)


async def write(visit: Visit) -> Response:
    """Publish the next version; the second of two authors is shown both texts and loses none."""
    typed, slug = await _typed(visit), visit.text("slug")
    try:
        async with visit.work() as work:
            card, text = await _read(work, typed)
            article = await library.load(work, slug)
            await library.write_version(work, article, _version(typed), text, card)
    except NotAccepted as refused:
        return await _again(visit, typed, errors=refused.fields)
    except Conflict as error:
        return await _again(visit, typed, conflict=error)
    return visit.go(f"/library/{slug}?language={text.language}", "Written. Earlier versions stay readable.")


async def extend(visit: Visit) -> Response:
    """Say that it still holds."""

    async def do(work: Work, typed: Typed) -> str:
        article = await library.load(work, visit.text("slug"))
        told = typed.get("valid_until", "").strip()
        await library.extend(work, article, _version(typed), _day(told))
        return f"/library/{article.slug}"

    return await answer_form(visit, "extension", do, detail, "It holds on.")


async def retire(visit: Visit) -> Response:
    """Take it out of use."""

    async def do(work: Work, typed: Typed) -> str:
        article = await library.load(work, visit.text("slug"))
        await library.retire(work, article, _version(typed), typed.get("reason", ""))
        return "/library"

    return await answer_form(visit, "retirement", do, detail, "Retired. Cases that cite it still show it.")


async def _again(
    visit: Visit,
    typed: dict[str, str],
    *,
    errors: dict[str, str] | None = None,
    conflict: Conflict | None = None,
) -> Response:
    async with visit.look() as work:
        article = await library.load(work, visit.text("slug"))
    if conflict is not None:  # sent again, it is laid over the version that was just shown
        typed["version"] = str(article.version)
    return await _form(visit, article, typed, errors=errors, conflict=conflict)


async def _form(
    visit: Visit,
    article: Article | None,
    typed: dict[str, str],
    *,
    errors: dict[str, str] | None = None,
    conflict: Conflict | None = None,
) -> Response:
    async with visit.look() as work:
        owners = await library.owners(work)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return visit.page(
        "library/edit.html",
        status=HTTPStatus.CONFLICT if conflict else status,
        article=article,
        typed=dict.fromkeys(FIELDS, "") | typed,
        errors=errors or {},
        conflict=conflict,
        kinds=[(one.value, word(one)) for one in ArticleKind],
        languages=[(one, NAMES[one]) for one in LANGUAGES],
        readers=[(name, word(role)) for name, role in READERS.items()],
        owners=[(str(one.id), one.name) for one in owners],
    )


async def _typed(visit: Visit) -> dict[str, str]:
    form = await visit.form()
    return {name: chosen(form, name) for name in (*FIELDS, "version")}


async def _read(work: Work, typed: dict[str, str]) -> tuple[Card, Text]:
    """Read the form. Raises NotAccepted for what cannot be read."""
    work.require(May.EDIT_LIBRARY)
    owner = typed["owner"]
    if typed["kind"] not in {one.value for one in ArticleKind}:
        raise NotAccepted(kind="Choose what it is.")
    owner_id = number_in(owner)
    if owner and owner_id is None:
        raise NotAccepted(owner="Choose a colleague who is here.")
    card = Card(
        kind=ArticleKind(typed["kind"]),
        owner_id=owner_id,
        product_id=await library.product_of(work, typed["product"]),
        valid_until=_day(typed["valid_until"]),
        read_by=tuple(role.value for name, role in READERS.items() if typed[name] == "yes"),
        read_within_days=number_in(typed["read_within_days"]) or 0
        if typed["read_within_days"]
        else Card().read_within_days,
    )
    links = library.read_links(typed["links"])
    same = typed["says_the_same"] == "yes"
    return card, Text(typed["language"], typed["title"], typed["body"], links, typed["note"], same)


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise NotAccepted(valid_until="Enter a day such as 2026-03-14, or leave it empty.") from error


def _version(typed: Any) -> int:
    return number_in(typed.get("version", "")) or 0
