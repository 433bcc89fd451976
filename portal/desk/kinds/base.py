"""What every kind of step is: what it takes, when it may start, what it refuses, what it does when it is done."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from models import Contact, Customer
from models.words import Channel, ContactStatus, Direction, Outcome, PreferredChannel
from portal.desk import customers
from portal.desk.fields import FIELDS, PLAIN, Terms, problem_of
from portal.desk.money import in_words
from portal.desk.scripts import Script, Step
from portal.desk.work import Work

Typed = dict[str, str]
Answers = dict[str, Typed]

NOTES = "notes"
"""The step under which the notes of the whole contact are kept."""
YES = "yes"
NOON, EVENING = 12, 18
DAYTIME_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"de": {"morning": "Morgen", "afternoon": "Tag", "evening": "Abend"}}
)
"""Behind “good” in each language but English, whose words the scripts use themselves. S2-1.2"""
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
SENT_ON = "The customer was sent to another channel."


@dataclass(frozen=True, slots=True)
class Caller:
    """The customer of a contact, as the intake's one statement reads them."""

    id: int
    number: str
    name: str
    organisation: str
    email: str
    phone: str
    preferred_channel: PreferredChannel
    street: str
    city: str
    region: str
    postal_code: str
    country: str
    locked_until: datetime | None

    @property
    def address(self) -> str:
        """The postal address in lines, as it is written on a parcel."""
        town = " ".join(part for part in (self.postal_code, self.city) if part)
        return "\n".join(part for part in (self.street, town, self.region, self.country) if part)


@dataclass(frozen=True, slots=True)
class Run:
    """An intake being taken: everything a step needs to be shown, read by one statement."""

    id: int
    revision: int
    script: Script
    step: str
    answers: Answers
    done: dict[str, dict[str, Any]]
    read_back: str
    order_id: int | None
    case_id: int | None
    order_number: str
    order_total_minor: int
    currency: str
    case_number: str
    held_by_id: int
    held_by: str
    started_at: datetime
    saved_at: datetime
    finished_at: datetime | None
    contact_id: int
    contact_number: str
    contact_status: ContactStatus
    channel: Channel
    direction: Direction
    greeted_at: datetime | None
    verified_until: datetime | None
    caller: Caller | None
    walks: list[tuple[Answers, Script, tuple[Step, ...]]] = field(
        default_factory=list, compare=False, repr=False
    )
    """The last walk, with what it was walked for: several look at the same one while a page is made."""
    newer: bool = False
    """Whether a newer version of its scripts is in force, as this process last saw. S1-6.2"""
    help_called_at: datetime | None = None
    """Since when help is wanted in this contact. S2-5.7"""
    help_answered_by: str = ""
    """Who comes to help."""
    verified_strength: int = 0
    """How strongly the caller is verified until `verified_until`. S2-2.1"""
    needed_to_see: int = 1
    """How strongly a caller has to be verified before details are shown. S2-1.4"""
    own_channel: str = ""
    """The desk's own channel it came by, which behaves like `channel`. S0-1.2b"""
    approved: bool = True
    """Whether its channel was approved when the contact began. S1-4.1.1"""
    language: str = "en"
    """In which the customer is spoken to. S2-1.3"""
    handle: str = ""
    """The number, address or name the contact came from. S2-12.4"""
    network: str = ""
    link: str = ""
    chat_id: int | None = None
    """The chat it was begun about. S2-12.3"""
    cues: tuple[str, ...] = ()
    """How the customer seems to the representative; for her eyes alone. S2-3.4"""

    announced: str = ""
    """The key of what the law of the customer's region wants said; empty where it wants nothing. S3-10.2.1"""

    def verified(self, now: datetime) -> bool:
        """Whether the caller's details may be shown. Decision 18, S2-2.7."""
        return self.strength(now) >= self.needed_to_see

    @property
    def came_by(self) -> str:
        """The channel as it is called: the desk's own one, else the usual one."""
        return self.own_channel or self.channel.value

    def strength(self, now: datetime) -> int:
        """How strongly the caller is verified at this moment; 0 once the time is over. S2-2.7"""
        live = self.verified_until is not None and self.verified_until > now
        return self.verified_strength if live else 0

    def knows(self, now: datetime) -> bool:
        """Whether details may be shown: the caller is verified, or gave them in this very contact."""
        return self.verified(now) or self.is_new

    @property
    def is_new(self) -> bool:
        """Whether the customer was taken down in this contact."""
        return bool(self.mark_of("customer").get("new"))

    @property
    def redirected(self) -> bool:
        """Whether the customer was sent to a channel that is approved. S1-4.1.1"""
        return self.of_kind("redirect").get("redirected") == YES

    @property
    def walk(self) -> tuple[Step, ...]:
        """The steps that its answers lead through, in their order."""
        if self.walks and self.walks[0][0] is self.answers and self.walks[0][1] is self.script:
            return self.walks[0][2]
        walked = tuple(self.script.walked(self.answers))
        self.walks[:] = [(self.answers, self.script, walked)]
        return walked

    def mark_of(self, kind: str) -> dict[str, Any]:
        """Give what is remembered of the first step of a kind, once it is done."""
        step = self.script.of_kind(kind)
        return self.done.get(step.key, {}) if step else {}

    def typed(self, key: str) -> Typed:
        return self.answers.get(key, {})

    def of_kind(self, kind: str) -> Typed:
        """Give the answers of the first step of a kind."""
        step = self.script.of_kind(kind)
        return self.typed(step.key) if step else {}

    def called(self, now: datetime) -> str:
        """What the customer may be called on the screen: masked until verified; empty when unknown."""
        if self.caller is None:
            return ""
        return self.caller.name if self.knows(now) else masked(self.caller).name


