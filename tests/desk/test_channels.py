"""Which channels are approved, where people are sent otherwise, and from where they came. S0-1.2b, S1-4.1.1, S2-12"""

import pytest
from sqlalchemy import select

from models import ChannelRule, Contact
from models.words import Channel
from portal.desk import channels, intake, orders
from portal.desk.channels import ChannelTerms, Origin
from portal.desk.errors import NotAccepted, NotAllowed, WrongMoment
from portal.desk.work import Actor, Desk
from tests.cast import ADA, CORA, MARA
from tests.shop import DRAFT, stocked


async def begun(desk: Desk, channel: Channel, origin: Origin = channels.NOWHERE) -> Contact:
    async with desk.work(CORA) as work:
        await intake.begin(work, channel, origin=origin)
    async with desk.look(CORA) as work:
        return (await work.session.scalars(select(Contact).order_by(Contact.id.desc()).limit(1))).one()


async def change(desk: Desk, channel: Channel, actor: Actor = MARA, **changes: object) -> None:
    async with desk.work(MARA) as work:
        await channels.ensure_defaults(work)
    async with desk.work(actor) as work:
        row = (await work.session.scalars(select(ChannelRule).where(ChannelRule.channel == channel))).one()
        await channels.change(work, row, row.version, **changes)


async def test_every_channel_has_a_rule_before_anybody_wrote_one(desk: Desk) -> None:
    async with desk.look(CORA) as work:
        found = await channels.rules(work)
    assert {one.channel: (one.approved, one.amendments) for one in found.values()} == {
        channel: (channel is not Channel.SOCIAL, channel is not Channel.SOCIAL) for channel in Channel
    }
    async with desk.work(MARA) as work:
        assert await channels.ensure_defaults(work) == 6
    async with desk.work(MARA) as work:
        assert await channels.ensure_defaults(work) == 0
    async with desk.look(CORA) as work:
        assert await channels.rules(work) == found


async def test_a_contact_keeps_what_held_when_it_began(desk: Desk) -> None:
    early = await begun(desk, Channel.CHAT)
    await change(desk, Channel.CHAT, approved=False, redirect="Please call us.")
    late = await begun(desk, Channel.CHAT)
    assert (early.approved, late.approved, late.status.value) == (True, False, "open")
    channels.refuse_unapproved(early)
    with pytest.raises(WrongMoment, match="No order is taken on this channel"):
        channels.refuse_unapproved(late)


async def test_amendments_have_a_list_of_their_own(desk: Desk) -> None:
    chat = await begun(desk, Channel.CHAT)
    async with desk.look(CORA) as work:
        await channels.refuse_amendments(work, chat)
    await change(desk, Channel.CHAT, amendments=False)
    async with desk.look(CORA) as work:
        channels.refuse_unapproved(chat)
        with pytest.raises(WrongMoment, match="not amended on this channel"):
            await channels.refuse_amendments(work, chat)


@pytest.mark.parametrize(
    ("actor", "changes", "refusal"),
    [
        (CORA, {"approved": False}, NotAllowed),
        (MARA, {"approved": False, "redirect": " "}, NotAccepted),
        (MARA, {"redirect": "x" * 501}, NotAccepted),
        (MARA, {"language": "de"}, NotAccepted),
    ],
)
async def test_a_channel_is_shut_only_with_another_way(
    desk: Desk, actor: Actor, changes: dict[str, object], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await change(desk, Channel.PHONE, actor, **changes)
    await change(desk, Channel.PHONE, ADA, approved=False, redirect="Please write to us.")


@pytest.mark.parametrize(
    ("redirect", "language", "said"),
    [
        ("Call us.", "de", "Call us."),
        ("en: Call us.\nde: Rufen Sie an.", "de", "Rufen Sie an."),
        ("en: Call us.\nde: Rufen Sie an.", "en", "Call us."),
        ("de: Rufen Sie an.", "en", "Rufen Sie an."),
        ("Call us.\n\nde: Rufen Sie an.", "en", "Call us."),
        ("", "en", ""),
    ],
)
def test_people_are_sent_on_in_their_language(redirect: str, language: str, said: str) -> None:
    assert (
        ChannelTerms(Channel.SOCIAL, approved=False, amendments=False, redirect=redirect).sends_to(language)
        == said
    )


@pytest.mark.parametrize(
    ("channel", "spellings"),
    [
        (Channel.PHONE, ["+49 30 1234567", "0049301234567", " +49 (30) 123 45 67"]),
        (Channel.PHONE, ["030 1234567", "030/1234567", "301234567"]),
        (Channel.EMAIL, ["Ana@Example.com", " ana@example.com "]),
        (Channel.SOCIAL, ["@Ana.Example", "ana.example", "ANA.EXAMPLE"]),
    ],
)
def test_one_caller_has_one_spelling(channel: Channel, spellings: list[str]) -> None:
    assert len({channels.normal(channel, one) for one in spellings}) == 1


async def test_where_a_contact_came_from_is_kept_as_people_write_it(desk: Desk) -> None:
    called = await begun(desk, Channel.PHONE, Origin(" +49 (30) 1234567 "))
    wrote = await begun(
        desk, Channel.SOCIAL, Origin("@ana", "Bird site", "https://bird.example.com/ana/status/1")
    )
    assert (called.handle, called.network, called.link) == ("+49301234567", "", "")
    assert (wrote.handle, wrote.network, wrote.link) == (
        "@ana",
        "Bird site",
        "https://bird.example.com/ana/status/1",
    )


@pytest.mark.parametrize(
    ("origin", "field"),
    [
        (Origin("x" * 321), "handle"),
        (Origin("ana", "x" * 61), "network"),
        (Origin("ana", "", "javascript:alert(1)"), "link"),
        (Origin("4111 1111 1111 1111"), "handle"),
    ],
)
async def test_what_is_no_origin_is_refused(desk: Desk, origin: Origin, field: str) -> None:
    async with desk.work(CORA) as work:
        with pytest.raises(NotAccepted) as refused:
            await intake.begin(work, Channel.SOCIAL, origin=origin)
    assert list(refused.value.fields) == [field]


async def test_an_order_on_a_channel_that_was_not_approved_is_refused_whoever_asks(desk: Desk) -> None:
    """S1-4.1.1"""
    await stocked(desk)
    shut = await begun(desk, Channel.SOCIAL)
    async with desk.work(CORA) as work:
        checked = await orders.check(work, DRAFT)
        with pytest.raises(WrongMoment, match="No order is taken on this channel"):
            await orders.place(
                work,
                DRAFT,
                fingerprint=orders.fingerprint(checked),
                contact=await work.session.get_one(Contact, shut.id),
            )
