"""What the pages of the policy share: a policy laid out, which row would win, and the way back after a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from models import PolicyVersion
from models.words import CaseKind, Channel, DeadlineKind, PolicyStatus, Severity, Tier
from portal.desk import matrix, policy_telling
from portal.desk.channels import ChannelTerms
from portal.desk.errors import Conflict
from portal.desk.matrix import OWN, Classified, DeskCalendar, Policy, Row
from portal.desk.permissions import May
from portal.desk.plain_numbers import number_in
from portal.showing import word
from portal.web import Visit

CASE: Mapping[str, type[StrEnum]] = {
    "kind": CaseKind,
    "severity": Severity,
    "channel": Channel,
    "tier": Tier,
}
"""What is asked of a case to see which row would win."""
USUAL = {"severity": Severity.NORMAL.value, "channel": Channel.PHONE.value, "tier": Tier.STANDARD.value}
GONE = "This version is no draft any more. What you typed is still here; begin a new draft to use it."


@dataclass(frozen=True, slots=True)
class Looked:
    """One row that was looked at for a case: its place among its kind, and why it does not hold."""

    place: int
    row: Row
    why_not: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What one target of a case would follow."""

    title: str
    winner: Looked | None
    passed: list[Looked]


@dataclass(frozen=True, slots=True)
class Refused:
    """A form of a page that comes back: which one, what is wrong and what was typed; or who saved first."""

    form: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    conflict: Conflict | None = None
    said: str = ""
    """What cannot be done now, and why."""

    @property
    def status(self) -> int:
        if self.conflict or self.said:
            return HTTPStatus.CONFLICT
        return HTTPStatus.UNPROCESSABLE_ENTITY if self.errors else HTTPStatus.OK


NOTHING = Refused()


def options(words: type[StrEnum]) -> list[tuple[str, str]]:
    """A list to choose from."""
    return [(one.value, word(one)) for one in words]


def channel_options(own: Sequence[ChannelTerms]) -> list[tuple[str, str]]:
    """The channels a row can name: the usual ones, then those of the desk's own. S0-1.2b"""
    return options(Channel) + [(matrix.own(one.own), one.own) for one in own]


def choices(own: Sequence[ChannelTerms]) -> dict[str, list[tuple[str, str]]]:
    """What a case can be asked to be, by condition."""
    return {**{name: options(words) for name, words in CASE.items()}, "channel": channel_options(own)}


def asked_about(visit: Visit, own: Sequence[ChannelTerms]) -> tuple[dict[str, str], dict[str, str]]:
    """Read which case is asked about, and what of it is none of our words. Nothing is asked without a kind."""
    asked = {name: visit.asked(name, USUAL.get(name, "")) for name in CASE}
    if not asked["kind"]:
        return {**USUAL, "kind": ""}, {}
    return asked, {
        name: "Choose one of the list."
        for name, offered in choices(own).items()
        if asked[name] not in {value for value, _ in offered}
    }


def winners(policy: Policy, asked: Mapping[str, str], own: Sequence[ChannelTerms]) -> list[Answer]:
    """Say for each target and each level which row such a case would follow, and why those above do not hold."""
    by = next((one for one in own if matrix.own(one.own) == asked["channel"]), None)
    case = Classified(
        CaseKind(asked["kind"]),
        Severity(asked["severity"]),
        by.channel if by else Channel(asked["channel"]),
        Tier(asked["tier"]),
        by.own if by else "",
    )
    wanted: list[tuple[DeadlineKind, int, str]] = [(one, 0, word(one)) for one in OWN]
    levels = sorted({row.level for row in policy.levels})
    wanted += [(DeadlineKind.ESCALATE, level, f"Level {level}") for level in levels]
    places = {row.key: place for rows in (policy.targets, policy.levels) for place, row in enumerate(rows, 1)}
    found = []
    for to, level, title in wanted:
        looked = [
            Looked(places[one.row.key], one.row, policy_telling.why_not(one, case))
            for one in policy.why(case, to, level)
        ]
        winner = next((one for one in looked if not one.why_not), None)
        found.append(Answer(title, winner, [one for one in looked if one.why_not]))
    return found


def laid_out(visit: Visit, policy: Policy, own: Sequence[ChannelTerms]) -> dict[str, Any]:
    """What the templates need to show a policy, and to answer which row would win."""
    asked, wrong = asked_about(visit, own)
    return {
        "policy": policy,
        "tell": policy_telling,
        "calendars": calendars_of(policy),
        "choices": choices(own),
        "asked": asked,
        "wrong_case": wrong,
        "answers": winners(policy, asked, own) if asked["kind"] and not wrong else None,
    }


def calendars_of(policy: Policy) -> list[DeskCalendar]:
    """The calendars, the default one first."""
    return sorted(policy.calendars.values(), key=lambda one: (one.id != policy.default_calendar, one.name))


def writable(visit: Visit, version: PolicyVersion) -> bool:
    return version.status is PolicyStatus.DRAFT and visit.person.may(May.EDIT_POLICY)


def version_in(typed: Mapping[str, str]) -> int:
    """The number at which the draft was read; 0, which is none, for what cannot be read."""
    return number_in(typed.get("version", "")) or 0


def first_line(errors: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """The messages in one line each, and apart from them the lines with the parser's caret. Decision 12"""
    marked = ""
    told = {}
    for name, words in errors.items():
        told[name], _, more = words.partition("\n")
        marked = marked or more
    return told, marked
