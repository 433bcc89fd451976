"""Price lists and what stands on them, and what holds for every order. S1-4.2.1b, S1-4.4.1a, S1-4.3.2a"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import BooleanField, DateField, Form, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from admin_views import columns as c
from admin_views import forms
from admin_views.base import DeskView
from admin_views.filters import YesNo
from models import ListPrice, OrderRules, PriceList, Product
from models.words import CustomerKind, Tier
from portal import showing
from portal.desk import money, order_rules, pricing, rows
from portal.desk.errors import NotAccepted
from portal.desk.fields.counting import LATEST, SOONEST
from portal.desk.permissions import May
from portal.desk.work import Actor, Work


def _some_or_all(label: str, words: type[StrEnum]) -> SelectField:
    return SelectField(
        label,
        choices=[("", "All"), *((one.value, showing.word(one)) for one in words)],
        coerce=lambda value: words(value) if value else None,
    )


class PriceListForm(Form):  # type: ignore[misc]  # WTForms has no types
    name = StringField("Name", [InputRequired("A list needs a name."), Length(max=pricing.LONGEST_NAME)])
    kind = _some_or_all("For customers of the kind", CustomerKind)
    tier = _some_or_all("And of the tier", Tier)
    active = BooleanField("In use", default=True)


class PriceListView(DeskView, model=PriceList):
    """Lists by kind and tier of customers: the one that says more of whom it is for comes first."""

    address, title, thing, group = "price-lists", "Price lists", "price list", "Sales"
    told = "Prices for some customers, or for all of them; whatever stands on none costs what the catalogue says."
    see = May.SEE_PRODUCTS
    edit = create = (May.EDIT_PRODUCTS,)
    order = ("id", False)
    columns = (
        c.text("name", "Name"),
        c.made("kind", "Kind of customer", lambda row: showing.word(row.kind) if row.kind else "All"),
        c.made("tier", "Tier", lambda row: showing.word(row.tier) if row.tier else "All"),
        c.yes_no("active", "In use"),
    )
    filters = (YesNo("active", "In use", PriceList.active.is_(True)),)
    begins = (PriceList.name,)
    finds_by = "name"
    empty = "No list yet: everybody pays what the catalogue says."
    form = PriceListForm
    form_columns = ["name", "kind", "tier", "active"]

    def ways(self, row: Any, actor: Actor) -> list[tuple[str, str]]:
        if not actor.may(May.EDIT_PRODUCTS):
            return []
        return [(f"/admin/list-prices/create?list={row.id}", "Add a price")]

    async def make(self, work: Work, data: dict[str, Any]) -> Any:
        return await pricing.add_list(work, **data)

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        await pricing.change_list(work, row, version, **data)


class ListPriceForm(Form):  # type: ignore[misc]  # WTForms has no types
    list = forms.LookupField("Price list", [InputRequired("Choose a price list.")])
    product = forms.LookupField("Product", [InputRequired("Choose a product.")])
    price = StringField(
        "Price of one",
        [InputRequired("Say what one costs.")],
        description="Such as 12.50, in the product’s currency.",
    )
    valid_from = DateField("First day", [InputRequired("Choose the first day.")])
    valid_until = DateField("Last day", [Optional()], description="Empty: until further notice.")


class ListPriceView(DeskView, model=ListPrice):
    """What a product costs on a list, from the first day to the last on your own clock."""

    address, title, thing, group = "list-prices", "List prices", "list price", "Sales"
    told = "What products cost on the price lists, and when. Orders keep the price they were placed at."
    see = May.SEE_PRODUCTS
    edit = create = (May.EDIT_PRODUCTS,)
    order = ("id", True)
    columns = (
        c.link("list.name", "Price list", to="price-lists", allow=May.SEE_PRODUCTS),
        c.link("product.name", "Product", to="products", allow=May.SEE_PRODUCTS),
        c.made(
            "price", "Price", lambda row: showing.money(row.price_minor, row.product.currency), number=True
        ),
        c.moment("valid_from", "From"),
        c.moment("valid_until", "Until"),
    )
    loads = detail_loads = (
        joinedload(ListPrice.list).load_only(PriceList.id, PriceList.name),
        joinedload(ListPrice.product).load_only(Product.id, Product.sku, Product.name, Product.currency),
    )
    finds = {"product": ListPrice.product_id}
    finds_by = "product"
    empty = "No price stands on any list."
    form = ListPriceForm
    form_columns = ["list", "product", "price", "valid_from", "valid_until"]

    @classmethod
    def lookups(cls) -> dict[str, type[Any]]:
        return {"list": PriceList, "product": Product}

    def name_of(self, row: Any) -> str:
        return f"{row.product.name}, {row.list.name}"

    def typed(self, row: Any) -> dict[str, Any]:
        return {
            "list": row.list_id,
            "product": row.product_id,
            "price": money.in_words(row.price_minor, row.product.currency).split()[0],
            "valid_from": row.valid_from,
            "valid_until": row.valid_until,
        }

    async def prepare(self, form: Form, work: Work) -> None:
        for name, model in self.lookups().items():
            found = await _row(work, model, form[name].data)
            form[name].told = str(found) if found else ""
        zone = ZoneInfo(work.actor.zone)  # a moment of the table becomes a day on the reader's own clock
        if isinstance(form.valid_from.data, datetime):
            form.valid_from.data = form.valid_from.data.astimezone(zone).date()
        if isinstance(form.valid_until.data, datetime):
            form.valid_until.data = (
                (form.valid_until.data - timedelta(microseconds=1)).astimezone(zone).date()
            )

    async def make(self, work: Work, data: dict[str, Any]) -> Any:
        on, product = await self._of(work, data)
        with _named():
            return await pricing.add_price(work, on, product, **_read(work, data, product.currency))

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        on, product = await self._of(work, {"list": row.list_id, "product": row.product_id, **data})
        if (on.id, product.id) != (row.list_id, row.product_id):
            raise NotAccepted(product="List and product stay; make a new price for others.")
        with _named():
            await pricing.change_price(work, row, version, **_read(work, data, product.currency))

    async def _of(self, work: Work, data: dict[str, Any]) -> tuple[PriceList, Product]:
        on, product = await _row(work, PriceList, data["list"]), await _row(work, Product, data["product"])
        found = {"list": "Choose a price list of the list."} if on is None else {}
        if product is None:
            found["product"] = "Choose a product of the list."
        if found or on is None or product is None:
            raise NotAccepted.of(found)
        return on, product


async def _row(work: Work, model: type[Any], key: Any) -> Any:
    """A row of a lookup that this person may see; None where there is none."""
    if not key or abs(key) > forms.LARGEST:
        return None
    return await work.session.scalar(
        rows.narrowed(work.actor, model, select(model).where(model.id == int(key)))
    )


class OrderRulesForm(Form):  # type: ignore[misc]  # WTForms has no types
    tax = StringField(
        "Tax that prices include, in percent",
        [Length(max=10)],
        description="Such as 19; empty: none. A product can have a rate of its own.",
    )
    second_above_minor = IntegerField(
        "A second person checks orders above",
        [Optional()],
        description="In minor units of the desk's currency: 500000 is 5,000.00; empty: none.",
    )


class OrderRulesView(DeskView, model=OrderRules):
    """What holds for every order from now on. Orders keep what held when they were placed. S1-4.4.1a"""

    address, title, thing, group = "order-rules", "Order rules", "rule", "Policy"
    told = "What holds for every order: the tax that prices include, and above which sum a second person checks it."
    see = May.SEE_POLICY
    edit = (May.EDIT_POLICY,)
    order = ("id", False)
    columns = (
        c.made("tax_bp", "Tax in prices", lambda row: money.percent_or(row.tax_bp, "none")),
        c.number("second_above_minor", "Second person above, in minor units"),
    )
    form = OrderRulesForm
    form_columns = ["tax", "second_above_minor"]

    def name_of(self, row: Any) -> str:
        return "Every order"

    def typed(self, row: Any) -> dict[str, Any]:
        tax = money.percent_or(row.tax_bp).removesuffix(" %")
        return {"tax": tax, "second_above_minor": row.second_above_minor}

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        changes = {name: value for name, value in data.items() if name != "tax"}
        if "tax" in data:
            changes["tax_bp"] = forms.share(data["tax"], "tax")
        await order_rules.change(work, row, version, **changes)


def _read(work: Work, data: dict[str, Any], currency: str) -> dict[str, Any]:
    """The fields as the deed takes them: minor units, and moments at the beginning of days. Raises NotAccepted."""
    read: dict[str, Any] = {}
    if "price" in data:
        amount = money.read_amount(data["price"] or "", currency)
        if amount is None:
            raise NotAccepted(price=f"Write an amount in {currency} such as 12.50.")
        read["price_minor"] = amount
    zone = ZoneInfo(work.actor.zone)
    far = {
        name: f"A day from {SOONEST} to {LATEST - 1}."
        for name in ("valid_from", "valid_until")
        if data.get(name) and not SOONEST <= data[name].year < LATEST
    }
    if far:
        raise NotAccepted.of(far)
    if data.get("valid_from"):
        read["valid_from"] = _begins(data["valid_from"], zone)
    if "valid_until" in data:
        last: date | None = data["valid_until"]
        read["valid_until"] = _begins(last + timedelta(days=1), zone) if last else None
    return read


def _begins(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


@contextmanager
def _named() -> Iterator[None]:
    """What the deed refuses, under the names of the form."""
    try:
        yield
    except NotAccepted as refused:
        raise NotAccepted.of(
            {"price" if name == "price_minor" else name: told for name, told in refused.fields.items()}
        ) from None
