"""Customers. Personal details are masked for everybody who has to verify a caller first. Decision 18"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import defer
from wtforms import Form, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from admin_views import columns as c
from admin_views import forms
from admin_views.base import DeskView, Panel
from admin_views.filters import Days
from models import Case, Customer, Order
from models.words import CustomerKind, PreferredChannel, Tier
from portal.desk import customers, rows
from portal.desk.customers import masked_name
from portal.desk.fields.purposes import PURPOSES
from portal.desk.permissions import May
from portal.desk.work import Work

LATEST = 10
"""Orders and cases shown on a customer's page."""


class CustomerForm(Form):  # type: ignore[misc]  # WTForms has no types
    kind = forms.choice(
        "Kind of customer",
        CustomerKind,
        validate_choice=False,  # one that is not sent stays
        description="What has to be known of a new one follows from it.",
    )
    name = StringField(
        "Name", [InputRequired("A customer needs a name."), Length(max=300)], description=PURPOSES["name"]
    )
    organisation = StringField("Organisation", [Length(max=300)], description=PURPOSES["organisation"])
    email = StringField("E-mail", [Length(max=320)], description=PURPOSES["email"])
    phone = StringField("Phone", [Length(max=64)], description=PURPOSES["phone"])
    preferred_channel = forms.choice(
        "Wants to hear from us by", PreferredChannel, description=PURPOSES["preferred_channel"]
    )
    tier = forms.choice(
        "Tier",
        Tier,
        validate_choice=False,  # one that is not sent stays
        description="Cases that are opened from now on take it, and the policy may ask for it.",
    )
    language = StringField(
        "Language",
        [Length(max=12)],
        description=f"{PURPOSES['language']} Two letters, such as en or de.",
        default="en",
    )
    street = TextAreaField("Street", description=f"{PURPOSES['street']} Everything above the town.")
    city = StringField("Town", [Length(max=200)], description=PURPOSES["city"])
    region = StringField("Region", [Length(max=200)], description=PURPOSES["region"])
    postal_code = StringField("Post code", [Length(max=40)], description=PURPOSES["postal_code"])
    country = StringField("Country", [Length(max=100)], description=PURPOSES["country"])
    note = TextAreaField("Note", description=PURPOSES["note"])


class CustomerView(DeskView, model=Customer):
    """Who orders and asks."""

    address, title, thing = "customers", "Customers", "customer"
    told = "Who orders and asks."
    see = May.SEE_CUSTOMERS
    edit = create = (May.EDIT_CUSTOMERS, May.SEE_TEAM)
    order = ("created_at", True)
    columns = (
        c.text("number", "Number"),
        c.masked("name", "Name", unless=May.SEE_TEAM, how=masked_name, sort=True),
        c.masked("organisation", "Organisation", unless=May.SEE_TEAM, how=c.first_sign),
        c.masked("email", "E-mail", unless=May.SEE_TEAM),
        c.masked("phone", "Phone", unless=May.SEE_TEAM),
        c.masked("city", "Town", unless=May.SEE_TEAM, how=c.first_sign, sort=True),
        c.word("preferred_channel", "By"),
        c.moment("created_at", "Since", sort=True),
    )
    facts = (
        (
            "Who",
            (
                *columns[:3],
                c.word("kind", "Kind of customer"),
                c.word("tier", "Tier"),
                c.text("language", "Language"),
                c.moment("created_at", "Since"),
            ),
        ),
        (
            "How to reach them",
            (
                *columns[3:5],
                c.word("preferred_channel", "Wants to hear by"),
                c.masked("street", "Street", unless=May.SEE_TEAM),
                c.masked("postal_code", "Post code", unless=May.SEE_TEAM),
                c.masked("city", "Town", unless=May.SEE_TEAM, how=c.first_sign),
                c.text("region", "Region"),
                c.text("country", "Country"),
            ),
        ),
        (
            "What we may and must know",
            (
                c.moment("marketing_consent_at", "Agreed to offers"),
                c.moment("research_consent_at", "Agreed to surveys"),
                c.moment("no_surveys_at", "Wants no surveys since"),
                c.moment("locked_until", "Locked until"),
                c.long_text("note", "Note", full=True),
            ),
        ),
    )
    filters = (Days("since", "Since", Customer.created_at),)
    loads = (defer(Customer.note, raiseload=True), defer(Customer.street, raiseload=True))
    finds = {"customer": Customer.id}
    finds_by = "name, phone, e-mail or number"
    empty = "No customer is known yet. The first call makes the first one."
    form = CustomerForm
    form_columns = [
        "kind", "name", "organisation", "email", "phone", "preferred_channel", "tier", "language",
        "street", "city", "region", "postal_code", "country", "note",
    ]  # fmt: skip

    def name_of(self, row: Any) -> str:
        """The number: it stands in the head of the page, whoever looks. Decision 18"""
        return str(row.number)

    async def panels(self, work: Work, row: Any) -> list[Panel]:
        """The customer's newest orders and cases, as far as the person may see them."""
        found: list[Panel] = []
        if work.may(May.SEE_ORDERS):
            statement = select(Order).where(Order.customer_id == row.id).order_by(Order.placed_at.desc())
            orders = await work.session.scalars(rows.narrowed(work.actor, Order, statement).limit(LATEST))
            found.append(
                Panel(
                    title="Newest orders",
                    columns=(
                        c.made_link("number", "Order", "orders"),
                        c.chip("status", "State"),
                        c.money("total_minor", "Total"),
                        c.moment("placed_at", "Placed"),
                    ),
                    rows=orders.all(),
                    empty="No orders yet.",
                    to=f"/admin/orders/list?search={row.number}",
                    more="All orders",
                )
            )
        if work.may(May.SEE_CASES):
            statement_ = select(Case).where(Case.customer_id == row.id).order_by(Case.opened_at.desc())
            cases = await work.session.scalars(rows.narrowed(work.actor, Case, statement_).limit(LATEST))
            found.append(
                Panel(
                    title="Newest cases",
                    columns=(
                        c.made_link("number", "Case", "cases"),
                        c.word("kind", "Kind"),
                        c.chip("status", "State"),
                        c.text("subject", "About"),
                        c.moment("opened_at", "Opened"),
                    ),
                    rows=cases.all(),
                    empty="No cases.",
                    to=f"/admin/cases/list?search={row.number}",
                    more="All cases",
                )
            )
        return found

    async def make(self, work: Work, data: dict[str, Any]) -> Any:
        tier = data.pop("tier", None) or Tier.STANDARD
        data["kind"] = data.get("kind") or CustomerKind.PERSON
        return await customers.create(work, customers.CustomerDetails(**data), tier=tier)

    async def amend(self, work: Work, row: Any, version: int, data: dict[str, Any]) -> None:
        await customers.change(work, row, version, **data)
