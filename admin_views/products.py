"""The catalogue and the stock room."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, Form, IntegerField, StringField
from wtforms.validators import InputRequired, Length, Optional

from admin_views import columns as c
from admin_views import forms
from admin_views.base import DeskView, Panel
from admin_views.filters import Saved, YesNo
from models import Product
from portal.desk import dead_links, money, product_links, products, stock
from portal.desk.errors import NotAccepted
from portal.desk.permissions import May
from portal.desk.work import Actor, Work
from portal.showing import day

LOW = 5
"""Units left from which a product is shown as nearly gone."""


class ProductForm(Form):  # type: ignore[misc]  # WTForms has no types
    sku = StringField("Code", [InputRequired("A product needs a code."), Length(max=60)])
    name = StringField("Name", [InputRequired("A product needs a name."), Length(max=300)])
    category = StringField("Category", [Length(max=120)])
    unit = StringField("Sold by the", [Length(max=60)], default="piece")
    pack_size = IntegerField(
        "Units in a pack", [Optional()], default=1, description="Only whole packs are sold."
    )
    least_quantity = IntegerField("Fewest units sold at once", [Optional()], default=1)
    price = StringField(
        "Price of one", [InputRequired("A product needs a price.")], description="Such as 12.50."
    )
    currency = StringField(
        "Currency", [Length(max=3)], description="Three letters; empty for the house's own."
    )
    tax = StringField(
        "Tax in its price, in percent",
        [Length(max=10)],
        description="Such as 19 or 7.5; empty for the rate of the house.",
    )
    warranty_months = IntegerField(
        "Months of warranty", [Optional()], description="From the purchase; empty where nobody has said."
    )
    shelf = StringField(
        "Shelf",
        [Length(max=40)],
        description="Where it is taken from, such as B-04; stands on the pick list.",
    )
    active = BooleanField("On sale", default=True)
    on_hand = IntegerField(
        "Units in the stock room", [Optional()], description="Empty where stock is not counted."
    )
    because = StringField("Why the count changes", [Length(max=500)], description="Only when it does.")


class ProductView(DeskView, model=Product):
    """Prices change here for orders to come; an order keeps the price it was placed at."""

    address, title, thing, group = "products", "Products", "product", "Sales"
    told = "The catalogue: codes, prices and what is left in the stock room."
    see = May.SEE_PRODUCTS
    edit = create = (May.EDIT_PRODUCTS,)
    order = ("name", False)
    columns = (
        c.text("sku", "Code"),
        c.text("name", "Name", sort=True),
        c.text("category", "Category", sort=True),
        c.money("price_minor", "Price", sort=True),
        c.text("unit", "Unit"),
        c.number("on_hand", "On hand"),
        c.number("reserved", "Reserved"),
        c.number("waiting", "Waited for"),
        c.number("available", "Left"),
        c.yes_no("active", "On sale"),
    )
    facts = (
        (
            "Product",
            (
                *columns[:5],
                c.number("pack_size", "Units in a pack"),
                c.number("least_quantity", "Fewest at once"),
                c.made(
                    "tax_bp", "Tax in its price", lambda row: money.percent_or(row.tax_bp, "as the house")
                ),
                c.number("warranty_months", "Months of warranty"),
                c.text("shelf", "Shelf"),
            ),
        ),
        ("Stock", columns[5:]),
        (
            "Where it comes from",
            (
                c.text("source", "Source"),
                c.text("source_id", "Its id there"),
                c.moment("created_at", "Since"),
            ),
        ),
    )
    filters = (YesNo("active", "On sale", Product.active.is_(True)),)
    saved = (
        Saved(
            "low",
            "Nearly gone",
            lambda _: Product.on_hand - Product.reserved - Product.waiting <= LOW,
            needs=May.EDIT_PRODUCTS,
        ),
    )
    finds = {"product": Product.id}
    finds_by = "code, name or category"
    empty = "Nothing is on sale yet."
    form = ProductForm
    form_columns = [
        "sku",
        "name",
        "category",
        "unit",
        "pack_size",
        "least_quantity",
        "price",
        "currency",
        "tax",
        "warranty_months",
        "shelf",
        "active",
        "on_hand",
        "because",
    ]

    def typed(self, row: Any) -> dict[str, Any]:
        shown = {
            name: getattr(row, name)
            for name in (
                "sku",
                "name",
                "category",
                "unit",
                "pack_size",
                "least_quantity",
                "currency",
                "warranty_months",
                "shelf",
                "active",
                "on_hand",
            )
        }
        tax = money.percent_or(row.tax_bp).removesuffix(" %")
        return {**shown, "tax": tax, "price": money.in_words(row.price_minor, row.currency).split()[0]}

    def ways(self, row: Any, actor: Actor) -> list[tuple[str, str]]:
        if not actor.may(May.EDIT_PRODUCTS):
            return []
        return [
            (f"/admin/product-links/create?product={row.id}", "Add a link"),
            (f"/admin/list-prices/create?product={row.id}", "Add a list price"),
        ]

    async def panels(self, work: Work, row: Any) -> list[Panel]:
        """What can be sent to a customer about it. S3-3.1.3b"""
        links = await product_links.of(work, row.id)
        dead = await dead_links.among(work, [one.address for one in links])
        return [
            Panel(
                title="Links",
                columns=(
                    c.made_link("title", "Title", "product-links"),
                    c.word("kind", "Kind"),
                    c.text("address", "Address"),
                    c.made("dead_since", "Leads nowhere since", lambda link: day(dead.get(link.address))),
                ),
                rows=links,
                empty="No page, guide or questions and answers yet.",
            )
        ]

    async def make(self, work: Work, data: dict[str, Any]) -> Any:
        on_hand, _ = data.pop("on_hand", None), data.pop("because", "")
        currency = (data.get("currency") or work.terms.currency).upper()
        details = _priced(data, currency)
        return await products.create(work, products.ProductDetails(**details), on_hand=on_hand)

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        counted, because = "on_hand" in data, data.pop("because", "")
        on_hand = data.pop("on_hand", None)
        details = _priced(data, (data.get("currency") or row.currency).upper())
        await products.change(work, row, version, **details)
        if counted and on_hand != row.on_hand:
            try:
                await stock.count(work, row, on_hand, because)
            except NotAccepted as refused:
                raise NotAccepted.of(
                    {"because" if name == "reason" else name: told for name, told in refused.fields.items()}
                ) from None


def _priced(data: dict[str, Any], currency: str) -> dict[str, Any]:
    """The fields with the price in minor units. Raises NotAccepted for what is no exact amount."""
    taken = {**data, "currency": currency}
    for name in ("pack_size", "least_quantity"):
        if name in taken and taken[name] is None:
            taken[name] = 1
    if "tax" in taken:
        taken["tax_bp"] = forms.share(taken.pop("tax"), "tax")
    if "price" in taken:
        amount = money.read_amount(taken.pop("price"), currency) if _is_currency(currency) else None
        if amount is None:
            raise NotAccepted(price=f"Write an amount in {currency} such as 12.50.")
        if amount >= 2**31:
            raise NotAccepted(price="That is more than one unit can cost here.")
        taken["price_minor"] = amount
    return taken


def _is_currency(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isalpha()  # noqa: PLR2004 - ISO 4217 has three letters
