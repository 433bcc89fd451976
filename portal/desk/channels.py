"""The channels: which are approved, where people are sent otherwise, and from where a contact came on them.

S0-1.2b, S1-4.1.1, S1-4.6.1, S2-12.1, S2-12.4
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import func, select

from models import ChannelRule, Contact, OwnChannel, PaymentWay
from models.words import Channel, PaymentMethod
from portal.desk import audit, tokens
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.matrix import OWN_CHANNEL
from portal.desk.permissions import May
from portal.desk.phones import read_phone
from portal.desk.saving import hold_version, storable
from portal.desk.work import Work

REMEMBERED, REMEMBERED_OWN = "channel rules", "own channels"
LONGEST_NAME = 40
LONGEST_REDIRECT = 500
_NAME = re.compile(r"[^\W_][^\n,:_<>]{0,39}")
_LANGUAGE = re.compile(r"^([a-z]{2}):\s*(.+)$")


@dataclass(frozen=True, slots=True)
class ChannelTerms:
    """How one channel may be used, as it is in force."""

    channel: Channel
    approved: bool
    amendments: bool
    """Whether orders may be amended and cancelled on it."""
    redirect: str
    """Where people are sent who come by it though it is not approved: a line a language, such as `de: …`."""
    own: str = ""
    """Its name, where it is one of the desk's own that behaves like `channel`. S0-1.2b"""

    @property
    def called(self) -> str:
        """The channel as it is called."""
        return self.own or self.channel.value

    def sends_to(self, language: str) -> str:
        """Where people are sent, in their language; else in the first that is written."""
        plain, told = [], {}
        for line in filter(None, map(str.strip, self.redirect.splitlines())):
            named = _LANGUAGE.match(line)
            if named:
                told[named[1]] = named[2]
            else:
                plain.append(line)
        return told.get(language) or "\n".join(plain) or next(iter(told.values()), "")


WRITE_TO_US = (
    "en: Please write us an e-mail or call us: there we can look into your account safely.\n"
    "de: Bitte schreiben Sie uns eine E-Mail oder rufen Sie uns an: Dort können wir Ihr Anliegen geschützt bearbeiten."
)
DEFAULTS: Mapping[Channel, ChannelTerms] = MappingProxyType(
    {
        channel: ChannelTerms(
            channel,
            channel is not Channel.SOCIAL,
            channel is not Channel.SOCIAL,
            WRITE_TO_US if channel is Channel.SOCIAL else "",
        )
        for channel in Channel
    }
)
"""Social media are read by everybody: what a customer orders or changes is not taken there. S1-4.1.1"""


async def rules(work: Work) -> Mapping[Channel, ChannelTerms]:
    """Read the rows over the defaults; once in a transaction."""
    known: Mapping[Channel, ChannelTerms] | None = work.remembered.get(REMEMBERED)
    if known is None:
        told = dict(DEFAULTS)
        for row in await work.session.scalars(select(ChannelRule)):
            told[row.channel] = ChannelTerms(row.channel, row.approved, row.amendments, row.redirect)
        known = work.remembered[REMEMBERED] = MappingProxyType(told)
    return known


async def own(work: Work) -> Sequence[ChannelTerms]:
    """The desk's own channels that are on the list, by name; once in a transaction. S0-1.2b"""
    known: Sequence[ChannelTerms] | None = work.remembered.get(REMEMBERED_OWN)
    if known is None:
        rows = await work.session.scalars(
            select(OwnChannel).where(OwnChannel.active).order_by(OwnChannel.name)
        )
        known = work.remembered[REMEMBERED_OWN] = [
            ChannelTerms(one.behaves_like, one.approved, one.amendments, one.redirect, one.name)
            for one in rows
        ]
    return known


async def rule_of(work: Work, channel: Channel, own_channel: str = "") -> ChannelTerms:
    """How this channel may be used now. One of the desk's own that is off the list is as what it behaves like."""
    if own_channel:
        found = next((one for one in await own(work) if one.own == own_channel), None)
        if found is not None:
            return found
    return (await rules(work))[channel]


