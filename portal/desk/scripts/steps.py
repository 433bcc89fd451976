"""Scripts as the wizard walks them: plain words in one language, and no knowledge of files or tables.

A script is the common opening, the steps of one situation and the common end; the guide for difficult contacts
stands aside until it is opened. What a kind guarantees stands in `portal/desk/kinds`. S2-0, S0-2.1b
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from models.words import Channel, Situation

OPENING, CLOSING, DIFFICULT = "opening", "closing", "difficult"
SCRIPTS = (OPENING, *(one.value for one in Situation), DIFFICULT, CLOSING)
"""Every script of the desk, in the order in which a contact may come to it."""
ANY = "any"
"""The words for every channel that has none of its own."""
DAYTIMES = ("morning", "afternoon", "evening")
TESTS = ("is", "is_not", "at_least", "at_most", "given")
END = "end"
"""Where a jump leads that leaves for the closing."""
ASIDE_OPEN, ASIDE_FROM = "open", "from"
"""Kept in the answers under `difficult`: whether the guide is open, and the step it was opened at."""

FIELD_KINDS = frozenset(
    {
        "text",
        "long",
        "number",
        "money",
        "date",
        "slot",
        "choice",
        "choices",
        "yes_no",
        "phone",
        "email",
        "address",
        "product",
        "order",
        "serial",
        "file",
        "tick",
        "announcement",
        "scale",
    }
)
WITH_CHOICES = frozenset({"choice", "choices"})
PLACEHOLDERS = frozenset(
    {
        "daytime",
        "me",
        "company",
        "customer",
        "to_you",
        "order",
        "case",
        "contact",
        "total",
        "due",
        "statement",
    }
)
"""What a script's words may leave open; `portal/desk/kinds` fills them in."""

STEP_KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "say": (),
        "ask": (),
        "customer": ("look", "choice"),
        "verify": ("facts",),
        "redirect": ("redirected",),
        "situation": ("situation",),
        "lines": ("look",),
        "requests": ("requests",),
        "delivery": (
            "method",
            "ship_name",
            "ship_address",
            "wanted_on",
            "wanted_from",
            "wanted_until",
            "note",
            "requests",
        ),
        "cross_check": ("checked",),
        "check_answers": ("checked",),
        "read_back": ("agreed", "how"),
        "confirm_order": (),
        "choose_order": ("order", "number"),
        "confirm_amendment": ("reason", "our_error", "error_cause", "balance"),
        "cancel_order": ("reason", "agreed", "balance"),
        "payment": ("when", "method", "amount", "reference"),
        "compare_payment": ("finding", "receipt", "receipt_amount"),
        "refund": ("amount", "reason", "agreed", "correction"),
        "statement": ("statement",),
        "restate": ("restated", "agreed", "reason"),
        "apology": ("apology", "reason"),
        "options": ("outcome", "goodwill", "chosen", "reason"),
        "support_case": ("trouble",),
        "announce_return": ("reason",),
        "settle": ("settled", "code", "severity", "legal", "regulatory"),
        "need": ("need",),
        "answer": ("answer", "settled"),
        "serial": ("serial", "reason"),
        "warranty": (),
        "troubleshoot": ("solved",),
        "choose_case": ("case", "number"),
        "heard": ("heard", "thanks"),
        "update": ("told",),
        "severity": ("severity", "guided"),
        "escalate": ("handed_up", "why", "legal", "regulatory", "emergency"),
        "mandate": ("offer", "goodwill"),
        "abuse": ("ending", "warned"),
        "summary": ("summary",),
        "close": ("outcome", "satisfied", "anything_else"),
    }
)
"""Every kind of step, with the answers it brings of its own that a condition may ask about."""

Answers = Mapping[str, Mapping[str, str]]


