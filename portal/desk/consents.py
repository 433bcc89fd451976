"""What customers agreed to beyond their orders: by purpose, in which words, when and how; and taking it back.

What an order, an account or an open case needs is written without any of it (S4-3.2); offers and research are not.
The last that a customer said holds. S4-3.1, S4-3.4
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from models import Consent, ConsentWording, Contact, Customer
from models.words import ConsentPurpose, ConsentSource, MessageStatus
from portal.desk import audit, links, messages, notices
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotFound, WrongMoment
from portal.desk.links import Purpose
from portal.desk.permissions import May
from portal.desk.plain_numbers import number_in
from portal.desk.saving import hold, storable
from portal.desk.work import Terms, Work

OFFER = "offer"
"""The letter that only those get who agreed to offers."""
LONGEST = 1000
FIELDS = tuple(f"{what}_{purpose.value}" for purpose in ConsentPurpose for what in ("agrees", "wording"))
"""What a form asks for: whether the customer agrees to each purpose, and which words were on it."""
SINCE = {
    ConsentPurpose.MARKETING: Customer.marketing_consent_at,
    ConsentPurpose.RESEARCH: Customer.research_consent_at,
}
"""Since when a customer agrees to each purpose, on the customer's own row; None while they do not."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One purpose on a customer: since when they agree, and the words they would be asked in now."""

    purpose: ConsentPurpose
    agreed: Consent | None
    wording: ConsentWording
    words: str
    """Those they agreed to, or would be asked in, in their language."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One purpose with all its words, the newest first, and how many agree."""

    purpose: ConsentPurpose
    wordings: list[ConsentWording]
    agree: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer sees behind the link: to what they agree, in their language."""

    language: str
    agreed: tuple[ConsentPurpose, ...]


async def wordings(work: Work) -> dict[ConsentPurpose, ConsentWording]:
    """The words of each purpose that are said now."""
    newest = select(func.max(ConsentWording.id)).group_by(ConsentWording.purpose).scalar_subquery()
    found = await work.session.scalars(select(ConsentWording).where(ConsentWording.id.in_(newest)))
    return {row.purpose: row for row in found}


def words_in(wording: ConsentWording, language: str) -> str:
    """The words as they are said in a language."""
    return wording.words_de if language == "de" else wording.words_en


async def reword(work: Work, purpose: ConsentPurpose, words_en: str, words_de: str) -> ConsentWording:
    """Ask for a purpose in other words from now on; who agreed before agreed to the words of then. S4-3.1

    Raises NotAccepted per field.
    """
    work.require(May.SEND_OFFERS)
    told = {"words_en": storable(words_en).strip(), "words_de": storable(words_de).strip()}
    wrong = {name: "Write what the customer agrees to." for name, words in told.items() if not words}
    wrong |= {
        name: f"At most {LONGEST} characters; these are {len(words)}."
        for name, words in told.items()
        if len(words) > LONGEST
    }
    if wrong:
        raise NotAccepted.of(wrong)
    refuse_card_numbers(**told)
    last = await work.session.scalar(
        select(func.max(ConsentWording.number)).where(ConsentWording.purpose == purpose)
    )
    row = ConsentWording(
        purpose=purpose,
        number=(last or 0) + 1,
        written_by_id=work.actor.person_id,
        written_at=work.now,
        **told,
    )
    work.session.add(row)
    await audit.record(work, "reword consent", row)
    return row


async def asked(work: Work) -> list[Asked]:
    """Every purpose with its words of now and before, and how many customers agree."""
    work.require(May.SEND_OFFERS)
    rows = list(await work.session.scalars(select(ConsentWording).order_by(ConsentWording.id.desc())))
    counts = (
        await work.session.execute(
            select(*(func.count(SINCE[purpose]) for purpose in ConsentPurpose)).where(
                Customer.merged_into_id.is_(None)
            )
        )
    ).one()
    return [
        Asked(purpose, [row for row in rows if row.purpose is purpose], agree)
        for purpose, agree in zip(ConsentPurpose, counts, strict=True)
    ]


async def standing(work: Work, customer: Customer) -> list[Standing]:
    """To what a customer agrees, with when and how, and the words for the rest."""
    last = (
        select(func.max(Consent.id))
        .where(Consent.customer_id == customer.id)
        .group_by(Consent.purpose)
        .scalar_subquery()
    )
    found = await work.session.scalars(
        select(Consent)
        .where(Consent.id.in_(last), Consent.agreed)
        .options(joinedload(Consent.wording), joinedload(Consent.noted_by))
    )
    agreed, said = {row.purpose: row for row in found}, await wordings(work)
    found_of = []
    for purpose in ConsentPurpose:
        held = agreed.get(purpose)
        wording = held.wording if held and held.wording else said[purpose]
        words = words_in(wording, notices.language_of(customer))
        found_of.append(Standing(purpose, held, said[purpose], words))
    return found_of


async def agree(
    work: Work,
    customer: Customer,
    purpose: ConsentPurpose,
    wording_id: int | None,
    contact: Contact | None = None,
) -> None:
    """Note that a customer agreed to a purpose, in the words with this number that were just said. S4-3.1, S4-3.4

    Raises NotAccepted when other words are said by now, WrongMoment for a record that is another's. Twice changes nothing.
    """
    work.require(May.EDIT_CUSTOMERS)
    await hold(work, customer)
    _refuse_gone(customer)
    said = (await wordings(work))[purpose]
    if said.id != wording_id:
        told = "The words for this have changed meanwhile. Read the new ones out and ask again."
        raise NotAccepted.of({f"agrees_{purpose.value}": told})
    if _since(customer, purpose) is not None:
        return
    _set(work, customer, purpose, agreed=True)
    source = ConsentSource.CONTACT if contact else ConsentSource.COLLEAGUE
    await _write(work, customer, purpose, said, source, contact)


async def withdraw(work: Work, customer: Customer, purpose: ConsentPurpose) -> None:
    """Note that a customer takes their consent back: nothing goes out on it any more. Twice changes nothing. S4-3.1"""
    work.require(May.EDIT_CUSTOMERS)
    await _withdraw(work, customer, purpose, ConsentSource.COLLEAGUE)


def link(terms: Terms, customer_id: int) -> str:
    """The address where a customer takes back what they agreed to; it does not expire."""
    return f"{terms.address}/consents/{links.token(terms, Purpose.CONSENTS, customer_id)}"


async def behind(work: Work, token: str) -> Wish:
    """What stands behind a link. Changes nothing: a mail scanner may look. Raises NotFound."""
    customer = await _whose(work, token)
    agreed = tuple(purpose for purpose in ConsentPurpose if _since(customer, purpose) is not None)
    return Wish(notices.language_of(customer), agreed)


async def withdraw_by_link(work: Work, token: str) -> None:
    """Take everything back that the customer behind a link agreed to. S4-3.1 Raises NotFound."""
    customer = await _whose(work, token)
    for purpose in ConsentPurpose:
        await _withdraw(work, customer, purpose, ConsentSource.LINK)


async def _whose(work: Work, token: str) -> Customer:
    number = links.number(work.terms, Purpose.CONSENTS, token)
    customer = await work.session.get(Customer, number)
    if customer is not None and customer.merged_into_id is not None:
        customer = await work.session.get(Customer, customer.merged_into_id)
    if customer is None:
        raise NotFound("This link is not one of ours, or part of it is missing.")
    return customer


async def _withdraw(work: Work, customer: Customer, purpose: ConsentPurpose, source: ConsentSource) -> None:
    await hold(work, customer)
    if _since(customer, purpose) is None:
        return
    _set(work, customer, purpose, agreed=False)
    if purpose is ConsentPurpose.MARKETING:
        await messages.hold_back(work, customer, OFFER, MessageStatus.QUEUED, MessageStatus.DEAD)
    await _write(work, customer, purpose, None, source, None)


async def _write(
    work: Work,
    customer: Customer,
    purpose: ConsentPurpose,
    wording: ConsentWording | None,
    source: ConsentSource,
    contact: Contact | None,
) -> None:
    row = Consent(
        customer_id=customer.id,
        purpose=purpose,
        agreed=wording is not None,
        wording_id=wording.id if wording else None,
        source=source,
        contact_id=contact.id if contact else None,
        noted_by_id=work.actor.person_id,
        at=work.now,
    )
    work.session.add(row)
    await audit.record(work, "agree to consent" if wording else "withdraw consent", customer)


def _refuse_gone(customer: Customer) -> None:
    if customer.erased_at is not None:
        raise WrongMoment(f"{customer.number} was erased.")
    if customer.merged_into_id is not None:
        raise WrongMoment(f"{customer.number} was merged into another record: ask there.")


def _since(customer: Customer, purpose: ConsentPurpose) -> object:
    return getattr(customer, SINCE[purpose].key)


def _set(work: Work, customer: Customer, purpose: ConsentPurpose, *, agreed: bool) -> None:
    setattr(customer, SINCE[purpose].key, work.now if agreed else None)


def ticked(typed: Mapping[str, str]) -> Sequence[tuple[ConsentPurpose, int | None]]:
    """The purposes that were ticked on a form with `FIELDS`, each with the words that were on it."""
    return [
        (purpose, number_in(typed.get(f"wording_{purpose.value}", "")))
        for purpose in ConsentPurpose
        if typed.get(f"agrees_{purpose.value}") == "yes"
    ]
