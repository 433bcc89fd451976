"""Who answers for a script: on the list and on its page, named by a manager. S4-1.1"""

import pytest
from starlette.applications import Starlette

from models import Person
from portal.desk import audit
from portal.desk.errors import Conflict, NotAccepted, NotAllowed, NotFound
from portal.desk.scripts import owning, versions
from portal.desk.work import SYSTEM, Desk
from tests.cast import CEM, MARA, SAM
from tests.pages.test_scripts_editor import mara, seated
from tests.seat import Seat

__all__ = ["mara"]


async def named(desk: Desk, script: str, key: str, seen: int) -> None:
    async with desk.work(MARA) as work:
        await owning.name_owner(work, script, key, seen)


async def test_managers_own_what_nobody_was_named_for_until_somebody_is(mara: Seat) -> None:
    """S4-1.1"""
    await mara.open("/scripts")
    assert "Handle a complaint every manager Version 1" in mara.words
    await mara.open("/scripts/complaint")
    assert "Owned by every manager." in mara.words
    await mara.send(mara.form("/owner"), {"owner": "person:3"})
    assert "Owned by Sam." in mara.words
    await mara.open("/scripts")
    assert "Handle a complaint Sam Version 1" in mara.words
    assert "Take an order every manager Version 1" in mara.words
    await mara.open("/scripts/complaint")
    await mara.send(mara.form("/owner"), {"owner": "role:supervisor"})
    assert "Owned by every supervisor." in mara.words


async def test_who_cannot_be_chosen_is_refused_beside_the_field(mara: Seat) -> None:
    await mara.open("/scripts/complaint")
    form = mara.form("/owner")
    for wrong in ("", "person:77", "person:x", f"person:{'9' * 30}", "role:king", "role:representative"):
        await mara.send(form, {"owner": wrong})
        assert (mara.status, "Choose a role, or a colleague who is here." in mara.words) == (422, True), wrong
    await mara.open("/scripts/complaint")
    assert "Owned by every manager." in mara.words


@pytest.mark.usefixtures("mara")
async def test_a_supervisor_sees_the_owner_and_names_none(app: Starlette, desk: Desk) -> None:
    sam = await seated(app, desk, SAM)
    await sam.open("/scripts/complaint")
    assert "Owned by every manager." in sam.words
    assert "Name another owner" not in sam.words
    async with desk.work(SAM) as work:
        with pytest.raises(NotAllowed):
            await owning.name_owner(work, "complaint", "person:3", 0)
    await sam.close()


async def test_the_second_to_name_one_is_told_and_who_left_is_shown_as_gone(desk: Desk, mara: Seat) -> None:
    await named(desk, "complaint", f"person:{CEM.person_id}", 0)
    with pytest.raises(Conflict):
        await named(desk, "complaint", "role:manager", 0)
    with pytest.raises(NotFound):
        await named(desk, "nothing", "role:manager", 0)
    async with desk.work(SYSTEM) as work:
        (await work.session.get_one(Person, CEM.person_id)).active = False
        await audit.record(work, "let Cem go")
    await mara.open("/scripts/complaint")
    assert "Owned by Cem (has left)." in mara.words
    with pytest.raises(NotAccepted):
        await named(desk, "order", f"person:{CEM.person_id}", 0)
    async with desk.look(SAM) as work:
        owned = await owning.owners(work)
        assert [owned[one].name for one in ("complaint", "order")] == ["Cem", ""]
        assert await versions.in_force(work)
