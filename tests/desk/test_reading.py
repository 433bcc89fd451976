"""What must have been read, by whom, and who has: asked again by each version that says something new. S0-7, S2-7.5"""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models import Article, AuditEntry, Person, Reading
from models.words import Role
from portal.desk import audit, library
from portal.desk.errors import Conflict, NotAccepted, NotAllowed, WrongMoment
from portal.desk.library import Card, Text
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import CEM, CORA, EVERYBODY, FIN, INA, MARA, SAM, START, Clock

ENGLISH = Text("en", "Gifts", "We take no gifts.")
GERMAN = Text("de", "Geschenke", "Wir nehmen keine Geschenke.")
DESK = Card(read_by=("representative", "supervisor"), read_within_days=3)


async def written(desk: Desk, card: Card = DESK) -> None:
    async with desk.work(SAM) as work:
        await library.add(work, "gifts", card, ENGLISH, GERMAN)


async def rewritten(desk: Desk, body: str, card: Card = DESK, **more: object) -> None:
    async with desk.work(SAM) as work:
        article = await library.load(work, "gifts")
        text = Text("en", "Gifts", body, note="So.", **more)  # type: ignore[arg-type]  # a text's own fields
        await library.write_version(work, article, article.version, text, card)


async def has_read(desk: Desk, who: Actor, language: str = "en") -> None:
    async with desk.look(who) as work:
        opened = await library.opened(work, "gifts", language=language)
        standing = await library.standing(work, opened)
    assert standing is not None
    async with desk.work(who) as work:
        article = await library.load(work, "gifts")
        await library.have_read(work, article, opened.leaf.version_id, standing.asking)


async def left(desk: Desk, *people: Actor) -> dict[str, list[tuple[str, bool, bool]]]:
    """What each of them still has to read: its title, whether again, and whether late."""
    found = {}
    for who in people:
        async with desk.look(who) as work:
            found[who.name] = [
                (one.leaf.title, one.again, one.is_late(work.now)) for one in await library.mine(work)
            ]
            counted = await work.session.scalar(
                select(func.count()).select_from(library.waiting(work).subquery())
            )
            assert counted == len(found[who.name])
    return found


async def test_those_who_must_are_asked_until_they_have_and_nobody_else(desk: Desk) -> None:
    """S0-7.1, S0-7.2, S0-7.3"""
    await written(desk)
    asked = [("Gifts", False, False)]
    assert await left(desk, CORA, CEM, SAM, MARA, FIN, INA) == {
        "Cora": asked, "Cem": asked, "Sam": asked, "Mara": [], "Fin": [], "Ina": [],
    }  # fmt: skip
    await has_read(desk, CORA)
    await has_read(desk, SAM, "de")
    assert await left(desk, CORA, CEM, SAM) == {"Cora": [], "Cem": asked, "Sam": []}
    async with desk.look(SYSTEM) as work:
        kept = await work.session.execute(
            select(Reading.person_id, Reading.asking, Reading.version_id, Reading.at).order_by(Reading.id)
        )
        deeds = await work.session.scalars(
            select(AuditEntry.who).where(AuditEntry.deed == "have read article").order_by(AuditEntry.id)
        )
        assert [tuple(one) for one in kept] == [(1, 1, 1, START), (3, 1, 2, START)]
        assert deeds.all() == ["Cora", "Sam"]


async def test_said_twice_it_is_kept_once(desk: Desk) -> None:
    await written(desk)
    for _ in range(2):
        async with desk.work(CORA) as work:
            await library.have_read(work, await library.load(work, "gifts"), 1, 1)
    async with desk.look(SYSTEM) as work:
        deeds = select(func.count(AuditEntry.id)).where(AuditEntry.deed == "have read article")
        assert await work.session.scalar(select(func.count(Reading.id))) == 1
        assert await work.session.scalar(deeds) == 1


async def test_a_new_version_asks_again_and_a_slip_of_the_pen_does_not(desk: Desk, clock: Clock) -> None:
    """S2-7.5"""
    await written(desk)
    await has_read(desk, CORA)
    clock.forward(days=2)
    await rewritten(desk, "We take no gifts!", says_the_same=True)
    assert await left(desk, CORA, CEM) == {"Cora": [], "Cem": [("Gifts", False, False)]}
    clock.forward(days=2)
    assert await left(desk, CORA, CEM) == {"Cora": [], "Cem": [("Gifts", False, True)]}
    await rewritten(desk, "We take small gifts.")
    assert await left(desk, CORA, CEM) == {"Cora": [("Gifts", True, False)], "Cem": [("Gifts", False, False)]}
    await has_read(desk, CORA, "de")  # the German text is the one before; it is as new as it gets
    assert await left(desk, CORA) == {"Cora": []}


async def test_what_changed_under_the_reader_has_to_be_read_as_it_is(desk: Desk) -> None:
    await written(desk)
    await rewritten(desk, "We take small gifts.")
    async with desk.look(CORA) as work:
        old = await library.opened(work, "gifts", language="en", number=1)
        assert await library.standing(work, old) is None
    for version_id, asking in ((1, 1), (1, 2), (3, 1), (99, 2)):
        with pytest.raises(Conflict):
            async with desk.work(CORA) as work:
                await library.have_read(work, await library.load(work, "gifts"), version_id, asking)
    assert await left(desk, CORA) == {"Cora": [("Gifts", False, False)]}


