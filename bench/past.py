"""What the measured desk has behind it: contacts that went through the scripts, and what they left."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.sheets import APART, PRODUCTS, STRIDE, YEAR, Moment, Plan, Rows, Sheet, table_of
from models import (
    AbuseReport,
    Amendment,
    Article,
    ArticleVersion,
    AuditEntry,
    Citation,
    Contact,
    ContactAnswer,
    ContactStep,
    HelpCall,
    Intake,
    Promise,
    RefundRequest,
    Serial,
)
from models.words import Situation
from portal.desk.numbers import written
from portal.desk.scripts import Step, composing, versions
from portal.desk.work import Work

A_CONTACT = 10
"""Of so many orders, one came with a contact that the desk keeps."""
OPEN_NOW = 40
"""Contacts that are being taken."""
ARTICLES = 300
TEAMS = ("north", "south", "")
CHANNELS = ("phone", "phone", "email", "chat", "phone")
RARE = 997
"""Of so many contacts one left a step out that has to be done."""
ANSWERED = {
    "yes_no": "yes",
    "tick": "yes",
    "scale": "5",
    "text": "As told.",
    "long": "As the customer told it.",
}
"""What is answered to a question of each kind."""
SEEN = 10
"""Of so many contacts one has an entry in the access log."""
ENOUGH = 8
"""Seconds between two steps of one contact."""


@dataclass(frozen=True, slots=True)
class Passed:
    """One step of a script in force, as its contacts went through it."""

    version_id: int
    script: str
    key: str
    kind: str
    required: bool
    asks: tuple[tuple[str, str, str], ...]
    """(name, kind, answer) of each of the desk's own questions."""


@dataclass(frozen=True, slots=True)
class Walks:
    """The steps of each situation in force, opening and closing among them, and their versions as an intake keeps them."""

    steps: Mapping[str, Sequence[Passed]]
    versions: Mapping[str, str]

    def of(self, at: int) -> tuple[str, Sequence[Passed]]:
        """The situation of the contact with this id, and its steps."""
        situation = tuple(self.steps)[at % len(self.steps)]
        return situation, self.steps[situation]


