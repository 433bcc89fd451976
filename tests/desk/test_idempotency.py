"""A form that is sent twice takes effect once."""

import pytest

from portal.desk.errors import WrongMoment
from portal.desk.idempotency import once, remember
from portal.desk.work import Desk
from tests.cast import CEM, CORA


async def test_the_second_time_leads_where_the_first_one_led(desk: Desk) -> None:
    async with desk.work(CORA) as work:
        assert await once(work, "k1", "two chairs") is None
        await remember(work, "k1", "two chairs", "/orders/7")
    async with desk.work(CORA) as work:
        assert await once(work, "k1", "two chairs") == "/orders/7"


async def test_a_key_is_for_one_content_of_one_person(desk: Desk) -> None:
    async with desk.work(CORA) as work:
        assert await once(work, "k1", "two chairs") is None
    for actor, content in ((CORA, "three chairs"), (CEM, "two chairs")):
        async with desk.work(actor) as work:
            with pytest.raises(WrongMoment):
                await once(work, "k1", content)


async def test_what_failed_may_be_sent_again(desk: Desk) -> None:
    async def break_off() -> None:
        async with desk.work(CORA) as work:
            await once(work, "k1", "two chairs")
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await break_off()
    async with desk.work(CORA) as work:
        assert await once(work, "k1", "two chairs") is None
