"""What belongs to a product after it was sold: serial numbers and links. S4-5, S3-3.1.3b"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import DateField, Form, StringField
from wtforms.validators import InputRequired, Length, Optional

from admin_views import columns as c
from admin_views import forms
from admin_views.base import DeskView, post_action
from models import Customer, Product, ProductLink, Serial
from models.words import LinkKind
from portal.desk import product_links, rows, warranty
from portal.desk.errors import NotAccepted
from portal.desk.permissions import May
from portal.desk.work import Work

_PRODUCT = "Choose a product of the list."


async def _row(work: Work, model: type[Any], key: Any) -> Any:
    """A row of a lookup that this person may see; None where there is none."""
    if not key or abs(key) > forms.LARGEST:
        return None
    return await work.session.scalar(
        rows.narrowed(work.actor, model, select(model).where(model.id == int(key)))
    )


async def _product(work: Work, key: Any) -> Product:
    found: Product | None = await _row(work, Product, key)
    if found is None:
        raise NotAccepted(product=_PRODUCT)
    return found


async def _tell(form: Form, work: Work, **models: type[Any]) -> None:
    """Name what the lookups of a form hold."""
    for name, model in models.items():
        found = await _row(work, model, form[name].data)
        form[name].told = str(found) if found else ""


class SerialForm(Form):  # type: ignore[misc]  # WTForms has no types
    product = forms.LookupField("Product", [InputRequired(_PRODUCT)])
    customer = forms.LookupField("Customer", [Optional()])
    purchased_on = DateField("Purchased on", [Optional()])


class NewSerialForm(SerialForm):
    number = StringField(
        "Serial number",
        [InputRequired("A piece needs its serial number."), Length(max=80)],
        description="Spaces and dashes do not matter.",
    )


class SerialView(DeskView, model=Serial):
    """Pieces that were sold. Whoever takes calls sees of a piece only what is its caller's own. S4-5.4"""

    address, title, thing, group = "serials", "Serial numbers", "serial number", "Sales"
    told = "Pieces that were sold, with their product, customer and day of purchase."
    see = May.SEE_TEAM
    edit = create = (May.EDIT_CUSTOMERS,)
    columns = (
        c.text("number", "Serial number"),
        c.link("product.name", "Product", to="products", allow=May.SEE_PRODUCTS),
        c.customer(),
        c.day("purchased_on", "Purchased on"),
        c.moment("registered_at", "Registered"),
    )
    loads = detail_loads = (
        joinedload(Serial.product).load_only(Product.id, Product.sku, Product.name),
        joinedload(Serial.customer).load_only(Customer.id, Customer.number, Customer.name),
    )
    finds = {"customer": Serial.customer_id, "product": Serial.product_id}
    exact = (Serial.number,)
    finds_by = "serial number without dashes, customer or product"
    empty = "No piece has been registered yet."
    form = SerialForm
    new_form = NewSerialForm
    form_columns = ["product", "customer", "purchased_on", "number"]

    @classmethod
    def lookups(cls) -> dict[str, type[Any]]:
        return {"product": Product, "customer": Customer}

    def name_of(self, row: Any) -> str:
        return str(row.number)

    def typed(self, row: Any) -> dict[str, Any]:
        return {"product": row.product_id, "customer": row.customer_id, "purchased_on": row.purchased_on}

    async def prepare(self, form: Form, work: Work) -> None:
        await _tell(form, work, product=Product, customer=Customer)

    async def _customer(self, work: Work, key: Any) -> Customer | None:
        found: Customer | None = await _row(work, Customer, key)
        if key and found is None:
            raise NotAccepted(customer="Choose a customer of the list.")
        return found

    async def make(self, work: Work, data: dict[str, Any]) -> Any:
        return await warranty.register(
            work,
            data["number"],
            await _product(work, data["product"]),
            customer=await self._customer(work, data.get("customer")),
            purchased_on=data.get("purchased_on"),
        )

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        customer = await self._customer(work, data.get("customer"))
        changes: dict[str, Any] = {
            "product_id": (await _product(work, data["product"])).id,
            "customer_id": customer.id if customer else None,
            "purchased_on": data.get("purchased_on"),
        }
        sent = {"product_id": "product", "customer_id": "customer", "purchased_on": "purchased_on"}
        kept = {name: value for name, value in changes.items() if sent[name] in data}
        try:
            await warranty.change(work, row, version, **kept)
        except NotAccepted as refused:
            told = {**sent, "order_line_id": "product"}
            raise NotAccepted.of(
                {told.get(name, name): words for name, words in refused.fields.items()}
            ) from None


class ProductLinkForm(Form):  # type: ignore[misc]  # WTForms has no types
    product = forms.LookupField("Product", [InputRequired(_PRODUCT)])
    kind = forms.choice("Kind", LinkKind)
    title = StringField("Title", [InputRequired("A link needs a title."), Length(max=200)])
    address = StringField(
        "Address",
        [InputRequired("A link needs an address."), Length(max=500)],
        description="Such as https://…",
    )


class ProductLinkView(DeskView, model=ProductLink):
    """Pages, guides, and questions and answers that a representative can send. S3-3.1.3b"""

    address, title, thing, group = "product-links", "Product links", "link", "Sales"
    told = "What can be sent to a customer about a product: its page, its guide, questions and answers."
    see = May.SEE_PRODUCTS
    edit = create = (May.EDIT_PRODUCTS,)
    columns = (
        c.text("title", "Title"),
        c.link("product.name", "Product", to="products", allow=May.SEE_PRODUCTS),
        c.word("kind", "Kind"),
        c.text("address", "Address"),
    )
    loads = detail_loads = (joinedload(ProductLink.product).load_only(Product.id, Product.sku, Product.name),)
    finds = {"product": ProductLink.product_id}
    finds_by = "code or name of the product"
    empty = "No product has a link yet."
    form = ProductLinkForm
    form_columns = ["product", "kind", "title", "address"]

    @classmethod
    def lookups(cls) -> dict[str, type[Any]]:
        return {"product": Product}

    def name_of(self, row: Any) -> str:
        return str(row.title)

    def typed(self, row: Any) -> dict[str, Any]:
        return {"product": row.product_id, "kind": row.kind, "title": row.title, "address": row.address}

    async def prepare(self, form: Form, work: Work) -> None:
        await _tell(form, work, product=Product)

    async def make(self, work: Work, data: dict[str, Any]) -> Any:
        product = await _product(work, data["product"])
        return await product_links.add(work, product.id, data["kind"], data["title"], data["address"])

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        if data.get("product", row.product_id) != row.product_id:
            raise NotAccepted(product="The product stays; make a new link for another one.")
        link = await product_links.load(work, row.id)
        told = {name: data.get(name, getattr(link, name)) for name in ("kind", "title", "address")}
        await product_links.change(work, link, **told)

    @post_action(
        "remove", "Offer it no longer", allow=May.EDIT_PRODUCTS, done="no longer offered", icon="x", gone=True
    )
    async def remove(self, work: Work, row: ProductLink, _reason: str) -> None:
        await product_links.remove(work, await product_links.load(work, row.id))
