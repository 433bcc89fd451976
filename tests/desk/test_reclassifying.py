"""A case classified anew: what becomes of its clocks is said beforehand, and then is so. Decisions 8 and 9, S2-13.1"""

from datetime import datetime
from typing import Any

import pytest

from models import Customer, Escalation, Person
from models.words import CaseKind, Channel, Role, Severity, Tier
from portal.desk import audit, cases, customers, escalation, reclassifying
from portal.desk.errors import Conflict, NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA, FIN, MARA, Clock, berlin
from tests.desk import stories
from tests.desk.test_sweep import swept

RULES = (
    {"key": "urgent", "to": "answer", "severity": "urgent", "counts": "elapsed", "amount": 10, "clause": "S2-13.1"},
    {"key": "gold", "to": "resolve", "tier": "priority", "counts": "business", "amount": 240},
    {"key": "no-chat", "to": "resolve", "channel": "chat", "off": True},
    {"key": "told", "to": "update", "kind": "payment_issue", "counts": "business", "amount": 120},
)  # fmt: skip


def _ruled(document: dict[str, Any]) -> None:
    document["targets"] = [*RULES, *document["targets"]]
    stories.add_level(document, "payment_issue", 2, "manager", "business_days", 2)


async def reclassified(desk: Desk, case_id: int, **wanted: Any) -> dict[str, tuple[bool, datetime | None]]:
    """Classify a case anew; give what was foretold of every clock that it would have."""
    async with desk.look(CORA) as work:
        case = await stories.the_case(work, case_id)
        told = await reclassifying.would_be(work, case, reclassifying.as_it_is(case, **wanted))
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        new = reclassifying.as_it_is(case, **wanted)
        await cases.reclassify(work, case, case.version, new, "The customer said more.")
    by_name = {
        f"{one.kind.value} {one.level}" if one.level else one.kind.value: (one.has, one.new) for one in told
    }
    assert len(by_name) == len(told), "a clock is told of twice"
    return by_name


async def unfinished(desk: Desk, case_id: int) -> dict[str, datetime | None]:
    return {
        name: due
        for name, (state, due) in (await stories.clocks(desk, case_id)).items()
        if state in {"running", "paused"}
    }


@pytest.mark.parametrize("to", CaseKind)
@pytest.mark.parametrize("state", ["fresh", "answered", "asked", "late", "there and back", "reopened"])
async def test_what_is_foretold_comes_true(desk: Desk, clock: Clock, to: CaseKind, state: str) -> None:
    """Every kind from every other, in every state: the same projection tells and writes."""
    await stories.policy_changed(desk, _ruled)
    differing = []
    for kind in CaseKind:
        if kind is to:
            continue
        clock.at("2026-03-02 10:00")
        case_id = await stories.opened(desk, kind, Channel.EMAIL)
        clock.forward(minutes=20)
        if state == "late":
            clock.forward(days=2)
        elif state == "there and back":
            await reclassified(desk, case_id, kind=to)
            await reclassified(desk, case_id, kind=kind)
        elif state == "reopened":
            await stories.resolved(desk, case_id)
            clock.forward(minutes=5)
            async with desk.work(CORA) as work:
                await cases.reopen(work, await stories.the_case(work, case_id), "It is not settled.")
        elif state != "fresh":
            async with desk.work(CORA) as work:
                case = await stories.the_case(work, case_id)
                say = cases.answer if state == "answered" else cases.ask_customer
                await say(work, case, "Which one do you mean?")
        clock.forward(minutes=5)
        told = await reclassified(desk, case_id, kind=to)
        is_so = await unfinished(desk, case_id)
        if {name: due for name, (has, due) in told.items() if has} != is_so:
            differing.append((kind.value, told, is_so))
    assert differing == []


async def test_a_target_comes_goes_and_comes_back_with_the_time_it_had(desk: Desk, clock: Clock) -> None:
    """The clock counts from the opening, whatever the case was taken for meanwhile."""
    await stories.policy_changed(desk, _ruled)
    case_id = await stories.opened(desk, CaseKind.PAYMENT_ISSUE, Channel.EMAIL)
    before = await stories.clocks(desk, case_id)
    assert before["escalate 2"] == ("running", berlin("2026-03-04 17:00"))
    clock.forward(minutes=10)
    told = await reclassified(desk, case_id, kind=CaseKind.INQUIRY)
    assert told == {
        "answer": (True, berlin("2026-03-02 11:00")),
        "update 1": (False, None),
        "escalate 1": (False, None),
        "escalate 2": (False, None),
        "resolve": (True, berlin("2026-03-03 10:00")),
    }
    assert set(await unfinished(desk, case_id)) == {"answer", "resolve"}
    clock.forward(minutes=10)
    await reclassified(desk, case_id, kind=CaseKind.PAYMENT_ISSUE)
    assert await stories.clocks(desk, case_id) == before


@pytest.mark.parametrize("told_meanwhile", [False, True])
async def test_a_target_that_was_taken_out_of_the_policy_comes_back_with_it(
    desk: Desk, clock: Clock, *, told_meanwhile: bool
) -> None:
    """What a later version asks for again counts from its own beginning: the opening, or what was last said."""
    await stories.policy_changed(desk, _ruled)
    case_id = await stories.opened(desk, CaseKind.PAYMENT_ISSUE, Channel.EMAIL)
    before = await stories.clocks(desk, case_id)
    clock.forward(minutes=10)
    await stories.policy_changed(desk, lambda document: document["targets"].remove(RULES[-1]))
    assert (await stories.states(desk, case_id))["update 1"] == "stopped"
    clock.forward(minutes=10)
    if told_meanwhile:
        async with desk.work(CORA) as work:
            await cases.update_customer(
                work, await stories.the_case(work, case_id), "We are looking into it."
            )
    clock.forward(minutes=10)
    await stories.policy_changed(desk, lambda document: document["targets"].append(RULES[-1]))
    if told_meanwhile:
        assert (await unfinished(desk, case_id))["update 2"] == berlin("2026-03-02 12:20")
    else:
        assert await stories.clocks(desk, case_id) == before


