"""Versions of a script: put in once, drafted, saved by two, published from a moment on, retired, gone back to."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from models import AuditEntry, ScriptVersion
from models.words import ScriptStatus
from portal.database import Database
from portal.desk import library
from portal.desk.errors import Conflict, NotAccepted, NotAllowed, WrongMoment
from portal.desk.scripts import SCRIPTS, composing, pack, text, versions
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, MARA, SAM, TERMS, Clock


async def installed(desk: Desk) -> dict[str, int]:
    """Put the pack in; give the id of each version in force."""
    async with desk.work(SYSTEM) as work:
        await library.install(work)
        await versions.install(work)
        return {script: one.id for script, one in (await versions.in_force(work)).items()}


async def drafted(desk: Desk, script: str = "inquiry") -> int:
    async with desk.work(MARA) as work:
        return (await versions.draft(work, script)).id


async def saved(desk: Desk, version_id: int, expected: int, **changes: Any) -> None:
    async with desk.work(MARA) as work:
        version = await versions.load(work, version_id)
        await versions.save(work, version, expected, {**version.document, **changes})


async def published(desk: Desk, version_id: int, **more: Any) -> None:
    async with desk.work(MARA) as work:
        await versions.publish(work, await versions.load(work, version_id), **more)


async def numbers(desk: Desk, script: str = "inquiry") -> list[tuple[int, str]]:
    async with desk.look(MARA) as work:
        return [(one.number, one.status.value) for one in await versions.history(work, script)]


async def test_what_ships_is_put_in_once(desk: Desk) -> None:
    assert list(await installed(desk)) == list(SCRIPTS)
    async with desk.work(SYSTEM) as work:
        assert await versions.install(work) == 0
    assert await numbers(desk) == [(1, "published")]


async def test_two_who_put_it_in_at_once_put_it_in_once(desk: Desk, database: str, clock: Clock) -> None:
    """The second has looked before the first was through: it waits, and then finds that nothing is left to write."""
    other = Desk(Database(database), TERMS, clock)
    begun = asyncio.Event()

    async def install_after() -> int:
        async with other.work(SYSTEM) as work:
            begun.set()
            return await versions.install(work)

    async with desk.work(SYSTEM) as work:
        written = await versions.install(work)
        second = asyncio.create_task(install_after())
        if not desk.database.is_sqlite:  # there the second does not even begin before the first is through
            await begun.wait()
            await asyncio.sleep(0.1)
    assert (written, await second) == (len(SCRIPTS), 0)
    await other.database.close()  # type: ignore[attr-defined]  # Database has it, its protocol need not
    async with desk.look(SYSTEM) as work:
        assert await work.session.scalar(select(func.count(ScriptVersion.id))) == len(SCRIPTS)


async def test_a_script_that_is_new_in_the_pack_is_offered_from_then_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A desk of an older release, and the same one after it was brought up to date."""

    async def offered() -> set[str]:
        async with desk.look(CORA) as work:
            await versions.in_force(work)
            return set(await composing.titles(work))

    with monkeypatch.context() as older:
        kept = {key: one for key, one in pack().items() if key != "open_case"}
        older.setattr("portal.desk.scripts.versions.pack", lambda: kept)
        await installed(desk)
    assert await offered() == set(SCRIPTS) - {"open_case"}
    async with desk.work(SYSTEM) as work:
        assert await versions.install(work) == 1
    assert (await offered(), await numbers(desk, "open_case")) == (set(SCRIPTS), [(1, "published")])