class BrokenScript(ValueError):
    """A script that cannot be walked: says in which file and line, at which step and why."""

    def __init__(
        self, where: str, why: str, *, step: str = "", line: int = 0, path: tuple[str | int, ...] = ()
    ) -> None:
        self.where, self.why, self.step, self.line, self.path = where, why, step, line, path
        at = f"{where}, line {line}" if line else where
        super().__init__(f"{at}{f', step {step}' if step else ''}: {why}")

    def at_line(self, line: int) -> BrokenScript:
        """The same, with the line of its file."""
        return BrokenScript(self.where, self.why, step=self.step, line=line, path=self.path)


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a choice."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """Met when an earlier answer passes its test: `is`, `is_not`, `at_least`, `at_most` or `given`."""

    step: str
    field: str
    values: tuple[str, ...]
    test: str = "is"

    def met(self, answers: Answers) -> bool:
        """Say whether these answers pass: no answer is empty text; of several, one a line, one is enough."""
        value = answers.get(self.step, {}).get(self.field, "")
        if self.test in {"is", "is_not"}:
            found = value in self.values or any(one in self.values for one in value.split("\n"))
            return found == (self.test == "is")
        if self.test == "given":
            return bool(value.strip()) == (self.values[0] == "yes")
        return _compares(value, self.values[0], at_least=self.test == "at_least")


@dataclass(frozen=True, slots=True)
class Next:
    """A jump forward, taken when all its conditions hold."""

    to: str
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to ask."""

    name: str
    kind: str
    label: str
    hint: str = ""
    required: str = ""
    """What to say when it is missing; empty when it may be."""
    choices: tuple[Choice, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    """What its kind can be told: limits, a unit."""
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Help:
    """Something the representative may need to know, with the clause it comes from."""

    words: str
    clause: str = ""
    article: str = ""
    """Name of the article in the library to read on in."""


@dataclass(frozen=True, slots=True)
class Step:
    """One decision of a contact, with an address of its own."""

    key: str
    name: str
    title: str
    kind: str
    say: Mapping[str, str] = field(default_factory=dict)
    """By channel and time of day, in the customer's language."""
    ask: tuple[Field, ...] = ()
    know: tuple[Help, ...] = ()
    clauses: tuple[str, ...] = ()
    required: bool = True
    """Whether it has to be done; else it may be skipped with a reason."""
    when: tuple[Condition, ...] = ()
    next: tuple[Next, ...] = ()
    needs: tuple[str, ...] = ()
    """Steps that come first, whatever the customer talks about."""
    marks: str = ""
    """`greeted` where finishing the step means that the customer was greeted. S0-3.1.1a"""
    button: str = "Continue"
    options: Mapping[str, Any] = field(default_factory=dict)
    """What its kind can be told: a tree of questions, a kind of case."""
    script: str = ""
    """The script it is from."""
    version_id: int = 0
    """The version of that script; 0 for what is read from a file."""
    aside: bool = False
    """Whether it is a step of the guide for difficult contacts."""

    def words(self, channel: Channel, daytime: str = "") -> str:
        """Give what to say or write now: the most exact of what the script has; empty when it has nothing.

        S0-1.2a, S2-12.5
        """
        for key in (f"{channel.value}-{daytime}", channel.value, daytime, ANY):
            if words := self.say.get(key, ""):
                return words
        return ""

    def asks(self, answers: Answers) -> tuple[Field, ...]:
        """The questions that these answers lead to."""
        return tuple(one for one in self.ask if all(asked.met(answers) for asked in one.when))


@dataclass(frozen=True, slots=True)
class Script:
    """The steps of one situation from greeting to goodbye, in their order. Made by `whole`."""

    key: str
    title: str
    version: str
    """Ids of the versions it is made of, such as `3-17-5`."""
    steps: tuple[Step, ...]
    at: Mapping[str, int] = field(default_factory=dict)
    first: Mapping[str, Step] = field(default_factory=dict)
    """The first step of each kind, those of the guide last."""
    versions: tuple[int, ...] = ()
    language: str = "en"
    straight: tuple[Step, ...] | None = None
    """Every step but those aside, where no answer leaves one out."""

    def step(self, key: str) -> Step | None:
        place = self.at.get(key)
        return None if place is None else self.steps[place]

    def of_kind(self, kind: str) -> Step | None:
        """Give the first step of a kind; None when the script has none."""
        return self.first.get(kind)

    def walked(self, answers: Answers) -> Iterator[Step]:
        """The steps that these answers lead through, in their order. Answers of steps left out do not count."""
        aside = answers.get(DIFFICULT, {}).get(ASIDE_OPEN) == "yes"
        if self.straight is not None and not aside:
            return iter(self.straight)
        return iter(_walk(self.steps, answers, aside=aside))


def whole(
    key: str, title: str, steps: Iterable[Step], *, versions: tuple[int, ...] = (), language: str = "en"
) -> Script:
    """A script of these steps. Of two steps of one key the first is kept."""
    by_key: dict[str, Step] = {}
    for step in steps:
        by_key.setdefault(step.key, step)
    kept = tuple(by_key.values())
    main = tuple(step for step in kept if not step.aside)
    first: dict[str, Step] = {}
    for step in (*main, *(one for one in kept if one.aside)):
        first.setdefault(step.kind, step)
    return Script(
        key=key,
        title=title,
        version="-".join(map(str, versions)),
        steps=kept,
        at=MappingProxyType({step.key: place for place, step in enumerate(kept)}),
        first=MappingProxyType(first),
        versions=versions,
        language=language,
        straight=None if any(step.when or step.next for step in main) else main,
    )


def _walk(steps: tuple[Step, ...], answers: Answers, *, aside: bool) -> list[Step]:
    walked: list[Step] = []
    counted: dict[str, Mapping[str, str]] = {}
    guide = [step for step in steps if step.aside] if aside else []
    opened_at = answers.get(DIFFICULT, {}).get(ASIDE_FROM, "")
    if guide and all(step.key != opened_at or step.aside for step in steps):
        opened_at = steps[0].key
    target, within = "", ""
    for step in steps:
        if step.aside:
            continue
        if target and (step.key == target or step.script != within):  # no jump leads out of its own script
            target = ""
        if not target and (not step.when or all(one.met(counted) for one in step.when)):
            walked.append(step)
            counted[step.key] = answers.get(step.key, {})
            if step.next:
                target, within = _jump(step, counted), step.script
        if guide and step.key == opened_at:  # also when the walk no longer leads through it
            walked.extend(_beside(guide, answers, counted))
    return walked


def _beside(guide: list[Step], answers: Answers, counted: dict[str, Mapping[str, str]]) -> Iterator[Step]:
    """The steps of the guide, which jumps within itself alone."""
    target = ""
    for step in guide:
        if step.key == target:
            target = ""
        if target or not all(one.met(counted) for one in step.when):
            continue
        counted[step.key] = answers.get(step.key, {})
        target = _jump(step, counted)
        yield step


def _jump(step: Step, counted: Answers) -> str:
    """Where these answers lead from here; empty for the step behind."""
    return next((one.to for one in step.next if all(asked.met(counted) for asked in one.when)), "")


def _compares(value: str, limit: str, *, at_least: bool) -> bool:
    found, wanted = comparable(value), comparable(limit)
    if found is None or wanted is None or isinstance(found, date) != isinstance(wanted, date):
        return False
    return found >= wanted if at_least else found <= wanted  # type: ignore[operator]  # both are days or both numbers


def comparable(text: str) -> Decimal | date | None:
    """A day (`2026-03-14`, also with a time behind it) or a number (`12`, `12.50`, `12.50 EUR`); None when neither."""
    given = text.strip()
    if len(given) > 40:  # noqa: PLR2004  no amount and no day is as long
        return None
    if given[4:5] == "-":
        try:
            return date.fromisoformat(given[:10])
        except ValueError:
            return None
    try:
        number = Decimal(given.split(" ")[0].replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
