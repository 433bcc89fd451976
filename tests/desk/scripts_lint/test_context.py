"""The linter on a real desk: what it reads of it, in how many statements, and that what ships is sound."""

from datetime import timedelta

import pytest

from models import Person
from models.words import Role
from portal.database import Database
from portal.desk import audit, library
from portal.desk.library import pack as library_pack
from portal.desk.scripts import linting, pack, versions
from portal.desk.work import SYSTEM, Desk
from portal.letters import Letters
from tests.admin_views.counting import statements
from tests.cast import FIN, MARA


@pytest.fixture
async def furnished(desk: Desk) -> Desk:
    """The desk with the scripts and articles that ship, and with its letters."""
    desk.writer = Letters()
    async with desk.work(SYSTEM) as work:
        await versions.install(work)
        await library_pack.install(work)
    return desk


async def test_nothing_that_ships_is_stopped(furnished: Desk) -> None:
    async with furnished.look(MARA) as work:
        context = await linting.context_of(work)
    found = {script: linting.lint(one.told, context) for script, one in pack().items()}
    assert {script: linting.stopping(one) for script, one in found.items() if linting.stopping(one)} == {}


async def test_an_empty_group_and_an_article_that_ran_out_are_seen(furnished: Desk) -> None:
    async with furnished.work(SYSTEM) as work:
        fin = await work.session.get_one(Person, FIN.person_id)
        fin.active = False
        returns = await library.load(work, "returns")
        returns.valid_until = work.now.date() - timedelta(days=1)
        await audit.record(work, "send home", fin)
    async with furnished.look(MARA) as work:
        context = await linting.context_of(work)
    assert context.staffed == frozenset(Role) - {Role.FINANCE}
    assert context.articles is not None
    assert (context.articles["returns"], context.articles["warranty"]) == (False, True)
    assert context.templates is not None
    assert {"case-answer", "order-confirmation"} <= context.templates
    assert "_customer" not in context.templates
    assert set(context.documents) == set(context.pack) == set(pack())


async def test_what_the_linter_reads_does_not_grow_with_the_desk(furnished: Desk) -> None:
    database = furnished.database
    assert isinstance(database, Database)
    async with furnished.look(MARA) as work:
        await linting.context_of(work)
    with statements(database) as few:
        async with furnished.look(MARA) as work:
            await linting.context_of(work)
    async with furnished.work(SYSTEM) as work:
        for number in range(20):
            work.session.add(
                Person(
                    issuer="https://people.example.com",
                    subject=f"temp-{number}",
                    name="Temp",
                    roles=("representative", "supervisor") if number % 2 else ("finance",),
                    created_at=work.now,
                )
            )
        await work.session.flush()
        await audit.record(work, "hire", await work.session.get_one(Person, 1))
    with statements(database) as many:
        async with furnished.look(MARA) as work:
            await linting.context_of(work)
    assert (few.times, many.times) == (5, 5)
