"""The register of standards: who answers for each, and how far it is kept, from the evidence of its clauses. S3-1.1"""

from collections import Counter

import pytest
from sqlalchemy import select

from models import ServiceStandard
from models.words import Role, StepState
from portal.desk import standards
from portal.desk.errors import NotAccepted, NotAllowed
from portal.desk.evidence import Served
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, MARA, SAM

NEW = ("On time", "Whoever waits is told.", "S0-3.3.1, S2-14.2 S0-3.3.1", "supervisor")


def went(clause: str, done: int, skipped: int) -> Served:
    return Served(clause, "", [], Counter({StepState.DONE: done, StepState.SKIPPED: skipped}))


async def test_a_standard_is_as_well_kept_as_the_clauses_it_rests_on(desk: Desk) -> None:
    """S3-1.1"""
    async with desk.work(SYSTEM) as work:
        assert await standards.ensure_defaults(work) == len(standards.DEFAULTS)
        assert await standards.ensure_defaults(work) == 0
    async with desk.work(MARA) as work:
        made = await standards.add(work, *NEW)
        assert (made.clauses, made.owner) == (["S0-3.3.1", "S2-14.2"], Role.SUPERVISOR)
        with pytest.raises(NotAccepted, match="already"):
            await standards.add(work, *NEW)
    evidence = [went("S0-3.3.1", 6, 2), went("S2-14.2", 1, 1), went("S0-3.1.4", 5, 0)]
    async with desk.look(SAM) as work:
        kept = {one.standard.name: (one.done, one.asked) for one in await standards.kept(work, evidence)}
    assert {name: went for name, went in kept.items() if went[1]} == {
        "On time": (7, 10),
        "What is agreed was read back": (5, 5),
    }
    async with desk.work(MARA) as work:
        row = (
            await work.session.scalars(select(ServiceStandard).where(ServiceStandard.name == "On time"))
        ).one()
        told = {"words": "", "typed": "S0-3.3.1", "owner": "manager"}
        with pytest.raises(NotAccepted, match="already"):
            await standards.change(work, row, row.version, name=standards.DEFAULTS[0][0], active=True, **told)
        await standards.change(work, row, row.version, name="In time", active=False, **told)
    async with desk.look(SAM) as work:
        assert len(await standards.kept(work, evidence)) == len(standards.DEFAULTS)
    with pytest.raises(NotAllowed):
        async with desk.work(SAM) as work:
            await standards.add(work, *NEW)
    with pytest.raises(NotAllowed):
        async with desk.look(CORA) as work:
            await standards.kept(work, [])


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        (("", "", "", ""), {"name", "clauses", "owner"}),
        (("x" * 121, "x" * 1001, "S9-1", "boss"), {"name", "words", "clauses", "owner"}),
        (("Much", "", " ".join(f"S0-3.{at}" for at in range(21)), "manager"), {"clauses"}),
    ],
)
async def test_what_a_standard_cannot_be(
    desk: Desk, told: tuple[str, str, str, str], fields: set[str]
) -> None:
    async with desk.work(MARA) as work:
        with pytest.raises(NotAccepted) as refused:
            await standards.add(work, *told)
    assert set(refused.value.fields) == fields