@dataclass(frozen=True, slots=True)
class Past:
    """The contacts of a plan. Those with the highest ids are still open."""

    plan: Plan
    walks: Walks
    moment: Moment

    @property
    def contacts(self) -> int:
        return max(OPEN_NOW * 2, self.plan.rows // A_CONTACT)

    @property
    def ended(self) -> int:
        """How many contacts are over: ids from 1."""
        return self.contacts - OPEN_NOW

    def began(self, at: int) -> float:
        """When a contact began, in seconds since 1970."""
        return self.plan.now.timestamp() - (self.contacts - at + 1) * APART * self.plan.rows / self.contacts

    def sheets(self) -> list[Sheet]:
        """Every table's rows, in an order that foreign keys allow."""
        few = self.ended
        return [
            Sheet(table_of(Contact), CONTACT, self.contacts, self._contacts),
            Sheet(table_of(Intake), INTAKE, self.contacts, self._intakes),
            Sheet(table_of(ContactStep), STEP, sum(1 for _ in self._steps_alone()), self._steps),
            Sheet(table_of(ContactAnswer), ANSWER, sum(1 for _ in self._answers()), self._answers),
            Sheet(table_of(Promise), PROMISE, few // 3, self._promises),
            Sheet(table_of(Amendment), AMENDMENT, few // 10, self._amendments),
            Sheet(table_of(RefundRequest), REFUND, few // 20, self._refunds),
            Sheet(table_of(HelpCall), HELP, few // 30, self._help_calls),
            Sheet(table_of(AbuseReport), ABUSE, few // 300, self._abuse),
            Sheet(table_of(Serial), SERIAL, self.plan.rows // 10, self._serials),
            Sheet(table_of(Article), ARTICLE, ARTICLES, self._articles),
            Sheet(table_of(ArticleVersion), VERSION, ARTICLES * 2, self._versions),
            Sheet(table_of(Citation), CITATION, few // 4, self._citations),
            Sheet(table_of(AuditEntry), ENTRY, few // SEEN, self._entries),
        ]

    def _contacts(self) -> Rows:
        for at in range(1, self.contacts + 1):
            began, over = self.began(at), at <= self.ended
            situation, _ = self.walks.of(at)
            yield (
                at,
                written("contact", YEAR, at),
                at * STRIDE % self.plan.rows + 1,
                1 + at % 5,
                CHANNELS[at % len(CHANNELS)],
                situation,
                "closed" if over else "open",
                "resolved" if over else None,
                TEAMS[at % len(TEAMS)],
                "",
                self.moment(began),
                self.moment(began + 600) if over else None,
            )

    def _intakes(self) -> Rows:
        mark = {"at": self.plan.now.isoformat(), "by": 1, "sent": "0" * 16}
        done = {name: {step.key: mark for step in steps} for name, steps in self.walks.steps.items()}
        answers = {
            name: {step.key: {one: told for one, _, told in step.asks} for step in steps if step.asks}
            for name, steps in self.walks.steps.items()
        }
        told = {name: (json.dumps(answers[name]), json.dumps(done[name])) for name in done}
        for at in range(1, self.contacts + 1):
            began, over = self.moment(self.began(at)), at <= self.ended
            situation, steps = self.walks.of(at)
            last = steps[-1] if over else steps[at % len(steps)]
            yield (
                at,
                at,
                1 + at % 5,
                situation,
                self.walks.versions[situation],
                last.key,
                *(told[situation] if over else ("{}", "{}")),
                began,
                began,
                self.moment(self.began(at) + 600) if over else None,
            )

    def _steps_alone(self) -> Iterator[tuple[int, int, Passed]]:
        for at in range(1, self.ended + 1):
            for place, step in enumerate(self.walks.of(at)[1], 1):
                yield at, place, step

    def _steps(self) -> Rows:
        for at, place, step in self._steps_alone():
            state = self._state(at, place, step)
            yield (
                at,
                step.version_id,
                step.key,
                step.kind,
                place,
                state,
                step.required,
                "" if state == "done" else "The customer was in a hurry.",
                1 + at % 5,
                self.moment(self.began(at) + place * ENOUGH),
                self.moment(self.began(at) + 600),
                CHANNELS[at % len(CHANNELS)],
                TEAMS[at % len(TEAMS)],
            )

    def _state(self, at: int, place: int, step: Passed) -> str:
        if step.required:
            return "missing" if (at + place) % RARE == 0 else "done"
        return ("done", "skipped", "done", "needless", "done", "missing", "done")[(at + place) % 7]

    def _answers(self) -> Rows:
        for at, place, step in self._steps_alone():
            for name, kind, told in step.asks:
                number = (at * STRIDE + place) % 10 if told.isdecimal() else 1 if told == "yes" else None
                yield (
                    at,
                    step.version_id,
                    step.script,
                    step.key,
                    name,
                    kind,
                    str(number) if told.isdecimal() else told,
                    number,
                    self.moment(self.began(at) + 600),
                )

    def _promises(self) -> Rows:
        for at in range(1, self.ended // 3 + 1):
            contact, status = at * 3, ("kept", "kept", "broken", "open")[at % 4]
            due = self.began(contact) + 86_400
            yield (
                "Call back about the parcel.",
                1 + at % 5,
                contact,
                contact * STRIDE % self.plan.rows + 1,
                status,
                self.moment(self.began(contact)),
                self.moment(due),
                None if status == "open" else self.moment(due - 60 if status == "kept" else due + 60),
            )

    def _amendments(self) -> Rows:
        for at in range(1, self.ended // 10 + 1):
            yield (
                at * 7 % self.plan.rows + 1,
                2,
                *(json.dumps({"lines": [at, one]}) for one in (1, 2)),
                "0" * 64,
                at * 10,
                1 + at % 5,
                self.moment(self.began(at * 10)),
            )

    def _refunds(self) -> Rows:
        for at in range(1, self.ended // 20 + 1):
            asked = self.began(at * 20)
            status = ("approved", "refused", "approved", "asked")[at % 4]
            waits = status == "asked"
            yield (
                at * 11 % self.plan.rows + 1,
                at * 20,
                100 + at % 5_000,
                "EUR",
                "It came too late.",
                "0" * 64,
                status,
                1 + at % 5,
                self.moment(asked),
                None if waits else 7,
                None if waits else self.moment(asked + 3_600),
            )

    def _help_calls(self) -> Rows:
        for at in range(1, self.ended // 30 + 1):
            called = self.moment(self.began(at * 30) + 60)
            yield (at * 30, 1 + at % 5, called, 6, called, self.moment(self.began(at * 30) + 600))

    def _abuse(self) -> Rows:
        for at in range(1, self.ended // 300 + 1):
            reported, waits = self.moment(self.began(at * 300)), at % 20 == 0
            yield (
                at * 300,
                1 + at % 5,
                reported,
                "Shouted.",
                None if waits else 6,
                None if waits else reported,
                None if waits else True,
            )

    def _serials(self) -> Rows:
        for at in range(1, self.plan.rows // 10 + 1):
            buyer = at * STRIDE % self.plan.rows + 1
            yield f"SN{at:09}", at % PRODUCTS + 1, at * 10, buyer, self.moment(self.began(1))

    def _articles(self) -> Rows:
        for at in range(1, ARTICLES + 1):
            yield at, f"subject-{at}", 1 + at % 7, at % PRODUCTS + 1, self.moment(self.began(1))

    def _versions(self) -> Rows:
        for at in range(ARTICLES * 2):
            words = f"What to know about subject {at // 2 + 1}. " * 12
            yield (
                at + 1,
                at // 2 + 1,
                ("en", "de")[at % 2],
                1,
                f"Subject {at // 2 + 1}",
                words,
                json.dumps([]),
                self.moment(self.began(1)),
            )

    def _citations(self) -> Rows:
        for at in range(1, self.ended // 4 + 1):
            yield at % ARTICLES * 2 + 1, at * 4, 1 + at % 5, self.moment(self.began(at * 4))

    def _entries(self) -> Rows:
        deeds = ("reveal customer", "verify caller", "fail verification")
        for at in range(1, self.ended // SEEN + 1):
            yield (
                self.moment(self.began(at * SEEN)),
                1 + at % 5,
                "Rita Reach",
                deeds[at % 3],
                "contacts",
                str(at * SEEN),
                json.dumps({}),
                "The customer asked.",
            )


async def walks(work: Work) -> Walks:
    """Put in the scripts of the product, and say how a contact of each situation runs that takes no turning."""
    steps: dict[str, list[Passed]] = {}
    frozen: dict[str, str] = {}
    await versions.opening(work)
    for situation in map(str, Situation):
        opening = await composing.composed(work, situation, await versions.opening(work), "en")
        frozen[situation] = await composing.with_situation(work, opening, situation)
        script = await composing.composed(work, situation, frozen[situation], "en")
        steps[situation] = [_passed(step) for step in script.steps if not step.aside and not step.when]
    return Walks(steps, frozen)


def _passed(step: Step) -> Passed:
    asks = []
    for one in step.ask:
        told = one.choices[0].value if one.kind == "choice" else ANSWERED.get(one.kind, "")
        if told and not one.when:
            asks.append((one.name, one.kind, told))
    return Passed(step.version_id, step.script, step.key, step.kind, step.required, tuple(asks))


CONTACT = (
    "id", "number", "customer_id", "taken_by_id", "channel", "situation", "status", "outcome", "team", "cues",
    "started_at", "closed_at",
)  # fmt: skip
INTAKE = (
    "id", "contact_id", "held_by_id", "script", "script_version", "step", "answers", "done", "started_at",
    "saved_at", "finished_at",
)  # fmt: skip
STEP = (
    "contact_id", "version_id", "step", "kind", "place", "state", "required", "reason", "person_id", "at", "ended_at",
    "channel", "team",
)  # fmt: skip
ANSWER = ("contact_id", "version_id", "script", "step", "field", "kind", "value", "number", "ended_at")
PROMISE = ("what", "owner_id", "contact_id", "customer_id", "status", "made_at", "due_at", "closed_at")
AMENDMENT = ("order_id", "number", "before", "after", "fingerprint", "contact_id", "made_by_id", "made_at")
REFUND = (
    "order_id", "contact_id", "amount_minor", "currency", "reason", "fingerprint", "status", "asked_by_id", "asked_at",
    "decided_by_id", "decided_at",
)  # fmt: skip
HELP = ("contact_id", "called_by_id", "called_at", "answered_by_id", "answered_at", "ended_at")
ABUSE = ("contact_id", "reported_by_id", "reported_at", "words", "reviewed_by_id", "reviewed_at", "upheld")
SERIAL = ("number", "product_id", "order_line_id", "customer_id", "registered_at")
ARTICLE = ("id", "slug", "owner_id", "product_id", "created_at")
VERSION = ("id", "article_id", "language", "number", "title", "body", "links", "published_at")
CITATION = ("version_id", "contact_id", "person_id", "at")
ENTRY = ("at", "person_id", "who", "deed", "subject_kind", "subject_id", "changes", "reason")
