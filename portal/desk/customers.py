"""The customers: taken down once, found again by whatever they say, shown masked until they are verified.

S1-4.1.2a, S1-4.2.2, S2-6.4
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any

from sqlalchemy import func, inspect, select
from sqlalchemy.orm import aliased

from models import Customer, Order, SearchToken
from models.words import CustomerKind, PreferredChannel, Tier
from portal.desk import audit, needed, search, tokens
from portal.desk.cards import refuse_card_numbers
from portal.desk.emails import wrong_with
from portal.desk.errors import NotAccepted, NotFound, WrongMoment
from portal.desk.numbers import next_number
from portal.desk.permissions import May
from portal.desk.phones import kept, read_phone
from portal.desk.saving import UNSTORABLE, hold_version
from portal.desk.work import Work

DOTS = "••••"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_LENGTHS = {
    column.key: length
    for column in inspect(Customer).columns
    if (length := getattr(column.type, "length", None)) is not None
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDetails:
    """What a customer tells of themselves. Only a name is asked of everybody; it may be a single word."""

    kind: CustomerKind = CustomerKind.PERSON
    name: str
    organisation: str = ""
    email: str = ""
    phone: str = ""
    preferred_channel: PreferredChannel = PreferredChannel.EMAIL
    language: str = "en"
    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class MaskedCustomer:
    """What is shown of a customer before the caller is verified. Decision 18"""

    id: int
    number: str
    name: str
    organisation: str
    email: str
    phone: str
    place: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A customer already known who may be the same, and by what."""

    customer: Customer
    because: tuple[str, ...]
    """Of `e-mail`, `phone`, `name and post code`."""


DETAILS = tuple(field.name for field in fields(CustomerDetails))


def details_of(customer: Customer) -> CustomerDetails:
    """The details as they are stored."""
    return CustomerDetails(**{name: getattr(customer, name) for name in DETAILS})


def checked(details: CustomerDetails, missing: Mapping[str, str] = MappingProxyType({})) -> CustomerDetails:
    """The details as they will be stored: the phone number in E.164 where it can be read, the rest as given.

    Raises NotAccepted with a message for each field that cannot be taken, or is `missing`. S1-4.1.2a
    """
    found = dict(missing)
    if not details.name.strip():
        found["name"] = "Enter a name. One word is enough."
    details = replace(details, email=details.email.strip(), phone=kept(details.phone, details.country))
    for name in DETAILS:
        value = getattr(details, name)
        longest = _LENGTHS.get(name)
        if longest and len(value) > longest:
            found[name] = f"At most {longest} characters; these are {len(value)}."
        if UNSTORABLE.search(value):
            found[name] = "This holds a sign that cannot be stored. Type it anew."
    if details.email and "email" not in found and (wrong := wrong_with(details.email)):
        found["email"] = f"This is not an e-mail address. {wrong}"
    if not _LANGUAGE.fullmatch(details.language):
        found["language"] = "Choose a language, such as en or de."
    if found:
        raise NotAccepted(**found)
    readable = read_phone(details.phone, details.country) is not None
    refuse_card_numbers(
        **{name: getattr(details, name) for name in DETAILS if name != "phone" or not readable}
    )
    return details


async def ready(work: Work, details: CustomerDetails) -> CustomerDetails:
    """The details of a new customer as they will be stored, with all that this kind of customer has to tell. S1-4.1.2a

    Raises NotAccepted with a message for each field that is missing or cannot be taken.
    """
    return checked(details, await needed.missing(work, details.kind, _given(details)))


def _given(details: CustomerDetails) -> dict[str, str]:
    return {name: str(getattr(details, name)) for name in DETAILS}


async def create(
    work: Work,
    details: CustomerDetails,
    *,
    tier: Tier = Tier.STANDARD,
    source: str | None = None,
    source_id: str | None = None,
) -> Customer:
    """Take a new customer down, with all that is required of this kind. Raises NotAccepted per field. S1-4.1.2a

    One that is brought in from elsewhere, from a `source`, comes with what is known there.
    """
    work.require(May.EDIT_CUSTOMERS)
    taken = await ready(work, details) if source is None else checked(details)
    customer = Customer(
        number=await next_number(work, "customer"),
        tier=tier,
        source=source,
        source_id=source_id,
        created_at=work.now,
        **{name: getattr(taken, name) for name in DETAILS},
    )
    work.session.add(customer)
    await search.index(work, customer)
    await audit.record(work, "create customer", customer)
    return customer


async def change(
    work: Work, customer: Customer, expected_version: int, *, tier: Tier | None = None, **changes: Any
) -> None:
    """Change some of a customer's details, or the tier of the cases to come, as they stood at `expected_version`.

    Raises Conflict when somebody saved meanwhile, NotAccepted with a message per field; also for a detail that is
    required of this kind and would go. What was never known of a customer keeps nobody from changing the rest.
    """
    work.require(May.EDIT_CUSTOMERS)
    await hold_version(work, customer, expected_version, changes | ({"tier": tier} if tier else {}))
    if customer.merged_into_id is not None:
        raise WrongMoment(f"{customer.number} was merged into another record: change that one.")
    if customer.erased_at is not None:
        raise WrongMoment(f"{customer.number} was erased: take the customer down anew.")
    before = details_of(customer)
    after = replace(before, **changes)
    lacked = await needed.missing(work, before.kind, _given(before))
    lacks = await needed.missing(work, after.kind, _given(after))
    taken = checked(after, {name: words for name, words in lacks.items() if name not in lacked})
    customer.tier = tier or customer.tier
    for name in DETAILS:
        if getattr(customer, name) != getattr(taken, name):
            setattr(customer, name, getattr(taken, name))
    await search.index(work, customer)
    await audit.record(work, "change customer", customer)


