"""Taking colleagues in and changing them; whoever saves second is told."""

import pytest
from sqlalchemy import select

from models import AuditEntry, Person
from portal.desk import evidence, people, sessions
from portal.desk.errors import Conflict, NotAccepted, NotAllowed
from portal.desk.work import SYSTEM, Actor, Desk, Work
from tests.cast import ADA, CORA, ISSUER, MARA, SAM


async def row(work: Work, actor: Actor) -> Person:
    return await work.session.get_one(Person, actor.person_id)


async def test_switching_somebody_off_ends_their_sessions_at_once(desk: Desk) -> None:
    async with desk.work(CORA) as work:
        secrets = [await sessions.start(work, await row(work, CORA)) for _ in range(2)]
    async with desk.work(ADA) as work:
        await people.change(work, await row(work, CORA), 1, active=False)
    async with desk.work(ADA) as work:
        await people.change(work, await row(work, CORA), 2, active=True)
    async with desk.look(SYSTEM) as work:
        assert [await sessions.find(work, secret) for secret in secrets] == [None, None]


async def test_signing_in_meanwhile_is_no_conflict(desk: Desk) -> None:
    async with desk.work(CORA) as work:
        await sessions.start(work, await row(work, CORA))
    async with desk.work(ADA) as work:
        cora = await row(work, CORA)
        await people.change(work, cora, 1, name="Cora Lind", roles=["supervisor", "representative"])
        last = await work.session.scalar(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
        assert last is not None
        assert (last.who, last.deed, last.changes) == (
            "Ada",
            "change person",
            {
                "people/1": {
                    "name": ["Cora", "Cora Lind"],
                    "roles": [["representative"], ["representative", "supervisor"]],
                }
            },
        )
        assert cora.last_signed_in_at == work.now


async def test_the_second_to_save_is_told_and_overwrites_nothing(desk: Desk) -> None:
    async with desk.work(ADA) as work:
        await people.change(work, await row(work, CORA), 1, name="Cora Lind")
    with pytest.raises(Conflict) as told:
        async with desk.work(ADA) as work:
            await people.change(work, await row(work, CORA), 1, name="Cora Berg")
    assert (told.value.saved_by, told.value.yours, told.value.theirs) == (
        "Ada",
        {"name": "Cora Berg"},
        {"name": "Cora Lind"},
    )
    async with desk.look(ADA) as work:
        assert (await row(work, CORA)).name == "Cora Lind"


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"active": False}, {"active": "You cannot switch yourself off; ask another administrator."}),
        (
            {"roles": ["manager"]},
            {"roles": "You cannot take this role from yourself; ask another administrator."},
        ),
        ({"roles": ["administrator", "king"]}, {"roles": "There is no role king."}),
        ({"name": " \0 "}, {"name": "Give a name."}),
        ({"zone": "../etc/passwd"}, {"zone": "This is no time zone such as Europe/Berlin."}),
        ({"issuer": "x"}, {"issuer": "This cannot be changed here."}),
    ],
)
async def test_what_cannot_be_changed_is_said_beside_its_field(
    desk: Desk, changes: dict[str, object], problems: dict[str, str]
) -> None:
    with pytest.raises(NotAccepted) as told:
        async with desk.work(ADA) as work:
            await people.change(work, await row(work, ADA), 1, **changes)
    assert told.value.fields == problems


async def test_only_who_edits_people_may(desk: Desk) -> None:
    for actor in (CORA, MARA):
        with pytest.raises(NotAllowed):
            async with desk.work(actor) as work:
                await people.change(work, await row(work, CORA), 1, roles=["manager"])
        with pytest.raises(NotAllowed):
            async with desk.work(actor) as work:
                await people.provision(work, ISSUER, "me", name="Me", email=None, roles=["manager"])


@pytest.mark.parametrize("subject", ["", " ", "a\0", "a\n", "\ud800", " cora", "u" * 301])
async def test_an_account_id_that_cannot_be_kept_is_refused(desk: Desk, subject: str) -> None:
    with pytest.raises(NotAccepted):
        async with desk.work(SYSTEM) as work:
            await people.provision(work, ISSUER, subject, name="Somebody", email=None, roles=[])


async def test_a_name_is_one_line_that_fits_and_never_empty(desk: Desk) -> None:
    async with desk.work(SYSTEM) as work:
        named = [
            await people.provision(work, ISSUER, f"new-{number}", name=name, email=email, roles=[])
            for number, (name, email) in enumerate(
                [
                    ("می\u200cرود", "n@example.com"),
                    ("A\r\nBcc: b\ud800", None),
                    ("", "x@example.com"),
                    ("\0", ""),
                    ("n" * 300, "x"),
                ]
            )
        ]
        assert [(person.name, person.email) for person in named] == [
            ("می\u200cرود", "n@example.com"),
            ("A Bcc: b", None),
            ("x@example.com", "x@example.com"),
            ("Nameless colleague", None),
            ("n" * 200, None),
        ]


async def test_a_colleague_is_put_into_a_team_that_reports_can_be_narrowed_to(desk: Desk) -> None:
    """S3-7.2.1b"""
    async with desk.work(ADA) as work:
        await people.change(work, await row(work, CORA), 1, team="  North   desk ")
    async with desk.look(SAM) as work:
        assert await evidence.teams(work) == ["North desk"]
    async with desk.work(ADA) as work:
        with pytest.raises(NotAccepted) as refused:
            await people.change(work, await row(work, CORA), 2, team="x" * 61)
    assert refused.value.fields == {"team": "At most 60 characters."}
