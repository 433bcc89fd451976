"""The ways to pay: which of them each channel offers, and with which words. S0-3.5.1b

A row is one way on one channel; managers switch it off and word it without code. Where there is no row the default holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import select

from models import PaymentWay
from models.words import Channel, PaymentMethod
from portal.desk import audit, channels
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted
from portal.desk.permissions import May
from portal.desk.saving import hold_version
from portal.desk.work import Work

REMEMBERED = "ways to pay"
LONGEST_WORDS = 300
WORDS: Mapping[PaymentMethod, Mapping[str, str]] = MappingProxyType(
    {
        PaymentMethod.CASH: {
            "en": "Cash, counted together with the customer.",
            "de": "Bar, gemeinsam mit der Kundin oder dem Kunden gezählt.",
        },
        PaymentMethod.TRANSFER: {
            "en": "Bank transfer that has arrived; the reference stands on the statement.",
            "de": "Überweisung, die angekommen ist; die Referenz steht auf dem Kontoauszug.",
        },
        PaymentMethod.TERMINAL: {
            "en": "Card at the terminal; the reference stands on the slip.",
            "de": "Karte am Terminal; die Referenz steht auf dem Beleg.",
        },
    }
)
"""The words that a way has until somebody writes others."""


def offered_at_first(channel: Channel, method: PaymentMethod) -> bool:
    """Whether a way is offered on a channel until a manager says otherwise: cash changes hands, so only face to face."""
    return method is not PaymentMethod.CASH or channel is Channel.IN_PERSON


@dataclass(frozen=True, slots=True)
class Way:
    """One way to pay on one channel, as it is in force."""

    channel: Channel
    method: PaymentMethod
    offered: bool
    words: Mapping[str, str]

    def told(self, language: str) -> str:
        """Its words in a language; in English where there are none in it."""
        return self.words.get(language) or self.words["en"]


async def ways(work: Work) -> Mapping[tuple[Channel, PaymentMethod], Way]:
    """Read the rows over the defaults; once in a transaction."""
    known: Mapping[tuple[Channel, PaymentMethod], Way] | None = work.remembered.get(REMEMBERED)
    if known is None:
        told = {
            (channel, method): Way(channel, method, offered_at_first(channel, method), WORDS[method])
            for channel in Channel
            for method in PaymentMethod
        }
        for row in await work.session.scalars(select(PaymentWay)):
            words = {"en": row.words_en, "de": row.words_de}
            told[row.channel, row.method] = Way(row.channel, row.method, row.offered, words)
        known = work.remembered[REMEMBERED] = MappingProxyType(told)
    return known


async def offered(work: Work, channel: Channel | None = None) -> list[Way]:
    """The ways that this channel offers, in their order; without one, what any approved channel does, once each.

    An order that is paid later is paid on no channel: money that arrives is recorded however the order came. S0-3.5.1b
    """
    if channel is None:
        approved = {one.channel for one in (await channels.rules(work)).values() if one.approved}
    else:
        approved = {channel}
    found: dict[PaymentMethod, Way] = {}
    for way in (await ways(work)).values():
        if way.offered and way.channel in approved:
            found.setdefault(way.method, way)
    return [found[method] for method in PaymentMethod if method in found]


async def change(work: Work, row: PaymentWay, expected_version: int, **changes: object) -> None:
    """Offer a way to pay on a channel, or not; word it. It holds from the next look at a step on. S0-3.5.1b

    Raises NotAccepted per field: a text in each language is needed, and the last way of an approved channel stays.
    Conflict when somebody saved first.
    """
    work.require(May.EDIT_POLICY)
    # Two who switch off the last two ways of a channel do so one after the other.
    held = select(PaymentWay.id).where(PaymentWay.channel == row.channel).order_by(PaymentWay.id)
    await work.session.execute(held.with_for_update())
    await hold_version(work, row, expected_version, changes)
    for field in changes.keys() - {"offered", "words_en", "words_de"}:
        raise NotAccepted.of({field: "This cannot be changed here."})
    work.remembered.pop(REMEMBERED, None)
    others = [one for one in await offered(work, row.channel) if one.method is not row.method]
    approved = (await channels.rule_of(work, row.channel)).approved
    for field, value in changes.items():
        setattr(row, field, value.strip() if isinstance(value, str) else value)
    refused: dict[str, str] = {}
    for field, language in (("words_en", "English"), ("words_de", "German")):
        words = getattr(row, field)
        if not words:
            refused[field] = f"Write it in {language}."
        elif len(words) > LONGEST_WORDS:
            refused[field] = f"At most {LONGEST_WORDS} characters."
    if approved and not row.offered and not others:
        refused["offered"] = "Orders are taken on this channel: one way to pay has to stay."
    if refused:
        raise NotAccepted.of(refused)
    work.remembered.pop(REMEMBERED, None)
    refuse_card_numbers(words_en=row.words_en, words_de=row.words_de)
    await audit.record(work, "change way to pay", row)


async def ensure_defaults(work: Work) -> int:
    """Write the row of every way to pay that has none yet; return how many."""
    work.require(May.EDIT_POLICY)
    known = {
        (channel, method)
        for channel, method in await work.session.execute(select(PaymentWay.channel, PaymentWay.method))
    }
    added = [
        PaymentWay(
            channel=channel,
            method=method,
            offered=offered_at_first(channel, method),
            words_en=WORDS[method]["en"],
            words_de=WORDS[method]["de"],
        )
        for channel in Channel
        for method in PaymentMethod
        if (channel, method) not in known
    ]
    if added:
        work.session.add_all(added)
        work.remembered.pop(REMEMBERED, None)
        await audit.record(work, "write default ways to pay")
    return len(added)
