"""Every number of the procedures that the desk runs on, once, beside its clause.

`DEFAULTS` ships with the product. Targets, levels and opening hours are only where the first version of the policy
begins; which version is in force is read by `policy_versions`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from models.words import CaseKind, Channel, DeadlineKind, Role, Severity, TargetKind
from portal.desk.hours import Target, business, business_days, elapsed, same_business_day

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
    row: str = ""
    """The key of the row of the policy that says so."""


@dataclass(frozen=True, slots=True)
class Special:
    """A target that ships for some cases alone, above those for every case. S2-14.2, S2-12.5"""

    key: str
    to: DeadlineKind
    conditions: Mapping[str, str]
    limit: Limit


@dataclass(frozen=True, slots=True)
class Level:
    """One row of the escalation matrix: to whom a case goes when this much time has passed. S0-4.

    The time of every level counts from the opening of the case, as the procedures word it.
    """

    level: int
    to_role: Role
    target: Target
    clause: str
    row: str = ""
    turn_minutes: int = 0
    """How long each of the role has before the next one is told; 0 where all are told together. S2-13.2"""


@dataclass(frozen=True, slots=True)
class Pause:
    """A reason for which the clocks of a case may stand still, besides an open question to the customer."""

    name: str
    words: str
    """What the case is doing meanwhile: `waiting for the supplier`."""
    clause: str


def _note(name: str, value: str, clause: str) -> None:
    frame = inspect.currentframe()
    while frame and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    at = frame.f_lineno if frame else 0
    DEFAULTS.append(Rule(name, value, clause, f"{Path(__file__).relative_to(ROOT).as_posix()}:{at}"))


def _limit(deadline: DeadlineKind, target: Target, clause: str) -> Limit:
    _note(f"{deadline.value} every case", in_words(target), clause)
    return Limit(target, WARN_PERCENT, clause)


def _special(
    key: str, to: DeadlineKind, target: Target, clause: str, of: CaseKind | Severity | Channel
) -> Special:
    _note(f"{to.value} {_spoken(of.value)} cases", in_words(target), clause)
    name = {CaseKind: "kind", Severity: "severity", Channel: "channel"}[type(of)]
    return Special(key, to, MappingProxyType({name: of.value}), Limit(target, WARN_PERCENT, clause, key))


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


def _pause(name: str, words: str, clause: str) -> Pause:
    _note("let the clocks of a case stand while", words, clause)
    return Pause(name, words, clause)


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
CHAT_ANSWER = _special("chat-answer", DeadlineKind.ANSWER, business(minutes=5), "S2-12.5", Channel.CHAT)
URGENT_ANSWER = _special("urgent-answer", DeadlineKind.ANSWER, elapsed(hours=1), "S2-14.2", Severity.URGENT)
URGENT_SOLVE = _special("urgent-solve", DeadlineKind.RESOLVE, elapsed(hours=4), "S2-14.2", Severity.URGENT)
COMPLAINT_UPDATE = _special(
    "complaint-update", DeadlineKind.UPDATE, business_days(2), "S0-3.4.4", CaseKind.COMPLAINT
)  # how long is our own choice: the procedure names no time (docs/decisions/0029)

ORDER_ERROR = _level(CaseKind.ORDER_ERROR, 1, Role.SUPERVISOR, business(hours=2), "S0-4.1c")
PAYMENT_ISSUE = _level(CaseKind.PAYMENT_ISSUE, 1, Role.FINANCE, same_business_day(), "S0-4.2c")
COMPLAINT = _level(CaseKind.COMPLAINT, 1, Role.MANAGER, elapsed(hours=24), "S0-4.3c")

FOLLOW_UP_REMINDER = _span("remind of a follow-up before it is due", "S2-6.3", hours=1)
TASK_OF_A_CLOCK = _counted("do what a clock of a case asks for", business(hours=1), "S2-6.3")
RESOLUTION_CHECK = _counted("ask after a resolution whether it holds", business_days(2), "S3-4.1.4")
TRIES_TO_REACH = _number("tries to ask after a resolution before the case is closed unasked", 3, "S3-4.2.1c")
TRY_AGAIN = _counted("try again to reach a customer after a resolution", business_days(1), "S3-4.2.1c")
DELIVERY_CHECK = _counted("ask after a delivery whether all is well", business_days(2), "S0-3.6.3")
FEEDBACK_AFTER_RESOLUTION = _span("ask for feedback after a resolution", "S3-9.1.1", hours=1)
FEEDBACK_AFTER_DELIVERY = _span("ask for feedback after a delivery", "S0-3.7.1", days=1)
FEEDBACK_COOL_DOWN = _span("ask one customer for feedback again at the earliest", "S3-9.1.1", days=30)
FEEDBACK_OPEN_FOR = _span("a feedback link can be answered for", "S0-3.7.1", days=30)
LOW_SCORE = _number("feedback score that calls for an action, at most", 2, "S0-3.7.2")
FEW_ANSWERS = _number("answers below which a mean score says little", 10, "S3-9.2.1c")
RECURRING = _number(
    "low scores of a kind, or comments with a word, that make it one that comes back", 3, "S3-11.1.1b"
)
LOW_SCORE_ACTION = _counted("act on a low feedback score", business_days(1), "S0-3.7.2")
ACKNOWLEDGE_AGAIN = _span(
    "answer mail of one sender by itself again at the earliest", "S3-3.1.1b", minutes=10
)
ACKNOWLEDGED_A_DAY = _number("mails of one sender answered by themselves in a day, at most", 6, "S3-3.1.1b")
REACH_ANOTHER_WAY = _counted("reach somebody whose letter came back another way", business(hours=4), "S2-6.6")

CHAT_LEFT_AFTER = _span("make a message of a chat that nobody took", "S2-12.3", hours=1)
CHAT_OPEN_FOR = _span("a customer can read a chat that has ended for", "S2-12.3", days=1)
CHATS_OF_ONE_ADDRESS = _number("chats begun from one address in ten minutes, at most", 10, "S2-12.3")
CHAT_MESSAGES_A_MINUTE = _number(
    "messages that one customer writes in a chat in a minute, at most", 20, "S2-12.3"
)
CHAT_MESSAGES = _number("messages of one chat, at most", 500, "S2-12.3")

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
RETURN_WITHIN = _number("days in which a return is expected to arrive", 14, "S3-4.1.3c")
DECIDE_REQUEST = _counted("decide on a special request in its department", business(hours=4), "S1-4.5.2")
TAKE_CHAT = _counted("take a chat that waits", business(minutes=5), "S2-12.5")
LATE_REQUEST = _counted(
    "tell who leads of a special request after its department", business(hours=1), "S1-4.5.2"
)
ANSWER_AVAILABILITY = _counted("answer what is available", business(hours=1), "S1-3.2a")
RECEIVE_ORDER = _counted("tick a new or changed order as received", business(minutes=30), "S1-4.7.1")
CONFIRMATION_CALL = _counted("call a customer who wants no letter to confirm", business(hours=4), "S0-3.6.1")

AFTER_DIFFICULT = _counted("ask how things stand after a difficult contact", business_days(1), "S2-5.6")
BREAK_SUGGESTED = _span("suggest a break after a difficult contact for", "S2-5.7", minutes=30)
LONG_CONTACT = _span("look for difficult contacts that began before, at most", "S2-5.7", days=1)
PROMISES_LOOKED_AT = _span("count promises kept on time over the last", "S2-9.4", days=30)

UNDO_MERGE = _span("undo a merge of two customers within", "S2-6.5", days=30)

DATA_REQUEST_REMINDED = _span(
    "remind of what a customer asks of their data before it is due", "S2-2.3", days=7
)

KEEP_JOB_SLOTS = _span("keep the record of a job's run", "decision 23", days=14)
KEEP_KEYS = _span("keep the key that makes a form count once", "S0-3.5.3", days=2)
KEEP_REQUESTS = _span("keep a special request with its order, at least", "S1-4.5.1b", days=366)
KEEP_AMENDMENTS = _span("keep an amendment with its order, at least", "S1-5.2b", days=366)

CALENDAR_NAME = _text("name of the default calendar", "Desk", "S0-3.3.1")
CALENDAR_ZONE = _text("zone of the default calendar", "Europe/Berlin", "S0-3.3.1")
CALENDAR_HOURS = _text("opening hours of the default calendar", "Mo-Fr 09:00-17:00", "S0-3.3.1")
CALENDAR_REGION = _text("region whose holidays are filled in", "DE-BE", "S2-10.4")
HOLIDAY_YEARS_AHEAD = _number("years ahead for which holidays are filled in", 2, "S2-10.4")

LIMITS: Mapping[DeadlineKind, Limit] = MappingProxyType(
    {DeadlineKind.ACKNOWLEDGE: ACKNOWLEDGE, DeadlineKind.ANSWER: ANSWER, DeadlineKind.RESOLVE: RESOLVE}
)
"""For every kind of case alike, until a row of the policy says otherwise. S2-11.1."""
SPECIALS: tuple[Special, ...] = (CHAT_ANSWER, URGENT_ANSWER, URGENT_SOLVE, COMPLAINT_UPDATE)
"""Above those: whoever waits in a chat waits minutes, what is urgent waits no night, and whoever complained is told how
it stands. The first that holds wins."""
MATRIX: tuple[tuple[CaseKind, Level], ...] = (ORDER_ERROR, PAYMENT_ISSUE, COMPLAINT)

TIMES: Mapping[str, tuple[str, Target, str]] = MappingProxyType(
    {
        "receive-order": ("Tick a new or changed order", RECEIVE_ORDER, "S1-4.7.1"),
        "decide-request": ("Decide on a special request", DECIDE_REQUEST, "S1-4.5.2"),
        "take-chat": ("Take a chat that waits", TAKE_CHAT, "S2-12.5"),
        "answer-availability": ("Answer what is available", ANSWER_AVAILABILITY, "S1-3.2a"),
        "late-request": ("Tell who leads of a late request", LATE_REQUEST, "S1-4.5.2"),
    }
)
"""Of what is no case's, until a version of the policy says otherwise: what it is, how long it may take, and its clause."""

PAUSES: Mapping[str, Pause] = MappingProxyType(
    {
        one.name: one
        for one in (
            _pause("supplier", "waiting for the supplier", "S2-6.3"),
            _pause("carrier", "waiting for the carrier", "S2-6.3"),
            _pause("agreed_date", "waiting for the date agreed with the customer", "S2-9.4"),
        )
    }
)
"""Every reason but an open question; each needs a note, and ends when somebody says so. Decision 9"""


def rules(word: str = "") -> list[Rule]:
    """List every default whose name, value or clause holds the word, in their order."""
    wanted = word.lower()
    return [rule for rule in DEFAULTS if wanted in f"{rule.name} {rule.value} {rule.clause}".lower()]


def counted(kind: TargetKind, amount: int) -> Target:
    """Give the target of a row: minutes for elapsed and business time, else days; 0 for the same day."""
    minutes = kind in {TargetKind.ELAPSED, TargetKind.BUSINESS}
    return Target(kind, amount * 60 if minutes else amount)


def written(target: Target) -> int:
    """Give the amount of a row for a target: the other way round than `counted`."""
    return target.amount // 60 if target.kind in {TargetKind.ELAPSED, TargetKind.BUSINESS} else target.amount