@dataclass(frozen=True, slots=True)
class Ending:
    """How a contact ends: every way out of it is one of these, and `portal.desk.ending.end` does it."""

    status: ContactStatus
    outcome: Outcome | None = None
    """Needed for a contact that is closed. S2-10.3"""
    because: str = ""
    """Needed for one that is abandoned. S0-3.3.3"""
    note: str = ""
    """What to add to the summary."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What finishing a step did besides saving its answers."""

    columns: dict[str, Any] = field(default_factory=dict)
    """Columns of the intake to set."""
    mark: dict[str, Any] = field(default_factory=dict)
    """What to remember beside who did the step and when."""
    changes: dict[str, Any] = field(default_factory=dict)
    """What bulk statements changed, for the audit entry."""
    answers: Answers = field(default_factory=dict)
    """Answers as they are kept after the effect, by step."""
    stays: bool = False
    """Whether the step is not done yet, although something was done: a caller who is not verified yet."""
    ends: Ending | None = None
    """How the contact ends with this step; it goes on while there is none."""


NOTHING = Finished()


class Kind:
    """A kind of step. Its template is `templates/intake/kinds/<name>.html`."""

    name: ClassVar[str] = ""
    watches: ClassVar[tuple[str, ...]] = ()
    """Kinds of steps whose later change makes this one due again."""
    finds: ClassVar[bool] = False
    """Whether it has a box to look in, and `_<name>_found.html` for what is found."""
    labels: ClassVar[dict[str, str]] = {}
    """What its own answers are called where they stand side by side."""
    keeps: ClassVar[bool] = True
    """Whether what is typed is saved as it is typed."""
    looks: ClassVar[bool] = False
    """Whether it finds something for what is being typed: `templates/intake/kinds/_<name>_found.html`."""
    guarantees: ClassVar[str] = ""
    """What holds whatever a script's author does, in one sentence; empty when nothing does."""
    after: ClassVar[tuple[str, ...]] = ()
    """Kinds that have to come earlier in the walk; `statement or need` where any of them will do."""
    leads: ClassVar[str] = ""
    """The script in which nothing but words may come before it; empty for none."""
    values: ClassVar[dict[str, tuple[str, ...]]] = {}
    """What its own answers may be, where that is a closed list: a condition may ask for nothing else."""

    def takes(self, step: Step, name: str) -> bool:
        """Whether an answer of this name belongs to the step."""
        return any(one.name == name and not FIELDS[one.kind].by_files for one in step.ask)

    def closed(self, run: Run) -> str:
        """Why nothing can be changed here any more; empty while it can."""
        return ""

    def locked(self, run: Run) -> str:
        """Why the step cannot start yet, whatever its script says; empty when it can."""
        return ""

    def needless(self, run: Run) -> str:
        """Why the step does not apply to this contact, as the desk itself can tell; empty when it may."""
        return ""

    def stale(self, run: Run, step: Step) -> str:
        """Why the step is due again after it was done; empty when it is not."""
        if unannounced(run, step):
            return "Other words have to be said: those for the customer’s country."
        if not self.watches:
            return ""
        taken: dict[str, str] = run.done.get(step.key, {}).get("of", {})
        changed = [one.name for one in self.watched(run) if taken.get(one.key) != digest(run.typed(one.key))]
        return f"{' and '.join(changed)} changed since." if taken and changed else ""

    def watched(self, run: Run) -> list[Step]:
        return [step for kind in self.watches if (step := run.script.of_kind(kind))]

    def seen(self, run: Run) -> dict[str, Any]:
        """What to remember of the watched steps, so that a later change is noticed."""
        return {"of": {one.key: digest(run.typed(one.key)) for one in self.watched(run)}}

    def problems(self, run: Run, step: Step, typed: Typed, terms: Terms = PLAIN) -> dict[str, str]:
        """Say what is missing or wrong, a message per field; nothing when the step may be finished."""
        asked = step.asks(run.answers)
        found = {
            one.name: words for one in asked if (words := problem_of(one, typed.get(one.name, ""), terms))
        }
        return {**found, **self.refuses(run, step, typed)}

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        """Say what is missing or wrong besides the script's own questions."""
        return {}

    def found_out(self, run: Run, step: Step) -> list[tuple[str, bool]]:
        """What it found out besides its answers, by name: kept as yes or no beside the desk's own questions."""
        return []

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        """What its template shows besides the step and the answers. Plain kinds need no further statement."""
        return {}

    def example(self, step: Step) -> Typed:
        """What stands typed in it where a preview shows it; nothing where it is begun with nothing."""
        return {}

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        """The same facts as `facts`, of the invented customer of a preview: rules of the house, and nobody's rows."""
        return {}

    async def amend(self, work: Work, run: Run, step: Step, typed: Typed, do: str) -> Typed:
        """Answer a button inside the step, such as adding a line: give the answers as they then stand."""
        return typed

    def asks_for(self, run: Run, step: Step, typed: Typed) -> str:
        """Name the button meant by Enter when it is not Continue; empty when it is."""
        return ""

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Do what the step is for, after its answers were saved. Raises DeskError: then nothing was done."""
        return Finished(mark=self.seen(run)) if self.watches else NOTHING


KINDS: dict[str, Kind] = {}
"""Every kind by the name that scripts call it by; filled where they are all known."""


def masked(caller: Caller) -> customers.MaskedCustomer:
    """What may be shown of a customer before they are verified."""
    shown = ("id", "number", "name", "organisation", "email", "phone", "city")
    return customers.masked(Customer(**{name: getattr(caller, name) for name in shown}))


def unannounced(run: Run, step: Step) -> bool:
    """Whether the step asks for what has to be said in the customer's region, and that was not said. S3-10.2.1"""
    typed = run.typed(step.key)
    asked = [one.name for one in step.asks(run.answers) if one.kind == "announcement"]
    return bool(run.announced) and any(typed.get(name) != run.announced for name in asked)


