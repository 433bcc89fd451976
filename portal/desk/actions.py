"""What a row of the policy wants to happen by itself when its target is met, warns or is missed. S2-13, S3-5.2.2

A list in the row stands in the place of what happens anyway: a warning to the holder or the group, a miss to the
supervisors. Each action happens once a clock and moment: in the transaction that marks the clock, and by unique keys.
Alike actions of a whole batch are done together. Of a case that only the managers see nobody else is told (S3-5.1.2).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select, update

from models import Case, Customer, Deadline, Person
from models.words import CaseKind, Channel, DeadlineStatus, Role, Severity, Tier
from portal.desk import audit, deadlines, followups, notices, policy_versions, raising, reclassifying
from portal.desk.matrix import Action, Classified, Row
from portal.desk.notices import Mention, Notice
from portal.desk.work import Work

MET, WARNING, MISSED = "met", "warning", "missed"
_SHELF = "acting rows"
_AUDITED = {"audited": True, "synchronize_session": False}
_cases: Any = Case.__table__


class Struck(NamedTuple):
    """A clock that something happened to, with what has to be known of its case; a sweep's rows have more."""

    id: int
    case_id: int
    kind: str
    cycle: int
    policy: int
    rule: str
    due_at: Any
    number: str
    case_kind: str
    severity: str
    channel: str
    own_channel: str
    tier: str
    subject: str
    customer_id: int | None
    hidden: bool
    held_by_role: str
    held_by_id: int | None
    escalation_level: int
    team: str


class Act(NamedTuple):
    """One action that is to be carried out: on which clock, at which of its moments, the how many-th of its row."""

    clock: Any
    moment: str
    action: Action
    place: int

    @property
    def once(self) -> str:
        return f"{self.moment}/{self.clock.id}/{self.place}"


async def wanted(work: Work, struck: Iterable[tuple[Any, str]]) -> tuple[list[Any], list[Act]]:
    """Divide clocks and their moments: those whose rows say nothing of it, and what the rows of the others want."""
    known = list(struck)
    rows = await _acting_rows(work, {clock.policy for clock, _ in known})
    plain, acts = [], []
    for clock, moment in known:
        row = rows.get((clock.policy, clock.rule))
        if row is None or f"on_{moment}" not in row.actions:
            plain.append(clock)
            continue
        acts += [
            Act(clock, moment, action, place) for place, action in enumerate(row.actions[f"on_{moment}"])
        ]
    return plain, acts


async def _acting_rows(work: Work, numbers: set[int]) -> dict[tuple[int, str], Row]:
    """The rows with actions of these versions; of each version asked for once in the life of a process."""
    known: dict[int, dict[str, Row]] = work.kept.setdefault(_SHELF, {})
    if missing := numbers - known.keys() - {0}:  # what ships with the product has none
        for number, found in (await policy_versions.of_numbers(work, missing)).items():
            known[number] = {key: row for key, row in found.rows.items() if row.actions}
    return {(number, key): row for number in numbers for key, row in known.get(number, {}).items()}


async def met(work: Work, case: Case, clocks: Sequence[Deadline]) -> None:
    """Carry out what rows want of targets that were met in time. Part of the deed that met them."""
    in_time = [one for one in clocks if one.status is DeadlineStatus.MET]
    told = [
        Struck(
            one.id, case.id, one.kind.value, one.cycle, one.policy, one.rule, one.due_at, case.number,
            case.kind.value, case.severity.value, case.channel.value, case.own_channel, case.tier.value,
            case.subject, case.customer_id, case.restricted, case.held_by_role.value, case.held_by_id, case.escalation_level,
            case.team,
        )
        for one in in_time
    ]  # fmt: skip
    _, acts = await wanted(work, ((one, MET) for one in told))
    if acts:
        await work.session.flush()
        await carry_out(work, acts)
        await deadlines.hold(work, case)  # as it is now, where it was handed up or is more severe


async def carry_out(work: Work, acts: Sequence[Act]) -> None:
    """Do all of these; alike ones together. What changes a case is recorded here, notices with whoever called."""
    by_kind: dict[str, list[Act]] = defaultdict(list)
    for act in acts:
        by_kind[act.action.do].append(act)
    if by_kind["notify"]:
        await _notify(work, by_kind["notify"])
    if by_kind["message"]:
        await _message(work, by_kind["message"])
    if by_kind["task"]:
        await _plan(work, by_kind["task"])
    if by_kind["raise"]:
        await _raise(work, by_kind["raise"])
    if by_kind["severity"]:
        await _assess(work, by_kind["severity"])


async def colleague(work: Work, person_id: int | None) -> Person | None:
    """Give a colleague who is here; read once in a sweep."""
    known: dict[int, Person] = work.remembered.setdefault("active people", {})
    if not known:
        known.update((one.id, one) for one in await work.session.scalars(select(Person).where(Person.active)))
    return known.get(person_id) if person_id is not None else None


async def people_for(work: Work, clock: Any, to: str) -> list[Person]:
    """Whom an action is for. A restricted case stays with those who may see it."""
    if to == "holder":
        if person := await colleague(work, clock.held_by_id):
            return [person]
        to = clock.held_by_role
    if clock.hidden and to not in {Role.MANAGER, Role.ADMINISTRATOR}:
        to = Role.MANAGER
    return await notices.people_in(work, Role(to), clock.team)


