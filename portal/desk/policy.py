"""Every number of the procedures that the clocks run on, once, beside its clause; and what is in force now.

`DEFAULTS` ships with the product. Rows that an administrator edits are laid over them into one `Policy`, the
same for a whole transaction; switching a row off takes its number out of force.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import select

from models import DeadlineRule, EscalationRule
from models.words import CaseKind, DeadlineKind, Role, TargetKind
from portal.desk import audit
from portal.desk.hours import Target, business, business_days, elapsed, same_business_day
from portal.desk.permissions import May
from portal.desk.work import Work

DAY = 24 * 60 * 60
"""Seconds."""
ROOT = Path(__file__).parents[2]
DEFAULTS: list[Rule] = []
"""In the order in which they stand below."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One number: what it is called, what it says, where it comes from and where it stands."""

    name: str
    value: str
    clause: str
    place: str
    """Where it stands: `portal/desk/policy.py:63`."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a case may take to one of its targets. S0-3.3.1, S3-3.1.1a, S3-3.2.3."""

    target: Target
    warn_percent: int
    clause: str


@dataclass(frozen=True, slots=True)
class Level:
    """One row of the escalation matrix: to whom a case goes when this much time has passed. S0-4.

    The time of every level counts from the opening of the case, as the procedures word it.
    """

    level: int
    to_role: Role
    target: Target
    clause: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What is in force: targets by kind of case, and the escalation matrix."""

    limits: Mapping[tuple[CaseKind, DeadlineKind], Limit]
    matrix: Mapping[CaseKind, tuple[Level, ...]]

    def limits_of(self, kind: CaseKind) -> dict[DeadlineKind, Limit]:
        return {deadline: limit for (of, deadline), limit in self.limits.items() if of is kind}

    def next_level(self, kind: CaseKind, reached: int) -> Level | None:
        """Give the first level of the matrix above the one reached; None at the top."""
        return next((step for step in self.matrix.get(kind, ()) if step.level > reached), None)


def _note(name: str, value: str, clause: str) -> None:
    frame = inspect.currentframe()
    while frame and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    at = frame.f_lineno if frame else 0
    DEFAULTS.append(Rule(name, value, clause, f"{Path(__file__).relative_to(ROOT).as_posix()}:{at}"))


def _limit(deadline: DeadlineKind, target: Target, clause: str) -> Limit:
    _note(f"{deadline.value} every case", in_words(target), clause)
    return Limit(target, WARN_PERCENT, clause)


def _level(kind: CaseKind, level: int, to_role: Role, target: Target, clause: str) -> tuple[CaseKind, Level]:
    _note(f"escalate {_spoken(kind)} to {to_role.value}, level {level}", in_words(target), clause)
    return kind, Level(level, to_role, target, clause)


def _span(name: str, clause: str, *, minutes: int = 0, hours: int = 0, days: int = 0) -> timedelta:
    span = timedelta(minutes=minutes, hours=hours, days=days)
    _note(name, in_words(elapsed(seconds=int(span.total_seconds()))), clause)
    return span


def _counted(name: str, target: Target, clause: str) -> Target:
    _note(name, in_words(target), clause)
    return target


def _share(name: str, percent: int, clause: str) -> int:
    _note(name, f"{percent} % of the time", clause)
    return percent


def _number(name: str, count: int, clause: str) -> int:
    _note(name, str(count), clause)
    return count


def _text(name: str, text: str, clause: str) -> str:
    _note(name, text, clause)
    return text


def _spoken(word: str) -> str:
    return word.replace("_", " ")


def in_words(target: Target) -> str:
    """Say a target as a person would: `2 business hours`, `15 minutes`, `the same business day`."""
    match target.kind:
        case TargetKind.SAME_BUSINESS_DAY:
            return "the same business day"
        case TargetKind.BUSINESS_DAYS:
            return f"{target.amount} business day{'' if target.amount == 1 else 's'}"
        case kind:
            counted = "business " if kind is TargetKind.BUSINESS else ""
            for unit, seconds in (("day", DAY), ("hour", 3600), ("minute", 60)):
                if unit == "day" and (counted or target.amount <= DAY):
                    continue  # 24 hours is what the procedures say; a business day has no length
                if target.amount and target.amount % seconds == 0:
                    many = target.amount // seconds
                    return f"{many} {counted}{unit}{'' if many == 1 else 's'}"
            return f"{target.amount} {counted}seconds"


# What the procedures say. One number, one line, its clause beside it.

WARN_PERCENT = _share("warn before a deadline", 75, "S0-3.3.1")
ACKNOWLEDGE = _limit(DeadlineKind.ACKNOWLEDGE, elapsed(minutes=15), "S3-3.1.1a")
ANSWER = _limit(DeadlineKind.ANSWER, business(hours=1), "S0-3.3.1")
RESOLVE = _limit(DeadlineKind.RESOLVE, elapsed(hours=24), "S3-3.2.3")

ORDER_ERROR = _level(CaseKind.ORDER_ERROR, 1, Role.SUPERVISOR, business(hours=2), "S0-4.1c")
PAYMENT_ISSUE = _level(CaseKind.PAYMENT_ISSUE, 1, Role.FINANCE, same_business_day(), "S0-4.2c")
COMPLAINT = _level(CaseKind.COMPLAINT, 1, Role.MANAGER, elapsed(hours=24), "S0-4.3c")

FOLLOW_UP_REMINDER = _span("remind of a follow-up before it is due", "S2-6.3", hours=1)
RESOLUTION_CHECK = _counted("ask after a resolution whether it holds", business_days(2), "S3-4.1.4")
DELIVERY_CHECK = _counted("ask after a delivery whether all is well", business_days(2), "S0-3.6.3")
FEEDBACK_AFTER_RESOLUTION = _span("ask for feedback after a resolution", "S3-9.1.1", hours=1)
FEEDBACK_AFTER_DELIVERY = _span("ask for feedback after a delivery", "S0-3.7.1", days=1)
FEEDBACK_COOL_DOWN = _span("ask one customer for feedback again at the earliest", "S3-9.1.1", days=30)
FEEDBACK_OPEN_FOR = _span("a feedback link can be answered for", "S0-3.7.1", days=30)
LOW_SCORE = _number("feedback score that calls for an action, at most", 2, "S0-3.7.2")
LOW_SCORE_ACTION = _counted("act on a low feedback score", business_days(1), "S0-3.7.2")

LEAST_ACTIONS = _number("actions written down before a case is resolved, at least", 1, "S3-4.2.1b")
PUT_OFF = _span("try again what failed in a job, doubled each time", "S0-4.1c", minutes=1)
PUT_OFF_AT_MOST = _span("try again what failed in a job at the latest", "S0-4.1c", hours=1)
HEARD_WITHIN = _span("tell a wider circle when no notice of an escalation went out", "S3-5.2.2", minutes=10)

FACTS_NEEDED = _number("facts that have to match before a caller is verified", 2, "S2-2.1")
TRIES_A_CONTACT = _number("failed verifications before a contact gets no more tries", 3, "S2-2.6")
TRIES_A_CUSTOMER = _number("failed verifications before a customer is locked", 5, "S2-2.6")
LOCKED_FOR = _span("a customer stays locked after failed verifications", "S2-2.6", hours=1)
TRIES_A_CALLER = _number("failed verifications before a caller is locked, whomever they ask for", 5, "S2-2.6")
CALLER_FORGOTTEN = _span("failed verifications of a caller count for", "S2-2.6", days=1)
VERIFIED_FOR = _span("a caller stays verified", "S2-2.7", minutes=30)
FACTS_STRENGTH = _number("strength of facts that match: 1 usual, 2 strong", 1, "S2-2.1")
CALL_BACK_STRENGTH = _number("strength of a call back on the number on record", 2, "S2-2.1")
CODE_STRENGTH = _number("strength of a one-time code by mail", 2, "S2-2.1")
TRIES_OF_STRONG_WAYS = _number("failed verifications before call back and code are shut too", 6, "S2-2.6")
CODE_TRIES = _number("wrong answers before a one-time code is void", 3, "S2-2.6")
CODES_A_CONTACT = _number("one-time codes sent in one contact", 3, "S2-2.6")
CODES_A_CUSTOMER = _number("one-time codes sent to one customer in an hour", 5, "S2-2.6")
CODE_OPEN_FOR = _span("a one-time code can be used for", "S2-2.7", minutes=10)
CODE_AGAIN_AFTER = _span("send another one-time code at the earliest", "S2-2.6", minutes=1)
DIAL_OPEN_FOR = _span("the number to call back is shown for", "S2-2.4", minutes=10)
DETAILS_SETTLE = _span("a changed number or address does not verify a caller for", "S2-2.6", days=3)
NEED_SEE_DETAILS = _number("strength needed to see details", 1, "S2-1.4")
NEED_CHANGE_DETAILS = _number("strength needed to change details", 1, "S2-6.2")
NEED_PLACE_ORDER = _number("strength needed to place an order", 0, "S2-2.1")
NEED_AMEND_ORDER = _number("strength needed to amend an order", 1, "S2-2.1")
NEED_ASK_REFUND = _number("strength needed to ask for a refund", 2, "S2-2.1")

DELIVERY_TAKES = _counted("expect an order to be delivered", business_days(3), "S1-4.4.1b")
PICKUP_TAKES = _counted("expect an order to be ready for pick-up", business_days(1), "S1-4.4.1b")
CONFIRMATION_CALL = _counted("call a customer who wants no letter to confirm", business(hours=4), "S0-3.6.1")

AFTER_DIFFICULT = _counted("ask how things stand after a difficult contact", business_days(1), "S2-5.6")
BREAK_SUGGESTED = _span("suggest a break after a difficult contact for", "S2-5.7", minutes=30)
LONG_CONTACT = _span("look for difficult contacts that began before, at most", "S2-5.7", days=1)
PROMISES_LOOKED_AT = _span("count promises kept on time over the last", "S2-9.4", days=30)

KEEP_JOB_SLOTS = _span("keep the record of a job's run", "decision 23", days=14)
KEEP_KEYS = _span("keep the key that makes a form count once", "S0-3.5.3", days=2)

CALENDAR_NAME = _text("name of the default calendar", "Desk", "S0-3.3.1")
CALENDAR_ZONE = _text("zone of the default calendar", "Europe/Berlin", "S0-3.3.1")
CALENDAR_HOURS = _text("opening hours of the default calendar", "Mo-Fr 09:00-17:00", "S0-3.3.1")
CALENDAR_REGION = _text("region whose holidays are filled in", "DE-BE", "S2-10.4")
HOLIDAY_YEARS_AHEAD = _number("years ahead for which holidays are filled in", 2, "S2-10.4")

LIMITS: Mapping[DeadlineKind, Limit] = MappingProxyType(
    {DeadlineKind.ACKNOWLEDGE: ACKNOWLEDGE, DeadlineKind.ANSWER: ANSWER, DeadlineKind.RESOLVE: RESOLVE}
)
"""For every kind of case alike; a row makes an exception for one kind. S2-11.1."""
MATRIX: tuple[tuple[CaseKind, Level], ...] = (ORDER_ERROR, PAYMENT_ISSUE, COMPLAINT)


def rules(word: str = "") -> list[Rule]:
    """List every default whose name, value or clause holds the word, in their order."""
    wanted = word.lower()
    return [rule for rule in DEFAULTS if wanted in f"{rule.name} {rule.value} {rule.clause}".lower()]


def edited(policy: Policy, word: str = "") -> list[Rule]:
    """List what managers changed: every target and level in force that is not the default, or is switched off."""
    found: list[Rule] = []
    for case in CaseKind:
        for kind, usual in LIMITS.items():
            limit = policy.limits.get((case, kind))
            if limit is None or limit.target != usual.target or limit.warn_percent != usual.warn_percent:
                value = (
                    f"{in_words(limit.target)}, warned at {limit.warn_percent} %" if limit else "switched off"
                )
                found.append(
                    Rule(
                        f"{kind.value} {_spoken(case)}",
                        value,
                        limit.clause if limit else usual.clause,
                        "edited",
                    )
                )
    usual_levels = {(case, step.level): step for case, step in MATRIX}
    levels = {(case, step.level): step for case, steps in policy.matrix.items() for step in steps}
    for key in sorted(usual_levels.keys() | levels.keys()):
        step = levels.get(key)
        if step != usual_levels.get(key):
            name = f"escalate {_spoken(key[0])}, level {key[1]}"
            value = f"to {step.to_role.value} after {in_words(step.target)}" if step else "switched off"
            found.append(Rule(name, value, step.clause if step else usual_levels[key].clause, "edited"))
    wanted = word.lower()
    return [rule for rule in found if wanted in f"{rule.name} {rule.value} {rule.clause}".lower()]


def counted(kind: TargetKind, amount: int) -> Target:
    """Give the target of a row: minutes for elapsed and business time, else days; 0 for the same day."""
    minutes = kind in {TargetKind.ELAPSED, TargetKind.BUSINESS}
    return Target(kind, amount * 60 if minutes else amount)


def written(target: Target) -> int:
    """Give the amount of a row for a target: the other way round than `counted`."""
    return target.amount // 60 if target.kind in {TargetKind.ELAPSED, TargetKind.BUSINESS} else target.amount


async def in_force(work: Work) -> Policy:
    """Read the rows over the defaults; once in a transaction."""
    remembered: Policy | None = work.remembered.get("policy")
    if remembered is None:
        remembered = await _read(work)
        work.remembered["policy"] = remembered
    return remembered


async def _read(work: Work) -> Policy:
    limits = {(case, kind): limit for case in CaseKind for kind, limit in LIMITS.items()}
    for limit_row in await work.session.scalars(select(DeadlineRule).order_by(DeadlineRule.id)):
        key = limit_row.case_kind, limit_row.deadline
        limits.pop(key, None)
        if limit_row.active:
            target = counted(limit_row.target_kind, limit_row.amount)
            limits[key] = Limit(target, limit_row.warn_percent, limit_row.clause)
    levels = {(case, step.level): step for case, step in MATRIX}
    for level_row in await work.session.scalars(select(EscalationRule).order_by(EscalationRule.id)):
        levels.pop((level_row.case_kind, level_row.level), None)
        if level_row.active:
            levels[level_row.case_kind, level_row.level] = Level(
                level_row.level,
                level_row.to_role,
                counted(level_row.target_kind, level_row.amount),
                level_row.clause,
            )
    matrix = {
        kind: tuple(
            step for (case, _), step in sorted(levels.items(), key=lambda one: one[0][1]) if case is kind
        )
        for kind in CaseKind
    }
    return Policy(MappingProxyType(limits), MappingProxyType(matrix))


async def ensure_defaults(work: Work) -> int:
    """Write every default that has no row yet; return how many. The calendar has its own in `calendars`.

    Rows that are there stay as they are, edited or not.
    """
    work.require(May.EDIT_POLICY)
    known_limits = {
        tuple(row)
        for row in await work.session.execute(select(DeadlineRule.case_kind, DeadlineRule.deadline))
    }
    known_levels = {
        tuple(row)
        for row in await work.session.execute(select(EscalationRule.case_kind, EscalationRule.level))
    }
    added: list[DeadlineRule | EscalationRule] = [
        DeadlineRule(
            case_kind=case,
            deadline=kind,
            target_kind=limit.target.kind,
            amount=written(limit.target),
            warn_percent=limit.warn_percent,
            clause=limit.clause,
        )
        for case in CaseKind
        for kind, limit in LIMITS.items()
        if (case, kind) not in known_limits
    ]
    added += [
        EscalationRule(
            case_kind=case,
            level=step.level,
            to_role=step.to_role,
            target_kind=step.target.kind,
            amount=written(step.target),
            clause=step.clause,
        )
        for case, step in MATRIX
        if (case, step.level) not in known_levels
    ]
    if added:
        work.session.add_all(added)
        work.remembered.pop("policy", None)
        await audit.record(work, "write default policy")
    return len(added)
