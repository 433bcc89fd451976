"""What the law of a region wants said: shown for the customer's country, ticked, kept as evidence. S3-10.2.1"""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models import Announcement, ContactAnswer, Customer
from models.words import Channel
from portal.desk import announcements, audit
from portal.desk.errors import NotAccepted, NotAllowed
from portal.desk.scripts import linting
from portal.desk.scripts.pack import pack
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ANA, CORA, MARA, Clock
from tests.visits import Visitor
from tests.wizard import Walk, known

GERMANS = "This call is recorded if you agree."
OTHERS = "Calls may be recorded."


async def written(
    desk: Desk, country: str, words: str, *, since: date, channel: Channel | None = None
) -> str:
    async with desk.work(MARA) as work:
        row = await announcements.add(
            work, country=country, channel=channel, words_en=words, words_de=f"DE: {words}", valid_from=since
        )
        return announcements.key_of(row)


async def in_germany(desk: Desk) -> None:
    async with desk.work(SYSTEM) as work:
        ana = await work.session.get_one(Customer, ANA)
        ana.country = "Deutschland"
        await audit.record(work, "move customer", ana)


@pytest.mark.parametrize(
    ("country", "channel", "key"),
    [
        ("Germany", Channel.PHONE, "DE-4"),
        ("DE", Channel.CHAT, "DE-7"),
        ("", Channel.PHONE, "any-2"),
        ("Neverland", Channel.CHAT, "any-2"),
        ("FR", Channel.PHONE, "any-2"),
    ],
)
def test_the_nearest_text_is_owed_and_of_two_the_later(country: str, channel: Channel, key: str) -> None:
    rows = ":2026-01-01:1,:2026-01-05:2,DE:2026-01-01:3,DE:phone:2026-02-01:4,DE:phone:2026-01-09:5,DE:2026-03-01:7"
    told = ",".join(one if one.count(":") == 3 else one.replace(":", "::", 1) for one in rows.split(","))
    assert announcements.owed(told, country, channel) == key
    assert announcements.owed(None, country, channel) == ""


async def test_who_is_known_later_hears_the_words_of_their_country_before_the_contact_is_closed(
    desk: Desk, visitor: Visitor, clock: Clock
) -> None:
    await known(desk)
    await in_germany(desk)
    today = clock.now.date()
    others = await written(desk, "", OTHERS, since=today)
    germans = await written(desk, "Germany", GERMANS, since=today, channel=Channel.PHONE)
    await written(desk, "DE", "Nobody is told this yet.", since=today + timedelta(days=1))
    walk = await Walk(await visitor(CORA)).begin()
    assert (OTHERS in walk.text, GERMANS in walk.text) == (True, False)
    await walk.send(greeted="yes")
    assert (walk.at, "Say these words first, then tick this." in walk.text) == ("greet", True)
    await walk.send(greeted="yes", said_by_law=germans)
    assert (walk.at, "The words are others by now" in walk.text) == ("greet", True)
    await walk.send(greeted="yes", said_by_law=others)
    await walk.send(choice=str(ANA))
    assert "Other words have to be said: those for the customer’s country." in walk.text
    await walk.send(postcode="10115", email="ana@example.com")
    await walk.send(situation="inquiry")
    await walk.open("summary")
    await walk.send(summary="She thinks it over.", understood="yes")
    ended = {"anything_else": "asked", "satisfied": "yes", "outcome": "no_order"}
    await walk.send(**ended)
    undone = "Why were these not done: "
    assert (walk.at, "Say why these steps were not done." in walk.text) == ("close", True)
    assert walk.text.partition(undone)[2].startswith("Greet, ")
    await walk.open("greet")
    assert (OTHERS in walk.text, GERMANS in walk.text) == (False, True)
    await walk.send(greeted="yes", said_by_law=germans)
    await walk.open("close")
    assert (undone in walk.text, f"{undone}Greet" in walk.text) == (True, False)
    await walk.send(**ended, undone="She hung up.")
    async with desk.look(SYSTEM) as work:
        kept = select(ContactAnswer.value).where(ContactAnswer.field == "said_by_law")
        assert list(await work.session.scalars(kept)) == [germans]
        assert await announcements.words_of(work, germans, "de") == f"DE: {GERMANS}"


async def test_on_another_channel_and_with_no_text_nothing_is_asked(
    desk: Desk, visitor: Visitor, clock: Clock
) -> None:
    await written(desk, "", OTHERS, since=clock.now.date(), channel=Channel.PHONE)
    walk = await Walk(await visitor(CORA)).begin("email")
    assert OTHERS not in walk.text
    await walk.send(greeted="yes")
    assert walk.at == "who"


async def test_what_is_said_already_is_never_reworded(desk: Desk, clock: Clock) -> None:
    today = clock.now.date()
    await written(desk, "DE", GERMANS, since=today)

    async def change(actor: Actor = MARA, **changes: Any) -> None:
        async with desk.work(actor) as work:
            row = (await work.session.scalars(select(Announcement))).one()
            told = {"words_en": row.words_en, "words_de": row.words_de, "valid_from": today, "active": True}
            await announcements.change(work, row, row.version, **{**told, **changes})

    for refused in ({"words_en": "Other."}, {"words_de": ""}, {"valid_from": today + timedelta(days=1)}):
        with pytest.raises(NotAccepted) as raised:
            await change(**refused)
        assert list(raised.value.fields) == list(refused)
    with pytest.raises(NotAllowed):
        await change(CORA, active=False)
    await change(active=False)
    async with desk.look(SYSTEM) as work:
        row = (await work.session.scalars(select(Announcement))).one()
        assert (row.active, row.words_en) == (False, GERMANS)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"country": "Neverland"}, ["country"]),
        ({"words_en": " ", "words_de": ""}, ["words_en"]),
        ({"words_de": "x" * 1001}, ["words_de"]),
        ({"valid_from": date(2020, 1, 1)}, ["valid_from"]),
    ],
)
async def test_what_cannot_be_said_is_refused(
    desk: Desk, clock: Clock, changes: dict[str, Any], fields: list[str]
) -> None:
    told = {
        "country": "DE",
        "channel": None,
        "words_en": "Hello.",
        "words_de": "Hallo.",
        "valid_from": clock.now.date(),
    }
    async with desk.work(MARA) as work:
        with pytest.raises(NotAccepted) as raised:
            await announcements.add(work, **{**told, **changes})
    assert list(raised.value.fields) == fields


async def test_a_language_that_is_missing_stops_the_script_that_asks_for_it(desk: Desk, clock: Clock) -> None:
    async with desk.work(MARA) as work:
        await announcements.add(
            work,
            country="DE",
            channel=None,
            words_en="Only in English.",
            words_de="",
            valid_from=clock.now.date(),
        )
    async with desk.work(MARA) as work:
        found = linting.lint(pack()["opening"].told, await linting.context_of(work))
    assert [(one.stops, one.step, one.field, one.words) for one in found if "announcement" in one.words] == [
        (True, "greet", "ask.said_by_law", "German is missing for the announcement DE-1.")
    ]
