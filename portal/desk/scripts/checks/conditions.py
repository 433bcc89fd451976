"""Conditions: whether what they ask about can be answered like that, and whether they can hold together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from portal.desk.scripts.document import text_in
from portal.desk.scripts.findings import Draft, Findings
from portal.desk.scripts.kind_facts import KindFacts
from portal.desk.scripts.phrases import ENGLISH, Told, key_of, name_of, parts, question, values_of
from portal.desk.scripts.steps import STEP_KINDS

COUNTED = frozenset({"number", "money", "date", "slot", "scale"})
"""Kinds of questions whose answers can be more or less."""
CLOSED = {"yes_no": frozenset({"yes", "no"}), "tick": frozenset({"yes"})}


def find(draft: Draft, earlier: Sequence[Told]) -> Findings:
    """Conditions of steps, questions and jumps that ask for what cannot be answered before they are met."""
    known = {key_of(step): step for step in earlier}
    for step in draft.steps:
        key = key_of(step)
        yield from _all(draft, key, "when", parts(step, "when"), known)
        for asked in parts(step, "ask"):
            yield from _all(draft, key, f"ask.{asked.get('name', '')}.when", parts(asked, "when"), known)
        known[key] = step
        for jump in parts(step, "next"):
            yield from _all(draft, key, "next", parts(jump, "when"), known)


def _all(
    draft: Draft, key: str, place: str, conditions: Iterable[Told], known: Mapping[str, Told]
) -> Findings:
    for condition in conditions:
        words, remedy = _problem(draft, condition, known)
        if words:
            yield draft.finding(key, place, words, remedy)


def _problem(draft: Draft, condition: Told, known: Mapping[str, Told]) -> tuple[str, str]:
    about, name = str(condition.get("step", "")), str(condition.get("field", ""))
    step = known.get(about)
    if step is None:
        later = any(key_of(one) == about for one in draft.steps)
        return (
            f"Its condition asks about the step “{about}”, which {'comes later' if later else 'does not exist'}.",
            "Ask about a step that comes before it.",
        )
    asked = question(step, name)
    kind = str(step.get("kind", ""))
    if asked is None and name not in STEP_KINDS.get(kind, ()):
        there = [*(str(one.get("name")) for one in parts(step, "ask")), *STEP_KINDS.get(kind, ())]
        return (
            f"Its condition asks for “{name}”, which the step “{name_of(step)}” does not ask.",
            f"It asks for {', '.join(there)}."
            if there
            else "That step asks nothing a condition could ask for.",
        )
    if str(condition.get("test") or "is") in {"at_least", "at_most"}:
        return _uncounted(asked, name)
    return _unanswerable(condition, possible_answers(step, name, draft.context.kinds))


def _uncounted(asked: Told | None, name: str) -> tuple[str, str]:
    if asked is None or asked.get("kind") in COUNTED:
        return "", ""
    return (
        f"Its condition counts “{text_in(asked.get('label'), ENGLISH) or name}”, which is no number, amount or day.",
        "Compare numbers, amounts, days and scales alone; ask whether others are the same.",
    )


def _unanswerable(condition: Told, possible: frozenset[str] | None) -> tuple[str, str]:
    if condition.get("test") == "given" or possible is None:
        return "", ""
    strange = [value for value in values_of(condition) if value not in possible]
    if not strange:
        return "", ""
    return (
        f"Its condition asks whether “{condition.get('field')}” is “{strange[0]}”, which cannot be answered.",
        f"Possible answers are {', '.join(sorted(possible))}.",
    )


def possible_answers(step: Told, name: str, kinds: Mapping[str, KindFacts]) -> frozenset[str] | None:
    """Every answer there can be to a question with a closed list of them; None for an open one."""
    asked = question(step, name)
    if asked is None:
        own = kinds.get(str(step.get("kind", "")))
        values = own.values.get(name) if own else None
        return frozenset(values) if values else None
    if asked.get("kind") in {"choice", "choices"}:
        return frozenset(str(one.get("value")) for one in parts(asked, "choices"))
    return CLOSED.get(str(asked.get("kind")))


@dataclass(slots=True)
class Answer:
    """What is assumed of one answer while conditions are put together."""

    among: frozenset[str] | None = None
    """The answers that are left; None for any."""
    several: bool = False
    """Whether several may be given at once: then none excludes another."""
    given: bool | None = None
    barred: set[str] = field(default_factory=set)
    least: float | None = None
    most: float | None = None

    def take(self, test: str, values: Sequence[str]) -> bool:
        """Assume one more condition; False when it cannot hold together with the others."""
        if test == "given":
            wanted = "yes" in values
            if self.given not in {None, wanted} or (not wanted and self._needs_an_answer):
                return False
            self.given = wanted
        elif test == "is":
            self.among = frozenset(values) if self.among is None or self.several else self.among & set(values)
        elif test == "is_not":
            self.barred |= set(values)
        elif test in {"at_least", "at_most"} and values:
            bound = _number(values[0])
            if bound is not None and test == "at_least":
                self.least = bound if self.least is None else max(self.least, bound)
            elif bound is not None:
                self.most = bound if self.most is None else min(self.most, bound)
        if self.given is False and self._needs_an_answer:
            return False
        if self.least is not None and self.most is not None and self.least > self.most:
            return False
        return self.several or self.among is None or bool(self.among - self.barred)

    @property
    def _needs_an_answer(self) -> bool:
        return self.among is not None or self.least is not None or self.most is not None


def hold_together(conditions: Iterable[Told], known: Mapping[str, Told]) -> bool:
    """Whether there are answers for which all of these conditions hold, with those of the questions they ask."""
    assumed: dict[tuple[str, str], Answer] = {}
    left, seen = list(conditions), set[tuple[str, str]]()
    while left:
        condition = left.pop()
        key = str(condition.get("step", "")), str(condition.get("field", ""))
        step = known.get(key[0], {})
        asked = question(step, key[1])
        answer = assumed.get(key)
        if answer is None:
            answer = Answer(several=asked is not None and asked.get("kind") == "choices")
            assumed[key] = answer
        test = str(condition.get("test") or "is")
        values = values_of(condition)
        if test == "is_not" and (sure := _sure_answers(step, asked)):
            answer.take("is", sorted(sure))
        if not answer.take(test, values):
            return False
        answered = test in {"is", "at_least", "at_most"} or (test == "given" and "yes" in values)
        if answered and key not in seen:  # then the step was walked and the question was asked
            seen.add(key)
            left += [*parts(step, "when"), *parts(asked or {}, "when")]
    return True


def _sure_answers(step: Told, asked: Told | None) -> frozenset[str] | None:
    """The answers to a question that is put and has to be answered in every contact; None for any other."""
    sure = asked is not None and asked.get("required") and step.get("required", True)
    if asked is None or not sure or parts(step, "when") or parts(asked, "when"):
        return None
    return possible_answers(step, str(asked.get("name")), {})


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        digits = text.replace("-", "")  # a day counts like its number: 2026-03-14 is 20260314
        return float(digits) if digits.isdigit() else None