async def chosen(work: Work, told: str) -> ChannelTerms | None:
    """The channel that somebody chose, a usual one or `own:Letter`; None for what is on neither list."""
    if told.startswith(OWN_CHANNEL):
        return next((one for one in await own(work) if one.own == told.removeprefix(OWN_CHANNEL)), None)
    return (await rules(work))[Channel(told)] if told in set(map(str, Channel)) else None


def refuse_unapproved(contact: Contact) -> None:
    """Raise WrongMoment in a contact whose channel was not approved when it began. S1-4.1.1"""
    if not contact.approved:
        raise WrongMoment(
            "No order is taken on this channel. Send the customer to one that is approved; the contact is kept."
        )


async def refuse_amendments(work: Work, contact: Contact) -> None:
    """Raise WrongMoment where orders may be neither amended nor cancelled. S1-4.6.1"""
    if not contact.approved or not (await rule_of(work, contact.channel, contact.own_channel)).amendments:
        raise WrongMoment(
            "Orders are not amended on this channel. Send the customer to one that is approved; the contact is kept."
        )


def normal(channel: Channel, handle: str) -> str:
    """A number, address or name in the one spelling that is compared: E.164, or without case, marks and spaces."""
    told = handle.strip()
    if channel is Channel.PHONE:
        return read_phone(told) or tokens.digits(told).lstrip("0")
    return "".join(tokens.plain(told).split()).removeprefix("@")


def written(channel: Channel, handle: str) -> str:
    """A number, address or name as it is kept: a telephone number in E.164 where it can be read, else as given."""
    told = " ".join(storable(handle).split())
    return (read_phone(told) or told) if channel is Channel.PHONE else told


@dataclass(frozen=True, slots=True)
class Origin:
    """From where a contact came: a number, an address or a name; on social media the network and a link, too."""

    handle: str = ""
    network: str = ""
    link: str = ""

    def checked(self, channel: Channel) -> Origin:
        """The same as it is kept. Raises NotAccepted per field. S2-12.1, S2-12.4"""
        kept = Origin(
            written(channel, self.handle),
            " ".join(storable(self.network).split()),
            storable(self.link).strip(),
        )
        found: dict[str, str] = {}
        for name, longest in _LENGTHS.items():
            value = getattr(kept, name)
            if len(value) > longest:
                found[name] = f"At most {longest} characters; these are {len(value)}."
        if kept.link and not re.match(r"https?://[^\s/]+", kept.link):
            found["link"] = "A link begins with https://."
        if found:
            raise NotAccepted.of(found)
        readable = channel is Channel.PHONE and read_phone(kept.handle) is not None
        refuse_card_numbers(handle="" if readable else kept.handle, network=kept.network, link=kept.link)
        return kept


NOWHERE = Origin()
_LENGTHS = {
    name: getattr(Contact.__table__.c[name].type, "length", 0) for name in Origin.__dataclass_fields__
}


async def change(work: Work, rule: ChannelRule, expected_version: int, **changes: object) -> None:
    """Approve a channel, or not; say where people are sent. Contacts that have begun keep what held then. S0-1.2b

    Raises NotAccepted per field, Conflict when somebody saved first.
    """
    work.require(May.EDIT_POLICY)
    await hold_version(work, rule, expected_version, changes)
    for field in changes.keys() - {"approved", "amendments", "redirect"}:
        raise NotAccepted.of({field: "This cannot be changed here."})
    for field, value in changes.items():
        setattr(rule, field, value)
    if len(rule.redirect) > LONGEST_REDIRECT:
        raise NotAccepted(redirect=f"At most {LONGEST_REDIRECT} characters.")
    if not rule.approved and not rule.redirect.strip():
        raise NotAccepted(redirect="Say where people are sent who come by a channel that is not approved.")
    if rule.approved and await _nobody_can_pay(work, rule.channel):
        raise NotAccepted(approved="No way to pay is offered on this channel. Offer one first.")
    work.remembered.pop(REMEMBERED, None)
    await audit.record(work, "change channel", rule)


