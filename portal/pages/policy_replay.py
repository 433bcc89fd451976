"""What a draft of the policy would have meant: choosing a period, watching the replay, reading it, and publishing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

from starlette.responses import Response

from models import PolicyVersion
from models.words import PolicyStatus, Role
from portal.desk import policy_telling, policy_versions, recomputing, replay
from portal.desk.errors import NotAccepted
from portal.desk.replay.figures import AFTER, BEFORE, HOURS, TOLD, Figures
from portal.forms import moment_on
from portal.showing import day, word
from portal.web import Visit, chosen

PERIODS = {"7": "The last 7 days", "30": "The last 30 days", "90": "The last 90 days"}
DATES = "dates"
USUAL = "30"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
BAR, HEIGHT = 6, 60
"""Of the picture of a week: the width of an hour, and the height of the busiest."""


@dataclass(frozen=True, slots=True)
class Load:
    """What would have come to one role, hour by hour of the week, under either policy."""

    role: Role
    before: list[int]
    after: list[int]

    @property
    def highest(self) -> int:
        return max(*self.before, *self.after, 1)

    def bars(self, numbers: list[int]) -> list[tuple[int, int]]:
        """Where a bar begins and how high it is, for each hour in which something came."""
        return [
            (hour * BAR, max(number * HEIGHT // self.highest, 2))
            for hour, number in enumerate(numbers)
            if number
        ]

    def days(self) -> list[tuple[str, int, int]]:
        """What came on each day of the week: before and under the draft."""
        return [
            (name, sum(self.before[first : first + 24]), sum(self.after[first : first + 24]))
            for name, first in zip(DAYS, range(0, HOURS, 24), strict=True)
        ]

    def busiest(self, numbers: list[int]) -> str:
        """The busiest hour in words."""
        most = max(numbers)
        if not most:
            return "nothing"
        hour = numbers.index(most)
        return f"{most} on {DAYS[hour // 24]}s from {hour % 24:02}:00 to {hour % 24 + 1:02}:00"


async def show(visit: Visit) -> Response:
    """The form, how far a replay has come, and what it found; a part of it for htmx while it runs."""
    return await _page(visit, {"period": USUAL})


async def ask(visit: Visit) -> Response:
    """Begin a replay of a draft over a period."""
    form = await visit.form()
    typed = {name: chosen(form, name) for name in ("period", "since", "until")}
    version_id = visit.number("policy_id")
    try:
        since, until = _period(typed, visit.desk.clock(), ZoneInfo(visit.person.zone))
        async with visit.work() as work:
            await replay.ask(work, await policy_versions.load(work, version_id), since, until)
    except NotAccepted as refused:
        return await _page(visit, typed, errors=_beside(refused))
    return visit.go(f"/policy/versions/{version_id}/replay#replay")


async def _page(visit: Visit, typed: Mapping[str, str], errors: dict[str, str] | None = None) -> Response:
    async with visit.look() as work:
        version = await policy_versions.load(work, visit.number("policy_id"))
        found = await replay.of_version(work, version)
        moved = await replay.moves(work, found.replay, visit.asked("after")) if found else None
        alone = await recomputing.named_alone(work, version.document)
    part = visit.is_htmx and not errors
    return visit.page(
        "policy/_replay.html" if part else "policy/replay.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        version=version,
        is_draft=version.status is PolicyStatus.DRAFT,
        called=_called(version),
        alone=policy_telling.alone(alone),
        found=found,
        moved=moved,
        kept=replay.MOST_KEPT,
        loads=_loads(found.figures) if found else [],
        told=_told(found.figures) if found else [],
        period=_days_of(found, visit),
        typed={"period": USUAL, "since": "", "until": "", **typed},
        errors=errors or {},
        periods=[*PERIODS.items(), (DATES, "From one day to another")],
        sizes=(BAR, HEIGHT, HOURS),
    )


def _called(version: PolicyVersion) -> str:
    return f"Policy {version.number}" if version.number else f"Draft {version.id} of the policy"


def _days_of(found: replay.Shown | None, visit: Visit) -> list[str]:
    """The first and the last day of the period, as somebody says them."""
    if found is None:
        return []
    zone = ZoneInfo(visit.person.zone)
    last = found.replay.until - timedelta(microseconds=1)
    return [day(one.astimezone(zone).date()) for one in (found.replay.since, last)]


def _loads(figures: Figures) -> list[Load]:
    return [Load(role, figures.load(BEFORE, role), figures.load(AFTER, role)) for role in figures.roles()]


def _told(figures: Figures) -> list[tuple[str, list[tuple[int, int]]]]:
    """For each group: warnings, misses and escalations, before and under the draft."""
    return [
        (word(role), [(figures.told(BEFORE, sort, role), figures.told(AFTER, sort, role)) for sort in TOLD])
        for role in figures.roles()
    ]


def _period(typed: Mapping[str, str], now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Read the period. Raises NotAccepted for what is none."""
    if typed["period"] in PERIODS:
        return now - timedelta(days=int(typed["period"])), now
    if typed["period"] != DATES:
        raise NotAccepted(period="Choose a period.")
    found, wrong = {}, {}
    for name, days in (("since", 0), ("until", 1)):
        try:
            begins = date.fromisoformat(typed[name]) + timedelta(days=days)
            found[name] = moment_on(f"{begins.isoformat()}T00:00", zone)
        except (ValueError, OverflowError):
            wrong[name] = "Enter a day such as 2026-03-14."
    if wrong:
        raise NotAccepted.of(wrong)
    return found["since"], found["until"]


def _beside(refused: NotAccepted) -> dict[str, str]:
    """What is wrong beside its field; what is wrong with the draft itself beside the first one."""
    own = {name: words for name, words in refused.fields.items() if name in {"period", "since", "until"}}
    others = [words for name, words in refused.fields.items() if name not in own]
    return own | ({"period": f"No clock could follow this draft: {others[0]}"} if others else {})