async def test_who_is_not_asked_cannot_say_so_and_what_is_gone_asks_nobody(desk: Desk) -> None:
    await written(desk)
    with pytest.raises(WrongMoment):
        async with desk.work(FIN) as work:
            await library.have_read(work, await library.load(work, "gifts"), 1, 1)
    async with desk.work(SAM) as work:
        await library.retire(work, await library.load(work, "gifts"), 1, "Over.")
    assert await left(desk, CORA) == {"Cora": []}
    with pytest.raises(WrongMoment):
        async with desk.work(CORA) as work:
            await library.have_read(work, await library.load(work, "gifts"), 1, 1)


async def test_a_role_that_is_added_has_its_whole_time_and_who_has_read_it_stays_read(
    desk: Desk, clock: Clock
) -> None:
    await written(desk)
    await has_read(desk, CORA)
    clock.forward(days=5)
    wider = Card(read_by=("finance", *DESK.read_by), read_within_days=3)
    await rewritten(desk, "We take no gifts.", wider, says_the_same=True)
    assert await left(desk, CORA, FIN) == {"Cora": [], "Fin": [("Gifts", False, False)]}


async def test_only_roles_that_can_open_the_library_can_be_asked_and_within_a_year(desk: Desk) -> None:
    for wrong in (
        Card(read_by=("administrator",)),
        Card(read_by=("king",)),
        Card(read_within_days=0),
        Card(read_within_days=366),
    ):
        with pytest.raises(NotAccepted):
            await written(desk, wrong)
    async with desk.look(SYSTEM) as work:
        assert await work.session.scalar(select(func.count(Article.id))) == 0


async def test_supervisors_see_how_far_it_is_and_who_is_late(desk: Desk, clock: Clock) -> None:
    """S2-7.5: whoever came later has as long as the others had."""
    await written(desk)
    await has_read(desk, CORA)
    clock.forward(days=4)
    async with desk.work(SYSTEM) as work:
        new = {"issuer": "x", "created_at": work.now, "roles": (Role.REPRESENTATIVE.value,)}
        work.session.add_all(
            [
                Person(subject="new", name="Nora", **new),
                Person(subject="gone", name="Gunn", active=False, **new),
            ]
        )
        await audit.record(work, "welcome Nora")
    async with desk.look(SAM) as work:
        told = (await library.asked_of_the_team(work)).rows
        article = await library.load(work, "gifts")
        waiting = await library.readers_of(work, article)
        done = await library.readers_of(work, article, read=True)
        assert [(one.leaf.slug, one.roles, one.people, one.read, one.late) for one in told] == [
            ("gifts", ("representative", "supervisor"), 4, 1, 2)
        ]
        assert [(one.name, one.due_at, one.is_late(work.now)) for one in waiting.rows] == [
            ("Cem", START + timedelta(days=3), True),
            ("Nora", START + timedelta(days=7), False),
            ("Sam", START + timedelta(days=3), True),
        ]
        assert [(one.name, one.number, one.language) for one in done.rows] == [("Cora", 1, "en")]
    for who in (CORA, FIN):
        async with desk.look(who) as work:
            with pytest.raises(NotAllowed):
                await library.asked_of_the_team(work)
            with pytest.raises(NotAllowed):
                await library.readers_of(work, article)


async def test_many_readers_and_many_articles_come_in_pages_of_the_same_statements(desk: Desk) -> None:
    async with desk.work(SYSTEM) as work:
        await library.install(work)
        for number in range(30):
            await library.add(work, f"rule-{number:02}", DESK, ENGLISH)
            work.session.add(
                Person(
                    issuer="x", subject=str(number), name="Twin", created_at=work.now, roles=("representative",)
                )
            )  # fmt: skip
        await audit.record(work, "welcome everybody")
    async with desk.look(MARA) as work:
        first = await library.asked_of_the_team(work)
        second = await library.asked_of_the_team(work, int(first.older))
        assert (len(first.rows), len(second.rows), second.older) == (25, 9, "")
        article = await library.load(work, "rule-07")
        page = await library.readers_of(work, article)
        rest = await library.readers_of(work, article, after=int(page.older))
        names = [one.name for one in (*page.rows, *rest.rows)]
        assert (len(page.rows), names, rest.older) == (25, ["Cem", "Cora", "Sam", *["Twin"] * 30], "")


async def test_the_policies_that_ship_are_asked_of_those_whose_steps_rest_on_them(desk: Desk) -> None:
    async with desk.work(SYSTEM) as work:
        await library.install(work)
    found = await left(desk, *EVERYBODY[:7])
    assert {name: len(told) for name, told in found.items()} == {
        "Cora": 4, "Cem": 4, "Sam": 4, "Mara": 4, "Fin": 3, "Ina": 1, "Fred": 2,
    }  # fmt: skip
