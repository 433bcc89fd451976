"""A product's page, guide, and questions and answers: what can be sent to a customer about it. S3-3.1.3b"""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy import select

from models import Product, ProductLink
from models.words import LinkKind
from portal.desk import audit
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotFound
from portal.desk.permissions import May
from portal.desk.work import Work

LONGEST_TITLE, LONGEST_ADDRESS = 200, 500


async def of(work: Work, product_id: int) -> list[ProductLink]:
    """The links of a product, oldest first."""
    work.require(May.SEE_PRODUCTS)
    found = select(ProductLink).where(ProductLink.product_id == product_id).order_by(ProductLink.id)
    return list(await work.session.scalars(found))


async def load(work: Work, link_id: int) -> ProductLink:
    """The link with this id. Raises NotFound."""
    work.require(May.SEE_PRODUCTS)
    link = await work.session.get(ProductLink, link_id)
    if link is None:
        raise NotFound
    return link


async def add(work: Work, product_id: int, kind: LinkKind, title: str, address: str) -> ProductLink:
    """Give a product a link. Raises NotAccepted for no web address, one it has already, or no title. S3-3.1.3b"""
    work.require(May.EDIT_PRODUCTS)
    link = ProductLink(product_id=product_id, kind=kind, title=title.strip(), address=address.strip())
    await _refuse(work, link)
    work.session.add(link)
    await audit.record(work, "add product link", link)
    return link


async def change(work: Work, link: ProductLink, *, kind: LinkKind, title: str, address: str) -> None:
    """Correct a link. Raises NotAccepted as `add` does."""
    work.require(May.EDIT_PRODUCTS)
    with work.session.no_autoflush:
        link.kind, link.title, link.address = kind, title.strip(), address.strip()
        await _refuse(work, link)
    await audit.record(work, "change product link", link)


async def remove(work: Work, link: ProductLink) -> None:
    """Offer a link no longer; the audit entry keeps what it was."""
    work.require(May.EDIT_PRODUCTS)
    told = {"kind": [link.kind.value, None], "title": [link.title, None], "address": [link.address, None]}
    await work.session.delete(link)
    await audit.record(work, "remove product link", link, changes={f"product_links/{link.id}": told})


async def _refuse(work: Work, link: ProductLink) -> None:
    found: dict[str, str] = {}
    if not link.title or len(link.title) > LONGEST_TITLE:
        found["title"] = f"Between 1 and {LONGEST_TITLE} characters."
    if not _is_web_address(link.address):
        found["address"] = "Write an address that begins with https:// or http://."
    if await work.session.scalar(select(Product.id).where(Product.id == link.product_id)) is None:
        found["product"] = "Choose a product of the list."
    same = select(ProductLink.id).where(
        ProductLink.product_id == link.product_id, ProductLink.address == link.address
    )
    if not found and (await work.session.scalar(same)) not in {None, link.id}:
        found["address"] = "The product has this link already."
    if found:
        raise NotAccepted.of(found)
    refuse_card_numbers(title=link.title)


def _is_web_address(address: str) -> bool:
    if len(address) > LONGEST_ADDRESS or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
