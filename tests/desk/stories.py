"""Short ways to say what stories about cases begin with and how they are looked at."""

import re
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from typing import Any

from sqlalchemy import select

from models import AuditEntry, Case, Deadline, Escalation, FollowUp, Message, Recompute
from models.words import CaseKind, Channel, ResolutionCode
from portal.desk import cases, rulebook
from portal.desk.cases import NewCase
from portal.desk.work import SYSTEM, Actor, Desk, Work
from tests.cast import ADA, ANA, CORA

CASE_NUMBER = re.compile(r"\bHC-\d\d-\d{6}-\d\b")
Change = Callable[[dict[str, Any]], None]
"""What a manager does to the document of a policy."""
WORDS = "The kettle arrived with a crack, and nobody called me back."


async def opened(
    desk: Desk,
    kind: CaseKind = CaseKind.COMPLAINT,
    channel: Channel = Channel.PHONE,
    actor: Actor = CORA,
    **given: Any,
) -> int:
    """Open a case for Ana; return its id."""
    told: dict[str, Any] = {"subject": "A cracked kettle", "statement": WORDS, "customer_id": ANA, **given}
    async with desk.work(actor) as work:
        return (await cases.open_case(work, NewCase(kind, channel, **told))).id


async def policy_changed(desk: Desk, change: Change, actor: Actor = ADA) -> Recompute:
    """Draft a version of the policy, change it and bring it into force; return how far the clocks followed."""
    async with desk.work(actor) as work:
        await rulebook.ensure_defaults(work)
    async with desk.work(actor) as work:
        version = await rulebook.draft(work)
        document = deepcopy(version.document)
        change(document)
        await rulebook.save(work, version, version.version, document)
        return await rulebook.publish(work, version, "As the story goes.")


def add_level(
    document: dict[str, Any], kind: str, level: int, to_role: str, counts: str, amount: int
) -> None:
    """Let a kind of case go up to a role after so many minutes, or days."""
    row = {"key": f"level-{level}-{kind}", "kind": kind, "level": level, "to_role": to_role}
    document["levels"].append({**row, "counts": counts, "amount": amount})


async def the_case(work: Work, case_id: int) -> Case:
    return await work.session.get_one(Case, case_id)


async def resolved(desk: Desk, case_id: int, actor: Actor = CORA) -> None:
    """Resolve a case with everything that is asked for."""
    async with desk.work(actor) as work:
        await cases.resolve(
            work,
            await the_case(work, case_id),
            code=ResolutionCode.EXCHANGE,
            what_was_done="A new kettle is on its way.",
            actions=["Sent a new kettle."],
        )


async def clocks(desk: Desk, case_id: int) -> dict[str, tuple[str, datetime | None]]:
    """Say of each clock of the newest cycle in which state it is and when it is due."""
    async with desk.look(SYSTEM) as work:
        case = await the_case(work, case_id)
        rows = await work.session.scalars(
            select(Deadline).where(Deadline.case_id == case_id, Deadline.cycle == case.cycle)
        )
        return {
            f"{row.kind.value} {row.level}" if row.level else row.kind.value: (row.status.value, row.due_at)
            for row in rows
        }


async def states(desk: Desk, case_id: int) -> dict[str, str]:
    return {name: state for name, (state, _) in (await clocks(desk, case_id)).items()}


async def deadline(desk: Desk, case_id: int, kind: str) -> Deadline:
    async with desk.look(SYSTEM) as work:
        return (
            await work.session.scalars(
                select(Deadline)
                .where(Deadline.case_id == case_id, Deadline.kind == kind)
                .order_by(Deadline.id.desc())
                .limit(1)
            )
        ).one()


async def seen(desk: Desk, case_id: int) -> Case:
    async with desk.look(SYSTEM) as work:
        return await the_case(work, case_id)


async def written(desk: Desk, template: str = "") -> list[tuple[str, str]]:
    """Every message in the outbox as (template, address), in order; or those of one template."""
    async with desk.look(SYSTEM) as work:
        rows = (await work.session.scalars(select(Message).order_by(Message.id))).all()
    return [(one.template, one.to_address) for one in rows if not template or one.template == template]


async def named(desk: Desk, template: str) -> Counter[tuple[str, str]]:
    """How often each notice of a template names a case, as {(address, number): times}. Needs real letters."""
    async with desk.look(SYSTEM) as work:
        rows = (await work.session.scalars(select(Message).where(Message.template == template))).all()
    return Counter((one.to_address, number) for one in rows for number in CASE_NUMBER.findall(one.body_text))


async def raised(desk: Desk, case_id: int) -> list[tuple[str, int, int, str, str]]:
    """Every escalation of a case as (target, level, cycle, role, state)."""
    async with desk.look(SYSTEM) as work:
        rows = await work.session.scalars(
            select(Escalation).where(Escalation.case_id == case_id).order_by(Escalation.id)
        )
        return [(one.target, one.level, one.cycle, one.to_role.value, one.status.value) for one in rows]


async def planned(desk: Desk) -> list[FollowUp]:
    async with desk.look(SYSTEM) as work:
        return list(await work.session.scalars(select(FollowUp).order_by(FollowUp.id)))


async def trail(desk: Desk, *deeds: str) -> list[tuple[str, str, str]]:
    """The entries of these deeds as (deed, who, subject)."""
    async with desk.look(SYSTEM) as work:
        rows = await work.session.scalars(
            select(AuditEntry).where(AuditEntry.deed.in_(deeds)).order_by(AuditEntry.id)
        )
        return [(one.deed, one.who, f"{one.subject_kind}/{one.subject_id}") for one in rows]