async def _notify(work: Work, acts: Sequence[Act]) -> None:
    told: set[tuple[str, int, int]] = set()
    gathered = {"deadline-warning": notices.Gathered(), "target-met": notices.Gathered()}
    groups: dict[tuple[str, str, str, str, int], tuple[Person, list[Mention]]] = {}
    for act in sorted(acts, key=lambda one: one.moment != MISSED):
        clock = act.clock
        for person in await people_for(work, clock, act.action.to):
            if (act.moment, clock.id, person.id) in told:
                continue
            told.add((act.moment, clock.id, person.id))
            key = f"{act.moment}/{clock.id}"
            mention = Mention(
                clock.number, clock.subject, clock.case_id, key, bool(clock.hidden), clock.due_at
            )
            group = (act.moment, str(clock.kind), str(clock.case_kind), act.action.words, person.id)
            groups.setdefault(group, (person, []))[1].append(mention)
    for (moment, deadline, kind, words, _), (person, mentions) in groups.items():
        heading = {"ran_out": moment == MISSED, "deadline": deadline, "kind": kind, "words": words}
        template = "target-met" if moment == MET else "deadline-warning"
        gathered[template].add([person], heading, mentions)
    for template, one in gathered.items():
        if one.told:
            await notices.write_gathered(work, template, one)


async def _message(work: Work, acts: Sequence[Act]) -> None:
    """Tell the customers that it takes longer; not of a case that a lawyer or an authority is at."""
    open_ones = [act for act in acts if not act.clock.hidden and act.clock.customer_id is not None]
    ids = {act.clock.customer_id for act in open_ones}
    found = await work.session.scalars(select(Customer).where(Customer.id.in_(ids)))
    customers = {one.id: one for one in found}
    letters = [
        Notice(
            "case-delayed",
            customers[act.clock.customer_id],
            f"case-delayed/{act.once}",
            act.clock.number,
            case=act.clock.case_id,
            facts={"subject": act.clock.subject, "words": act.action.words},
        )
        for act in open_ones
    ]
    await notices.write_all(work, letters)


async def _plan(work: Work, acts: Sequence[Act]) -> None:
    """Give each task to one person: the holder, or the first of those whom a notice to the role reaches."""
    planned = []
    for act in acts:
        people = await people_for(work, act.clock, act.action.to)
        if people:
            words = act.action.words or f"See to {act.clock.number}: {_happened(act)}"
            once = f"clock/{act.once}"
            planned.append((people[0].id, words, act.clock.case_id, act.clock.customer_id, once))
    await followups.plan_each(work, planned)
    changes = [(act.clock.id, {"task": [None, act.action.words]}) for act in acts]
    await audit.record_each(work, "plan follow-up", "deadlines", changes, reason="The policy asks for it.")


async def _raise(work: Work, acts: Sequence[Act]) -> None:
    versions = await policy_versions.of_numbers(work, {act.clock.policy for act in acts})
    reached: dict[int, int] = {}
    wanted_levels = []
    for act in acts:
        clock = act.clock
        if clock.hidden:  # it is with the managers, and stays there
            continue
        level = max(reached.get(clock.case_id, 0), clock.escalation_level)
        case = Classified(
            CaseKind(clock.case_kind),
            Severity(clock.severity),
            Channel(clock.channel),
            Tier(clock.tier),
            clock.own_channel,
        )
        step = versions[clock.policy].next_level(case, level)
        if step is None and level and clock.held_by_role == Role.MANAGER:
            continue  # nobody is above
        above = step.level if step else level + 1
        to_role = step.to_role if step else Role.MANAGER if level else Role.SUPERVISOR
        clause, reason = step.clause if step else "S2-13.1", act.action.words or _happened(act)
        reached[clock.case_id] = above
        turn = step.turn_minutes if step else 0
        wanted_levels.append(raising.ByRule(clock, above, to_role, clause, reason, turn))
    await raising.raise_by_rule(work, wanted_levels)


async def _assess(work: Work, acts: Sequence[Act]) -> None:
    """Set severities, and let the clocks of those cases follow."""
    groups: dict[str, list[Any]] = defaultdict(list)
    for act in acts:
        if act.clock.severity != act.action.severity:
            groups[act.action.severity].append(act.clock)
    for severity, clocks in groups.items():
        ids = sorted({one.case_id for one in clocks})
        statement = (
            update(_cases).where(_cases.c.id.in_(ids)).values(severity=severity, version=_cases.c.version + 1)
        )
        await work.session.execute(statement, execution_options=_AUDITED)
        before = {one.case_id: one.severity for one in clocks}
        changes = [(one, {"severity": [before[one], severity]}) for one in ids]
        await audit.record_each(work, "assess case", "cases", changes, reason="The policy asks for it.")
        await reclassifying.follow(work, ids, f"severity {severity}")


def _happened(act: Act) -> str:
    kind = act.clock.kind.replace("_", " ")
    return {MET: f"{kind} met.", WARNING: f"{kind} about to run out.", MISSED: f"{kind} ran out."}[act.moment]