def digest(typed: Typed) -> str:
    """A short sum of the answers that matter, the same for the same answers."""
    kept = sorted((name, value) for name, value in typed.items() if value and name != "look")
    return hashlib.sha256(json.dumps(kept, ensure_ascii=False).encode()).hexdigest()[:16]


def words_of(run: Run, step: Step, work: Work) -> str:
    """What to say or write at this step, with everything filled in. S0-3.1.1b, S2-1.2"""
    daytime = daytime_of(work.now.astimezone(ZoneInfo(work.actor.zone)).hour)
    called = run.called(work.now)
    known = {
        "daytime": DAYTIME_WORDS.get(run.language, {}).get(daytime, daytime),
        "me": work.actor.name,
        "company": work.terms.company,
        "customer": called,
        "to_you": f", {called}" if called and run.knows(work.now) else "",
        "order": run.order_number,
        "case": run.case_number,
        "contact": run.contact_number,
        "total": in_words(run.order_total_minor, run.currency),
        "due": "",
        "statement": run.of_kind("statement").get("statement", ""),
    }
    return filled(step.words(run.channel, daytime), known)


def daytime_of(hour: int) -> str:
    """The time of day at an hour from 0 to 23, as scripts name it."""
    return "morning" if hour < NOON else "afternoon" if hour < EVENING else "evening"


def filled(words: str, known: Mapping[str, str]) -> str:
    """The words with what is known put in; a name that nobody fills in stays as it was written."""
    return PLACEHOLDER.sub(lambda found: known.get(found[1], found[0]), words)


async def contact_of(work: Work, run: Run) -> Contact:
    """The contact's row, for the deeds that change it."""
    return await work.session.get_one(Contact, run.contact_id)


def typed_with(typed: Typed, changes: Mapping[str, str | None]) -> Typed:
    """The answers with some of them changed; None takes one away."""
    return {name: value for name, value in {**typed, **changes}.items() if value is not None}
