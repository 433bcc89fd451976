"""What a replay counts: numbers under names, which add up whatever the batches, and a few cases to look at.

How many names there are depends on kinds, teams, roles and hours, never on the number of cases. Legal and regulatory
cases are counted apart, so that each reader is shown only what they may see. S3-5.1.2

    cases/past                                  past, open, untold (no beginning of their clocks was kept)
    missed/{before,after}                       cases that would have missed any target
    cell/{both,newly,saved,cases}/{kind}/{team} cases that would have missed a target under both policies, under the
                                                draft alone, under that in force alone; one may be in several
    target/{both,newly,saved}/{target}          clocks; `escalate 1` is a level that would have called
    load/{before,after}/{role}/{hour}           hour of the week, 0 to 167, Monday at midnight first
    told/{before,after}/{warning,miss,escalation}/{role}
    moved/{cases,earlier,later,begun,stopped}   open cases, and their clocks, that publishing would move now
    moved/{late,kept}                           clocks that would be late at once; those written down to be listed
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from models.words import DeadlineKind, Role
from portal.desk.replay.outcomes import Lived, Past

BOTH, NEWLY, SAVED = "both", "newly", "saved"
BEFORE, AFTER = "before", "after"
TOLD = ("warning", "miss", "escalation")
OTHER_TEAMS = "other teams"
MOST_TEAMS = 60
"""Teams that are told apart; the rest are counted together."""
EXAMPLES = 5
"""Cases named in a cell."""
HOURS = 24 * 7


class Row(NamedTuple):
    """A line of a table: how many were missed under both, only under the draft, only under what is in force."""

    name: str
    team: str
    cases: int
    both: int
    newly: int
    saved: int
    examples: Mapping[str, Sequence[int]]


@dataclass(slots=True)
class Figures:
    """The figures of some cases, all of which the same people may see."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[int]] = field(default_factory=dict)
    """Ids of cases, under the name of their cell."""
    _teams: set[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        cells = (name.split("/", 3) for name in self.counts if name.startswith("cell/cases/"))
        self._teams = {parts[3] for parts in cells}

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Figures:
        """Make figures of what was stored."""
        examples = {name: list(ids) for name, ids in told.get("examples", {}).items()}
        return cls(Counter(told.get("counts", {})), examples)

    def stored(self) -> dict[str, Any]:
        """As JSON keeps them."""
        return {"counts": dict(sorted(self.counts.items())), "examples": dict(sorted(self.examples.items()))}

    def add(self, other: Figures) -> None:
        """Count others in."""
        self.counts.update(other.counts)
        for name, ids in other.examples.items():
            self.examples[name] = (self.examples.get(name, []) + ids)[:EXAMPLES]

    def note(
        self,
        past: Past,
        lived: tuple[Sequence[Lived], Sequence[Lived]] | None,
        zone: ZoneInfo,
        *,
        is_open: bool,
    ) -> None:
        """Count one case."""
        if lived is None:
            self.counts["cases/untold"] += 1
            return
        before, after = lived
        self.counts["cases/open" if is_open else "cases/past"] += 1
        self._compare(past.case, before, after)
        self._load(BEFORE, before, zone)
        self._load(AFTER, after, zone)

    def _compare(self, case: Any, before: Sequence[Lived], after: Sequence[Lived]) -> None:
        cell = f"{case.kind.value}/{self._team(case.team)}"
        self.counts[f"cell/cases/{cell}"] += 1
        was = {one.clock for one in before if one.ran_out_at}
        now = was if before is after else {one.clock for one in after if one.ran_out_at}
        hows = set()
        for clock in was | now:
            how = BOTH if clock in was and clock in now else NEWLY if clock in now else SAVED
            self.counts[f"target/{how}/{target_name(clock[1], clock[2])}"] += 1
            if clock[1] is not DeadlineKind.ESCALATE:
                hows.add(how)
        for how in hows:
            name = f"cell/{how}/{cell}"
            self.counts[name] += 1
            if how != BOTH and len(known := self.examples.setdefault(name, [])) < EXAMPLES:
                known.append(case.id)
        self.counts[f"missed/{BEFORE}"] += any(one.missed for one in before)
        self.counts[f"missed/{AFTER}"] += any(one.missed for one in after)

    def _team(self, team: str) -> str:
        if team not in self._teams and len(self._teams) < MOST_TEAMS:
            self._teams.add(team)
        return team if team in self._teams else OTHER_TEAMS

    def _load(self, when: str, lived: Iterable[Lived], zone: ZoneInfo) -> None:
        for one in lived:
            if one.warned_at is not None and one.warned is not None:
                self._told(when, "warning", one.warned, one.warned_at, zone)
            if one.ran_out_at is not None and one.called is not None:
                sort = "escalation" if one.clock[1] is DeadlineKind.ESCALATE else "miss"
                self._told(when, sort, one.called, one.ran_out_at, zone)

    def _told(self, when: str, sort: str, role: Role, moment: datetime, zone: ZoneInfo) -> None:
        local = moment.astimezone(zone)
        self.counts[f"load/{when}/{role.value}/{local.weekday() * 24 + local.hour}"] += 1
        self.counts[f"told/{when}/{sort}/{role.value}"] += 1

    def cells(self) -> list[Row]:
        """By kind and team, those with the most changes first."""
        found = []
        for name, cases in self.counts.items():
            if not name.startswith("cell/cases/"):
                continue
            cell = name.removeprefix("cell/cases/")
            kind, _, team = cell.partition("/")
            both, newly, saved = (self.counts[f"cell/{how}/{cell}"] for how in (BOTH, NEWLY, SAVED))
            examples = {how: self.examples.get(f"cell/{how}/{cell}", ()) for how in (NEWLY, SAVED)}
            found.append(Row(kind, team, cases, both, newly, saved, examples))
        return sorted(found, key=lambda row: (-row.newly - row.saved, row.name, row.team))

    def targets(self) -> list[Row]:
        """By target and level, in the order in which a case comes by them."""
        names = sorted(
            {name.split("/", 2)[2] for name in self.counts if name.startswith("target/")}, key=_order
        )
        found = []
        for name in names:
            both, newly, saved = (self.counts[f"target/{how}/{name}"] for how in (BOTH, NEWLY, SAVED))
            found.append(Row(name, "", both + newly + saved, both, newly, saved, {}))
        return found

    def total(self, how: str) -> int:
        """Cases of all cells that miss a target under both, newly, or that are saved from one."""
        return sum(number for name, number in self.counts.items() if name.startswith(f"cell/{how}/"))

    def load(self, when: str, role: Role) -> list[int]:
        """What would have come to a role in each hour of the week."""
        return [self.counts[f"load/{when}/{role.value}/{hour}"] for hour in range(HOURS)]

    def told(self, when: str, sort: str, role: Role) -> int:
        """How often a role would have been told of a case."""
        return self.counts[f"told/{when}/{sort}/{role.value}"]

    def roles(self) -> list[Role]:
        """The roles that anything would have come to, under either."""
        named = {name.split("/")[2] for name in self.counts if name.startswith("load/")}
        return [role for role in Role if role.value in named]


def target_name(kind: DeadlineKind, level: int) -> str:
    """What a clock is counted under: its target, and its level where there are several."""
    return f"{kind.value} {level}" if kind is DeadlineKind.ESCALATE else kind.value


def _order(name: str) -> tuple[int, int]:
    kind, _, level = name.partition(" ")
    return list(DeadlineKind).index(DeadlineKind(kind)), int(level or 0)
