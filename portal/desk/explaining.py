"""Why each clock of a case is due when it is, in plain sentences and as a picture of the days. Decision 14"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from models import Case, Deadline
from models.words import DeadlineKind
from portal.desk import clauses, deadlines, hours, numbers, policy, policy_versions
from portal.desk.errors import NotFound
from portal.desk.hours import Step, picture, telling
from portal.desk.matrix import OWN_CHANNEL, Policy, Tried
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.work import Work

LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Explained:
    """One clock with the way from its start to its due time."""

    clock: Deadline
    target: str
    """`15 minutes`, `1 business hour`."""
    row: str
    """Which row of the policy it comes from."""
    clause: str
    """What the clause asks that the row comes from; empty where the row names none of ours."""
    calendar: str
    started_at: datetime
    steps: list[Step]
    words: list[str]
    """Each step as a sentence."""
    days: list[picture.Day]
    zone: str
    counted_anew: str
    """Why what is told here is not the moment the clock keeps; empty when it is."""
    policy: int
    """The number of the version of the policy it was projected by."""
    tried: list[str]
    """The rows that were looked at, in order, and why the last one won."""


async def case_called(work: Work, asked: str) -> Case:
    """Find a case by its number, however it is written, or by its id. Raises NotFound."""
    work.require(May.SEE_CASES)
    number, plain = numbers.read_number(asked), asked.strip()
    if number is not None:
        wanted = Case.number == number
    elif plain.isascii() and plain.isdigit() and len(plain) < len(str(LARGEST_ID)):
        wanted = Case.id == int(plain)
    else:
        raise NotFound(f"{asked!r} is neither the number of a case nor its id.")
    case: Case | None = await work.session.scalar(narrowed(work.actor, Case, select(Case)).where(wanted))
    if case is None:
        raise NotFound(f"There is no case {asked}.")
    return case


async def explain(work: Work, case: Case) -> list[Explained]:
    """Every clock of the case in this cycle, in the order in which they were due."""
    work.require(May.SEE_CASES)
    clocks = await work.session.scalars(
        select(Deadline)
        .where(Deadline.case_id == case.id, Deadline.cycle == case.cycle)
        .order_by(Deadline.due_at.is_(None), Deadline.due_at, Deadline.id)
    )
    pauses = deadlines.pauses_in(await deadlines.facts_of(work, case))
    rows = list(clocks)
    policies = await policy_versions.of_numbers(work, {clock.policy for clock in rows})
    in_force = await policy_versions.in_force(work)
    return [_explained(case, clock, pauses, policies.get(clock.policy, in_force)) for clock in rows]


def _explained(case: Case, clock: Deadline, pauses: list[hours.Pause], found: Policy) -> Explained:
    row = found.calendars.get(clock.calendar) or found.calendar_of(case)
    calendar = row.opening
    names = {day: name for day, (_, name) in row.days.items() if name}
    target = hours.Target(clock.target_kind, clock.target_amount)
    known = pauses if clock.met_at is None else [one for one in pauses if one[0] < clock.met_at]
    refused = ""
    try:
        steps = hours.explain(calendar, clock.started_at, target, known)
    except hours.HoursError as error:
        steps, refused = [], error.message
    tried = found.why(case, clock.kind, clock.level if clock.kind is DeadlineKind.ESCALATE else 0)
    return Explained(
        clock,
        policy.in_words(target),
        _row(case, clock, found),
        clauses.titles().get(clock.source, ""),
        f"{row.name}: {row.hours} ({row.zone})",
        clock.started_at,
        steps,
        [telling.sentence(step, calendar.book.zone, names) for step in steps],
        picture.draw(calendar, steps),
        row.zone,
        refused or _counted_anew(clock, steps),
        found.number,
        [_looked_at(case, one) for one in tried],
    )


def _row(case: Case, clock: Deadline, found: Policy) -> str:
    """The row a clock follows, by what it says; by the kind of case where the version no longer has it."""
    row = found.rows.get(clock.rule)
    if row is not None:
        return policy_versions.name_of(row)
    kind = case.kind.value.replace("_", " ")
    if clock.kind is DeadlineKind.ESCALATE:
        return f"escalate {kind}, level {clock.level}"
    return f"{clock.kind.value.replace('_', ' ')} {kind}"


def _looked_at(case: Case, tried: Tried) -> str:
    """Say of one row why it does not hold for this case, or that it is the first that does."""
    name = policy_versions.name_of(tried.row)
    if not tried.failed:
        return f"{name}: the first that holds."
    asked, is_so = tried.row.conditions[tried.failed], getattr(case, tried.failed).value
    if tried.failed == "channel":
        asked, is_so = asked.removeprefix(OWN_CHANNEL), case.came_by
    spoken = (one.replace("_", " ") for one in (tried.failed, asked, is_so))
    return "{}: its {} is {}, the case’s is {}.".format(name, *spoken)


def _counted_anew(clock: Deadline, steps: list[Step]) -> str:
    if steps[-1].end == clock.due_at:
        return ""
    return (
        "The clock ended under other hours or facts than those of now, and keeps the moment it had then; "
        "this is how it would be counted now."
    )
