"""Links that are sent to customers and lead nowhere any more: looked at by a job, flagged where they are offered.

S3-3.1.3b. Nobody is told before a second look an hour later finds the same: a shop may be down for a moment. What
nobody offers any more is forgotten.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, insert, select

from models import Article, ArticleVersion, LinkCheck, Person, Product, ProductLink
from models.words import Role
from portal.desk import audit, notices
from portal.desk.notices import Notice
from portal.desk.permissions import May
from portal.desk.work import Work

BATCH = 50
"""Links that are looked at between two transactions."""
AGAIN, SOON = timedelta(days=1), timedelta(hours=1)
DEAD_AFTER = 2
"""Looks in a row that found it gone."""
_LONGEST = 500

Where = dict[str, list[tuple[str, Person | None]]]
"""For each address where it is offered: the page in the portal, and whose that is."""


async def gather(work: Work) -> None:
    """Watch every link that is offered now, and forget the others."""
    work.require(May.EDIT_LIBRARY)
    offered = set(await _offered(work))
    known = set(await work.session.scalars(select(LinkCheck.address)))
    if gone := known - offered:
        await work.session.execute(
            delete(LinkCheck).where(LinkCheck.address.in_(gone)),
            execution_options={"synchronize_session": False},
        )
    if fresh := sorted(offered - known):
        await work.session.execute(
            insert(LinkCheck), [{"address": one, "next_at": work.now} for one in fresh]
        )


async def due(work: Work) -> list[str]:
    """The addresses that are to be looked at now, the longest due first."""
    work.require(May.EDIT_LIBRARY)
    statement = select(LinkCheck.address).where(LinkCheck.next_at <= work.now)
    return list(await work.session.scalars(statement.order_by(LinkCheck.next_at, LinkCheck.id).limit(BATCH)))


async def note(work: Work, looks: Mapping[str, str]) -> int:
    """Keep what stood at each address: nothing wrong, or what was. Tells whose links are dead now; returns how many."""
    work.require(May.EDIT_LIBRARY)
    found = list(await work.session.scalars(select(LinkCheck).where(LinkCheck.address.in_(list(looks)))))
    died = []
    for one in found:
        one.wrong = looks[one.address][:200]
        one.looked_at = work.now
        if not one.wrong:
            one.failures, one.dead_since, one.next_at = 0, None, work.now + AGAIN
            continue
        one.failures += 1
        one.next_at = work.now + (AGAIN if one.failures >= DEAD_AFTER else SOON)
        if one.failures == DEAD_AFTER:
            one.dead_since = work.now
            died.append(one)
    if died:
        await _tell(work, died)
        await audit.record(work, "tell of dead links")
    return len(died)


async def among(work: Work, addresses: Iterable[str]) -> dict[str, date]:
    """Which of these addresses are dead, and since which day of the reader's. One statement for any number."""
    asked = list(addresses)
    if not asked:
        return {}
    rows = await work.session.execute(
        select(LinkCheck.address, LinkCheck.dead_since).where(
            LinkCheck.address.in_(asked), LinkCheck.dead_since.is_not(None)
        )
    )
    zone = ZoneInfo(work.actor.zone)
    return {address: since.astimezone(zone).date() for address, since in rows if since is not None}


async def _tell(work: Work, died: Iterable[LinkCheck]) -> None:
    """One notice a colleague and page, naming every link on it; of what nobody owns the supervisors hear. S2-7.1"""
    offered = await _offered(work)
    pages: dict[tuple[str, int], list[LinkCheck]] = defaultdict(list)
    people: dict[int, Person] = {}
    for one in died:
        for page, owner in offered.get(one.address, ()):
            to = [owner] if owner and owner.active else await notices.people_in(work, Role.SUPERVISOR)
            for person in to:
                people[person.id] = person
                pages[page, person.id].append(one)
    await notices.write_all(
        work,
        [
            Notice(
                "dead-links",
                people[person_id],
                f"dead-links/{page}/{person_id}/{work.now.isoformat()}",
                facts={
                    "page_link": f"{work.terms.address}{page}",
                    "dead": [(one.address, one.wrong) for one in gone],
                },
            )
            for (page, person_id), gone in pages.items()
        ],
    )


async def _offered(work: Work) -> Where:
    """What the newest versions of the library's articles and the products on sale lead to."""
    found: Where = defaultdict(list)
    newest = select(func.max(ArticleVersion.id)).group_by(ArticleVersion.article_id, ArticleVersion.language)
    articles = await work.session.execute(
        select(Article.slug, Person, ArticleVersion.language, ArticleVersion.links)
        .select_from(ArticleVersion)
        .join(Article, Article.id == ArticleVersion.article_id)
        .outerjoin(Person, Person.id == Article.owner_id)
        .where(ArticleVersion.id.in_(newest), Article.retired_at.is_(None))
    )
    for slug, owner, language, links in articles:
        for one in links:
            found[one.get("address", "")].append((f"/library/{slug}?language={language}", owner))
    products = await work.session.execute(
        select(ProductLink.address, Product.id)
        .join(Product, Product.id == ProductLink.product_id)
        .where(Product.active)
    )
    for address, product_id in products:
        found[address].append((f"/admin/products/details/{product_id}", None))
    return {
        address: places
        for address, places in found.items()
        if address.startswith(("https://", "http://")) and len(address) <= _LONGEST
    }
