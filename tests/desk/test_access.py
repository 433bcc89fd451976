"""Who saw or verified whom: the log that S2-2.4 asks for."""

import pytest

from models import Contact, Customer
from models.records import ACCESS_DEEDS
from portal.desk import access, verification
from portal.desk.errors import NotAllowed
from portal.desk.work import Desk
from tests.cast import ANA, CORA, FIN, SAM, Clock
from tests.desk.callers import came


async def looked(desk: Desk, reason: str) -> None:
    async with desk.work(CORA) as work:
        await verification.reveal(work, await work.session.get_one(Customer, ANA), reason)


async def test_the_log_says_who_when_why_and_whom(desk: Desk, clock: Clock) -> None:
    """S2-2.4, S0-3.2.3"""
    call = await came(desk)
    async with desk.work(CORA) as work:
        await verification.verify(work, await work.session.get_one(Contact, call), {"postcode": "99999"})
    clock.forward(minutes=1)
    await looked(desk, "She spells her address.")
    async with desk.look(SAM) as work:
        found = await access.log(work)
        failed = await access.log(work, failed=True)
    told = [
        (one.at, one.who, one.deed, one.reason, one.customer and one.customer.name, one.contact)
        for one in found.rows
    ]
    assert told == [
        (clock.now, "Cora", "saw the details, with a reason", "She spells her address.", "Ana E••••", ""),
        (clock.now.replace(minute=0), "Cora", "facts did not match", "", "Ana E••••", "HT-1"),
    ]
    assert [one.deed for one in failed.rows] == ["facts did not match"]
    for actor in (CORA, FIN):
        async with desk.look(actor) as work:
            with pytest.raises(NotAllowed):
                await access.log(work)


async def test_the_log_goes_on_page_after_page(desk: Desk, clock: Clock) -> None:
    for number in range(30):
        clock.forward(seconds=1)
        await looked(desk, f"Look {number}.")
    async with desk.look(SAM) as work:
        first = await access.log(work)
        second = await access.log(work, before=first.older)
    assert [one.reason for one in (*first.rows, *second.rows)] == [f"Look {n}." for n in range(29, -1, -1)]
    assert (len(first.rows), bool(first.older), second.older) == (25, True, "")


def test_the_index_holds_every_deed_of_the_log() -> None:
    assert set(access.DEEDS) == set(ACCESS_DEEDS)