async def load(work: Work, customer_id: int) -> Customer:
    """The customer with this id. Raises NotFound."""
    work.require(May.SEE_CUSTOMERS)
    customer = await work.session.get(Customer, customer_id)
    if customer is None:
        raise NotFound
    return customer


async def find(work: Work, text: str) -> list[Customer]:
    """Customers found by part of a name, digits of a phone number, an e-mail address or an order number."""
    work.require(May.SEE_CUSTOMERS)
    hits = await search.find(work, text, ("customer", "order"))
    wanted = [hit.id for hit in hits if hit.kind == "customer"]
    if ordered := [hit.id for hit in hits if hit.kind == "order"]:
        who = await work.session.execute(select(Order.id, Order.customer_id).where(Order.id.in_(ordered)))
        by_order = dict(who.all())
        wanted += [found for order in ordered if (found := by_order.get(order)) is not None]
    return await _in_order(work, wanted)


async def _in_order(work: Work, wanted: Iterable[int]) -> list[Customer]:
    """The customers with these ids; for a record that was merged, the one it went to. S2-6.5"""
    ids = list(dict.fromkeys(wanted))
    if not ids:
        return []
    into = aliased(Customer)
    found = await work.session.execute(
        select(Customer.id, into)
        .join(into, into.id == func.coalesce(Customer.merged_into_id, Customer.id))
        .where(Customer.id.in_(ids))
    )
    rows: dict[int, Customer] = dict(found.all())
    return list(dict.fromkeys(rows[one] for one in ids if one in rows))


async def duplicates(work: Work, details: CustomerDetails) -> list[Duplicate]:
    """Customers who may be the same: by e-mail, by phone in any spelling, by name and post code. S2-6.4"""
    work.require(May.SEE_CUSTOMERS)
    phone = kept(details.phone, details.country)
    asked = {
        "e-mail": tokens.of_email(details.email),
        "phone": {tokens.backwards(tokens.digits(phone))} if tokens.digits(phone) else set(),
        "name and post code": tokens.of_home(details.name, details.postal_code),
    }
    because: dict[int, list[str]] = {}
    for reason, wanted in asked.items():
        for found in await _holding(work, wanted):
            because.setdefault(found, []).append(reason)
    national = tokens.digits(phone).lstrip("0")
    if not phone.startswith("+") and len(national) >= tokens.TRUNK_DIGITS:
        # Without a country the number may be the end of an international one.
        for hit in await search.find(work, national, ("customer",)):
            because.setdefault(hit.id, []).append("phone")
    return [
        Duplicate(customer, tuple(dict.fromkeys(because[customer.id])))
        for customer in await _in_order(work, because)
    ]


async def _holding(work: Work, wanted: set[str]) -> list[int]:
    if not wanted:
        return []
    return list(
        await work.session.scalars(
            select(SearchToken.thing_id)
            .where(SearchToken.kind == "customer", SearchToken.token.in_(wanted))
            .order_by(SearchToken.thing_id.desc())
            .limit(search.LIMIT)
        )
    )


def masked_name(name: str) -> str:
    """Enough of a name to recognise whom one knows: `Ana S••••`, of a single word its first letter. S2-2.4"""
    first, *others = name.split() or [""]
    return " ".join([first if others else first[:1] + DOTS, *(word[:1] + DOTS for word in others[-1:])])


def masked(customer: Customer) -> MaskedCustomer:
    """What may be shown of a customer before the caller is verified: `Ana S••••`, `••••67`. S2-1.4, S2-2.4

    S3-14.1.1b
    """
    local, _, domain = customer.email.rpartition("@")
    return MaskedCustomer(
        id=customer.id,
        number=customer.number,
        name=masked_name(customer.name),
        organisation=customer.organisation[:1] + DOTS if customer.organisation else "",
        email=f"{local[:1]}{DOTS}@{domain[:1]}{DOTS}" if customer.email else "",
        phone=f"{DOTS}{customer.phone[-2:]}" if customer.phone else "",
        place=f"{customer.city[:1]}{DOTS}" if customer.city else "",
    )


def from_form(answers: Mapping[str, str]) -> CustomerDetails:
    """The details among the answers of a form. Raises NotAccepted for a channel that is none."""
    given: dict[str, Any] = {name: answers[name] for name in DETAILS if name in answers}
    if "kind" in given:
        given["kind"] = needed.refuse_none(given["kind"])
    if "preferred_channel" in given:
        try:
            given["preferred_channel"] = PreferredChannel(given["preferred_channel"])
        except ValueError:
            raise NotAccepted(preferred_channel="Choose how this customer wants to hear from us.") from None
    return CustomerDetails(**{"name": "", **given})