async def _nobody_can_pay(work: Work, channel: Channel) -> bool:
    """Whether every way to pay is switched off on a channel; one that nobody wrote down is offered. S0-3.5.1b"""
    off = PaymentWay.channel == channel, PaymentWay.offered.is_(False)
    return await work.session.scalar(select(func.count()).where(*off)) == len(PaymentMethod)


async def ensure_defaults(work: Work) -> int:
    """Write the rule of every channel that has none yet; return how many."""
    work.require(May.EDIT_POLICY)
    known = set(await work.session.scalars(select(ChannelRule.channel)))
    added = [
        ChannelRule(
            channel=one.channel, approved=one.approved, amendments=one.amendments, redirect=one.redirect
        )
        for one in DEFAULTS.values()
        if one.channel not in known
    ]
    if added:
        work.session.add_all(added)
        work.remembered.pop(REMEMBERED, None)
        await audit.record(work, "write default channels")
    return len(added)


async def add_own(
    work: Work,
    *,
    name: str,
    name_de: str,
    behaves_like: Channel,
    approved: bool,
    amendments: bool,
    redirect: str,
) -> OwnChannel:
    """Put a channel of the desk's own on the list. Raises NotAccepted per field, also for a name there is. S0-1.2b"""
    work.require(May.EDIT_POLICY)
    called = " ".join(storable(name).split())
    told = _read_own(called, name_de, redirect, approved=approved)
    usual = {word.casefold() for one in Channel for word in (one.value, one.value.replace("_", " "))}
    taken = await work.session.scalars(select(OwnChannel.name))
    if called.casefold() in usual | {one.casefold() for one in taken}:
        raise NotAccepted(name="There is a channel of this name.")
    row = OwnChannel(
        name=called, behaves_like=behaves_like, approved=approved, amendments=amendments, active=True, **told
    )
    work.session.add(row)
    work.remembered.pop(REMEMBERED_OWN, None)
    await work.session.flush()
    await audit.record(work, "add channel", row)
    return row


async def change_own(
    work: Work,
    row: OwnChannel,
    expected_version: int,
    *,
    name_de: str,
    approved: bool,
    amendments: bool,
    redirect: str,
    active: bool,
) -> None:
    """Approve a channel of the desk's own, or take it off the list: contacts go on saying it. S0-1.2b

    Its name and what it behaves like stay. Raises NotAccepted per field, Conflict when somebody saved first.
    """
    work.require(May.EDIT_POLICY)
    told = _read_own(row.name, name_de, redirect, approved=approved)
    changes = {**told, "approved": approved, "amendments": amendments, "active": active}
    await hold_version(work, row, expected_version, changes)
    for field, value in changes.items():
        setattr(row, field, value)
    work.remembered.pop(REMEMBERED_OWN, None)
    await audit.record(work, "change channel", row)


def _read_own(name: str, name_de: str, redirect: str, *, approved: bool) -> dict[str, str]:
    told = {"name_de": " ".join(storable(name_de).split()), "redirect": storable(redirect).strip()}
    refused: dict[str, str] = {}
    if not _NAME.fullmatch(name):
        refused["name"] = (
            f"A name of at most {LONGEST_NAME} characters that begins with a letter or digit, such as Letter."
        )
    if len(told["name_de"]) > LONGEST_NAME:
        refused["name_de"] = f"At most {LONGEST_NAME} characters."
    if len(told["redirect"]) > LONGEST_REDIRECT:
        refused["redirect"] = f"At most {LONGEST_REDIRECT} characters."
    elif not approved and not told["redirect"]:
        refused["redirect"] = "Say where people are sent who come by a channel that is not approved."
    if refused:
        raise NotAccepted.of(refused)
    refuse_card_numbers(name=name, **told)
    return told