async def test_a_newer_pack_is_published_unless_the_desk_changed_that_script(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await installed(desk)
    mine = await drafted(desk, "closing")
    await saved(desk, mine, 1, title={"en": "Our end", "de": "Unser Ende"})
    newer = {
        key: text.checked(text.dump({**one.told, "version": "2027.1"}), f"{key}.toml")
        for key, one in pack().items()
    }
    monkeypatch.setattr(versions, "pack", lambda: newer)
    clock.forward(days=1)
    async with desk.work(SYSTEM) as work:
        assert await versions.install(work) == len(SCRIPTS)
    assert await numbers(desk, "opening") == [(2, "published"), (1, "published")]
    assert await numbers(desk, "closing") == [(3, "draft"), (2, "draft"), (1, "published")]


async def test_the_same_file_twice_changes_nothing_and_a_changed_one_is_a_draft(desk: Desk) -> None:
    ids = await installed(desk)
    async with desk.work(MARA) as work:
        toml = versions.export_text(await versions.load(work, ids["inquiry"]))
        same = await versions.import_text(work, toml, "inquiry.toml")
        changed = toml.replace('version = "', 'version = "our ')
        first = await versions.import_text(work, changed, "inquiry.toml")
        again = await versions.import_text(work, changed, "inquiry.toml")
        told = [(one.version.number, one.version.status.value, one.changed) for one in (same, first, again)]
    assert told == [(1, "published", False), (2, "draft", True), (2, "draft", False)]


async def test_a_broken_file_changes_nothing(desk: Desk) -> None:
    await installed(desk)
    with pytest.raises(NotAccepted) as refused:
        async with desk.work(MARA) as work:
            await versions.import_text(work, 'script = "inquiry"\ntitle = "T"\nsteps\n', "inquiry.toml")
    assert refused.value.message.startswith("inquiry.toml, line 3: Expected")
    assert await numbers(desk) == [(1, "published")]


async def test_a_second_author_is_told_and_sees_the_steps_of_both(desk: Desk) -> None:
    await installed(desk)
    version = await drafted(desk)
    steps = pack()["inquiry"].told["steps"]
    await saved(desk, version, 1, steps=[{**steps[0], "title": "Mine?"}, *steps[1:]])
    with pytest.raises(Conflict) as refused:
        await saved(desk, version, 1, steps=[{**steps[0], "title": "Yours?"}, *steps[1:]])
    assert list(refused.value.yours) == list(refused.value.theirs) == [steps[0]["key"]]
    assert 'title = "Yours?"' in refused.value.yours[steps[0]["key"]]
    assert 'title = "Mine?"' in refused.value.theirs[steps[0]["key"]]


async def test_saving_names_the_place_that_cannot_be_walked_and_changes_nothing(desk: Desk) -> None:
    await installed(desk)
    version = await drafted(desk)
    steps = pack()["inquiry"].told["steps"]
    with pytest.raises(NotAccepted) as refused:
        await saved(desk, version, 1, steps=[{**steps[0], "kind": "sing"}, *steps[1:]])
    key = steps[0]["key"]
    assert refused.value.fields == {
        f"{key}.kind": f"inquiry, step {key}: there is no kind of step called sing."
    }
    async with desk.look(MARA) as work:
        assert (await versions.load(work, version)).document == pack()["inquiry"].told


async def test_saving_takes_an_approval_away_and_a_published_version_never_changes(desk: Desk) -> None:
    await installed(desk)
    version = await drafted(desk)
    async with desk.work(MARA) as work:
        await versions.approve(work, await versions.load(work, version))
    assert (await numbers(desk))[0] == (2, "approved")
    await saved(desk, version, 2, title={"en": "Answer", "de": "Antworten"})
    assert (await numbers(desk))[0] == (2, "draft")
    await published(desk, version)
    with pytest.raises(WrongMoment, match="Version 2 is published and never changes"):
        await saved(desk, version, 4, title={"en": "Other", "de": "Anders"})


async def test_from_its_moment_on_a_version_is_in_force_and_gone_back_from(desk: Desk, clock: Clock) -> None:
    await installed(desk)
    clock.forward(hours=1)
    version = await drafted(desk)
    await saved(desk, version, 1, title={"en": "Answer", "de": "Antworten"})
    await published(desk, version, at=clock.now.replace(hour=20))
    titles = []
    for _ in range(2):
        async with desk.look(SYSTEM) as work:
            titles.append((await versions.in_force(work))["inquiry"].title)
        clock.forward(hours=12)
    async with desk.work(MARA) as work:
        first = (await versions.history(work, "inquiry"))[-1]
        await versions.roll_back(work, await versions.load(work, first.id))
    async with desk.look(SYSTEM) as work:
        back = (await versions.in_force(work))["inquiry"]
    assert (titles, back.title, back.number) == (["Handle an inquiry", "Answer"], "Handle an inquiry", 3)


async def test_nothing_comes_into_force_in_the_past(desk: Desk, clock: Clock) -> None:
    await installed(desk)
    version = await drafted(desk)
    yesterday = clock.now
    clock.forward(days=1)
    with pytest.raises(NotAccepted) as refused:
        await published(desk, version, at=yesterday)
    assert list(refused.value.fields) == ["at"]


async def test_the_linter_stands_before_publishing(desk: Desk) -> None:
    await installed(desk)
    version = await drafted(desk)
    steps = pack()["inquiry"].told["steps"]
    await saved(
        desk, version, 1, steps=[{**steps[0], "say": {"en": "{weather}", "de": "{wetter}"}}, *steps[1:]]
    )
    with pytest.raises(NotAccepted) as refused:
        await published(desk, version)
    assert "{weather}" in refused.value.message
    assert await numbers(desk) == [(2, "draft"), (1, "published")]


async def test_the_only_version_that_contacts_can_follow_is_not_retired(desk: Desk) -> None:
    ids = await installed(desk)
    with pytest.raises(WrongMoment, match="the only version"):
        async with desk.work(MARA) as work:
            await versions.retire(work, await versions.load(work, ids["inquiry"]))
    version = await drafted(desk)
    await published(desk, version)
    async with desk.work(MARA) as work:
        await versions.retire(work, await versions.load(work, ids["inquiry"]))
    assert await numbers(desk) == [(2, "published"), (1, "retired")]


async def test_who_may_look_may_comment_and_who_writes_is_a_manager(desk: Desk) -> None:
    ids = await installed(desk)
    async with desk.work(SAM) as work:
        version = await versions.load(work, ids["inquiry"])
        await versions.comment(
            work, version, "Ask for the order number first.", version.document["steps"][0]["key"]
        )
        [said] = await versions.comments(work, version)
    assert (said.words, said.person.name) == ("Ask for the order number first.", "Sam")
    for actor in (CORA, SAM):
        with pytest.raises(NotAllowed):
            async with desk.work(actor) as work:
                await versions.draft(work, "inquiry")


async def test_every_deed_is_written_down(desk: Desk) -> None:
    await installed(desk)
    version = await drafted(desk)
    await saved(desk, version, 1, title={"en": "Answer", "de": "Antworten"})
    await published(desk, version, note="Shorter.")
    async with desk.look(SYSTEM) as work:
        deeds = await work.session.execute(select(AuditEntry.who, AuditEntry.deed).order_by(AuditEntry.id))
        told = [tuple(one) for one in deeds]
    assert told[-4:] == [
        ("Handrail", "install scripts"),
        ("Mara", "draft script"),
        ("Mara", "save script"),
        ("Mara", "publish script"),
    ]


async def test_the_list_tells_what_is_in_force_written_and_used(desk: Desk) -> None:
    """S4-1.1, S4-1.2, S4-1.4"""
    await installed(desk)
    await drafted(desk)
    async with desk.look(MARA) as work:
        rows = {one.script: one for one in await versions.listed(work)}
    inquiry = rows["inquiry"]
    assert list(rows) == list(SCRIPTS)
    assert (inquiry.title, inquiry.latest, inquiry.unfinished, inquiry.coming, inquiry.used) == (
        "Handle an inquiry", 2, 1, None, 0,
    )  # fmt: skip
    assert inquiry.in_force is not None
    assert inquiry.in_force.number == 1
    assert ScriptStatus.DRAFT.value == "draft"