async def test_severity_tier_and_channel_are_conditions_too(desk: Desk) -> None:
    """A wizard’s severity, a hand-up and a reclassification all move the clocks, and stand on record. S2-13.1, S2-3.1"""
    await stories.policy_changed(desk, _ruled)
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    async with desk.work(CORA) as work:
        await cases.assess(work, await stories.the_case(work, case_id), Severity.URGENT)
    assert (await unfinished(desk, case_id))["answer"] == berlin("2026-03-02 10:10")
    async with desk.work(CORA) as work:
        await escalation.raise_by_hand(
            work, await stories.the_case(work, case_id), "Beyond me.", severity=Severity.LOW
        )
    assert (await unfinished(desk, case_id))["answer"] == berlin("2026-03-02 11:00")
    await reclassified(desk, case_id, tier=Tier.PRIORITY)
    assert (await unfinished(desk, case_id))["resolve"] == berlin("2026-03-02 14:00")
    await reclassified(desk, case_id, tier=Tier.STANDARD, channel=Channel.CHAT)
    assert set(await unfinished(desk, case_id)) == {"answer"}
    assert await stories.trail(desk, "reclassify case") == [
        ("reclassify case", "Cora", f"cases/{case_id}"),
        ("reclassify case", "Cora", f"cases/{case_id}"),
    ]


async def test_what_ran_out_stays_missed_whatever_the_case_is_now(desk: Desk, clock: Clock) -> None:
    """Decision 8: a miss is a fact."""
    await stories.policy_changed(desk, _ruled)
    case_id = await stories.opened(desk, CaseKind.INQUIRY)
    clock.forward(minutes=61)
    await reclassified(desk, case_id, severity=Severity.URGENT)
    await swept(desk)
    found = await stories.deadline(desk, case_id, "answer")
    assert (found.status, found.missed_at) == ("missed", berlin("2026-03-02 11:00"))


async def test_an_accepted_case_is_not_chased_again_by_its_new_kind(desk: Desk, clock: Clock) -> None:
    """S2-13.4: somebody has it in hand."""
    case_id = await stories.opened(desk, CaseKind.ORDER_ERROR)
    clock.forward(hours=2)
    await swept(desk)
    async with desk.work(MARA) as work:
        await escalation.accept(work, await work.session.get_one(Escalation, 1))
    await reclassified(desk, case_id, kind=CaseKind.INQUIRY)
    await reclassified(desk, case_id, kind=CaseKind.ORDER_ERROR)
    assert (await stories.states(desk, case_id))["escalate 1"] == "missed"
    assert await stories.raised(desk, case_id) == [("escalate", 1, 1, "supervisor", "accepted")]


async def test_what_is_refused(desk: Desk) -> None:
    case_id = await stories.opened(desk, CaseKind.INQUIRY, statement="")
    async with desk.work(CORA) as work:
        case = await stories.the_case(work, case_id)
        same = reclassifying.as_it_is(case)
        with pytest.raises(NotAccepted) as refusal:
            await cases.reclassify(work, case, case.version, same, " ")
        assert set(refusal.value.fields) == {"kind", "reason"}
        complaint = reclassifying.as_it_is(case, kind=CaseKind.COMPLAINT)
        with pytest.raises(NotAccepted) as refusal:
            await cases.reclassify(work, case, case.version, complaint, "It is one.")
        assert set(refusal.value.fields) == {"kind"}
        urgent = reclassifying.as_it_is(case, severity=Severity.URGENT)
        with pytest.raises(Conflict):
            await cases.reclassify(work, case, case.version - 1, urgent, "It burns.")
    async with desk.work(FIN) as work:
        with pytest.raises(NotAllowed):
            await cases.reclassify(work, case, case.version, urgent, "It burns.")
    secret = await stories.opened(desk, CaseKind.INQUIRY, legal=True)
    await stories.resolved(desk, case_id)
    async with desk.work(CORA) as work:
        with pytest.raises(WrongMoment):
            await cases.reclassify(work, await stories.the_case(work, case_id), 1, urgent, "It burns.")
        with pytest.raises(NotFound):
            await cases.reclassify(work, await stories.the_case(work, secret), 1, urgent, "It burns.")


async def test_a_new_case_takes_tier_and_country_of_the_customer_and_the_team_of_who_opens_it(
    desk: Desk,
) -> None:
    async with desk.work(SYSTEM) as work:
        ana = await work.session.get_one(Customer, ANA)
        await customers.change(work, ana, ana.version, tier=Tier.PRIORITY)
        (await work.session.get_one(Person, CORA.person_id)).team = "North"
        await audit.record(work, "move people")
    first = await stories.seen(desk, await stories.opened(desk, CaseKind.INQUIRY))
    nobodys = await stories.seen(desk, await stories.opened(desk, CaseKind.INQUIRY, customer_id=None))
    assert [(one.tier, one.team, one.country) for one in (first, nobodys)] == [
        (Tier.PRIORITY, "North", "DE"),
        (Tier.STANDARD, "North", ""),
    ]
    assert first.held_by_role is Role.REPRESENTATIVE
