"""How long things stay: the rules as data, and a year and more of the hourly job that forgets. S1-4.5.1b, S1-5.2b"""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from jobs.prune import prune
from models import Amendment, IdempotencyKey, JobSlot, Order, SpecialRequest
from portal.desk import audit, policy, retention
from portal.desk.errors import WrongMoment
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, Clock
from tests.shop import DRAFT, ordered


def test_each_rule_is_among_the_numbers_with_its_clause(clock: Clock) -> None:
    told = {(rule.name, rule.value, rule.clause) for rule in policy.rules("keep")}
    assert {
        ("keep a special request with its order, at least", "366 days", "S1-4.5.1b"),
        ("keep an amendment with its order, at least", "366 days", "S1-5.2b"),
    } <= told
    year = timedelta(days=365)
    kept = {table: clock.now - retention.before(table, clock.now) >= year for table in retention.KEPT}
    assert kept == {SpecialRequest: True, Amendment: True, JobSlot: False, IdempotencyKey: False}
    with pytest.raises(WrongMoment, match="Nothing of orders is ever forgotten"):
        retention.before(Order, clock.now)


async def test_requests_and_amendments_outlast_the_year(desk: Desk, clock: Clock) -> None:
    order = await ordered(desk, replace(DRAFT, requests=("Blue cushions",)))
    async with desk.work(SYSTEM) as work:
        row = {"order_id": order.id, "number": 2, "before": {}, "after": {}, "fingerprint": "a"}
        work.session.add(Amendment(made_by_id=CORA.person_id, made_at=work.now, **row))
        work.session.add(
            JobSlot(name="prune", slot=1, owner="a", started_at=work.now, lease_until=work.now, acted=0)
        )
        await audit.record(work, "prepare", order)
    clock.forward(days=400)
    assert await prune(desk) == 1
    async with desk.look(SYSTEM) as work:
        counts = [
            select(func.count()).select_from(one).scalar_subquery()
            for one in (SpecialRequest, Amendment, JobSlot)
        ]
        assert (await work.session.execute(select(*counts))).one() == (1, 1, 0)
