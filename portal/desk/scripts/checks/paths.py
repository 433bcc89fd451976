"""The ways through a script: steps nobody comes to, ways that never come to a goodbye, kinds in the wrong order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice, product

from models.words import Situation
from portal.desk.scripts.checks.conditions import hold_together
from portal.desk.scripts.findings import Draft, Findings
from portal.desk.scripts.phrases import (
    Told,
    conditions_in_words,
    key_of,
    name_of,
    parts,
    steps_of,
    title_of,
    values_of,
)
from portal.desk.scripts.steps import CLOSING, DIFFICULT, OPENING

GOODBYE = "close"
WORDS_ALONE = frozenset({"say"})
MOST_WAYS = 2000
"""How many ways past conditional goodbyes are looked at."""
_OPPOSITE = {"is": "is_not", "is_not": "is"}
_TURNED = {"yes": "no", "no": "yes"}


def around(draft: Draft) -> tuple[tuple[Told, ...], tuple[Told, ...]]:
    """The steps that come before and behind the draft's own in a contact."""
    before = () if draft.script == OPENING else draft.part(OPENING)
    after = () if draft.script == CLOSING else draft.part(CLOSING)
    return before, after


def find(draft: Draft) -> Findings:
    """Unreachable steps, dead ends, broken promises to other scripts, and what a kind guarantees."""
    if not draft.steps:
        yield draft.finding("", "steps", "It has no steps.", "Add the first step.")
        return
    before, after = around(draft)
    known = {key_of(step): step for step in (*before, *draft.steps)}
    impossible = _impossible(draft, known)
    reached = _reached(draft.steps, frozenset(impossible))
    yield from _unreached(draft, impossible, reached, known)
    if draft.script != DIFFICULT:
        yield from _needed(draft, before)
        yield from _dead_ends(draft, before, after)
        yield from _order(draft, before, after)
    yield from _others(draft)


def _impossible(draft: Draft, known: Mapping[str, Told]) -> dict[str, Sequence[Told]]:
    """The steps whose conditions can never hold together."""
    return {
        key_of(step): parts(step, "when")
        for step in draft.steps
        if parts(step, "when") and not hold_together(parts(step, "when"), known)
    }


def _reached(steps: Sequence[Told], impossible: frozenset[str]) -> frozenset[str]:
    """Every step that some answers lead to, by its key."""
    places = {key_of(step): at for at, step in enumerate(steps)}
    found: set[str] = set()
    left = [0]
    seen: set[int] = set()
    while left:
        at = left.pop()
        if at in seen or at >= len(steps):
            continue
        seen.add(at)
        step = steps[at]
        left += ways_on(step, at, places, len(steps), passed_over=key_of(step) in impossible)
        if key_of(step) not in impossible:
            found.add(key_of(step))
    return frozenset(found)


def ways_on(
    step: Told, at: int, places: Mapping[str, int], end: int, *, passed_over: bool = False
) -> list[int]:
    """The places a step may lead on to; `end` for leaving the script."""
    if passed_over:
        return [at + 1]
    ways = [at + 1] if parts(step, "when") else []
    for jump in parts(step, "next"):
        ways.append(places.get(str(jump.get("to")), end))
        if not parts(jump, "when"):
            return ways
    return [*ways, at + 1]


def _unreached(
    draft: Draft, impossible: Mapping[str, Sequence[Told]], reached: frozenset[str], known: Mapping[str, Told]
) -> Findings:
    jumping = ""
    for step in draft.steps:
        key = key_of(step)
        if key in impossible:
            yield draft.finding(
                key,
                "when",
                f"Nobody ever comes to this step: it cannot be that {conditions_in_words(impossible[key], known)}.",
                "Take out the condition that contradicts the others.",
            )
        elif key not in reached:
            over = f" “{jumping}” always leads past it." if jumping else ""
            yield draft.finding(
                key,
                "next",
                f"Nobody ever comes to this step.{over}",
                "Give the jump a condition, or lead to this step from an earlier one.",
            )
        elif any(not parts(jump, "when") for jump in parts(step, "next")):
            jumping = name_of(step)


def _needed(draft: Draft, before: Sequence[Told]) -> Findings:
    known = {key_of(step) for step in before}
    for step in draft.steps:
        for needed in map(str, step.get("needs", ())):
            if needed not in known:
                yield draft.finding(
                    key_of(step),
                    "needs",
                    f"It needs the step “{needed}”, which does not come before it.",
                    "Name a step that comes earlier, or none.",
                )
        if key_of(step) in {key_of(one) for one in before}:
            yield draft.finding(
                key_of(step),
                "key",
                f"The opening has a step called “{key_of(step)}” too.",
                "Give it another key.",
            )
        known.add(key_of(step))


def _dead_ends(draft: Draft, before: Sequence[Told], after: Sequence[Told]) -> Findings:
    """Ways through opening, script and closing that end without a goodbye."""
    walk = (*before, *draft.steps, *after)
    if not any(step.get("kind") == GOODBYE for step in walk):
        yield draft.finding(
            "",
            "steps",
            "No way through it comes to a goodbye: neither it nor the closing has a step of the kind close.",
            "Add a step of the kind close to the closing.",
        )
        return
    past = _past_goodbye(before, draft.steps, after)
    if past is not None:
        yield draft.finding(
            past,
            "next" if past else "steps",
            "From here a contact can end without a goodbye: a way leads past every step of the kind close.",
            "Lead every way to a step of the kind close.",
        )


def _past_goodbye(before: Sequence[Told], own: Sequence[Told], after: Sequence[Told]) -> str | None:
    """The step from which a way leads past every goodbye; None when there is no such way."""
    asked = {key_of(step): step for step in (*before, *own, *after)}
    skipped: list[Sequence[Told]] = []
    last = ""
    for part in (before, own, after):
        if not part:
            continue
        places = {key_of(step): at for at, step in enumerate(part)}
        seen: set[int] = set()
        left = [(0, last)]
        end: str | None = None
        conditional: list[Sequence[Told]] = []
        while left:
            at, origin = left.pop()
            if at in seen:
                continue
            if at >= len(part):
                end = origin
                continue
            seen.add(at)
            step = part[at]
            if step.get("kind") == GOODBYE:
                if parts(step, "when"):
                    conditional.append(parts(step, "when"))
                    left.append((at + 1, origin))
                continue
            left += [(way, key_of(step)) for way in ways_on(step, at, places, len(part))]
        if end is None:
            return None
        skipped += conditional
        last = end if part is own else last
    return last if _all_may_fail(skipped, asked) else None


def _all_may_fail(alternatives: Sequence[Sequence[Told]], known: Mapping[str, Told]) -> bool:
    """Whether there are answers for which none of these lists of conditions holds."""
    failing = [[_opposite(one) for one in conditions] for conditions in alternatives]
    return any(hold_together(one, known) for one in islice(product(*failing), MOST_WAYS))


def _opposite(condition: Told) -> Told:
    test = str(condition.get("test") or "is")
    if test == "given":
        return {**condition, "values": [_TURNED.get(one, "no") for one in values_of(condition)]}
    return {**condition, "test": _OPPOSITE.get(test, "")}


def _order(draft: Draft, before: Sequence[Told], after: Sequence[Told]) -> Findings:
    walk = (*before, *draft.steps, *after)
    places: dict[str, int] = {}
    for at, step in enumerate(walk):
        places.setdefault(str(step.get("kind")), at)
    for at, step in enumerate(draft.steps):
        kind = str(step.get("kind"))
        facts = draft.context.kinds.get(kind)
        if facts is None:
            continue
        for wanted in facts.after:
            any_of = wanted.split(" or ")
            if not any(places.get(one, len(walk)) < len(before) + at for one in any_of):
                spoken = " or ".join(f"“{one.replace('_', ' ')}”" for one in any_of)
                yield draft.finding(
                    key_of(step),
                    "kind",
                    f"{facts.guarantees or 'It comes too early.'} No step of the kind {spoken} comes before it.",
                    f"Put a step of the kind {spoken} before it.",
                )
        first = next((one for one in draft.steps if one.get("kind") not in WORDS_ALONE), step)
        if facts.leads == draft.script and key_of(first) != key_of(step):
            yield draft.finding(
                key_of(step),
                "kind",
                f"{facts.guarantees or 'It comes first.'} “{name_of(first)}” comes before it.",
                "Move it to the top; only words may come before it.",
            )
    for kind, facts in draft.context.kinds.items():
        if facts.leads == draft.script and not any(step.get("kind") == kind for step in draft.steps):
            yield draft.finding(
                "",
                "steps",
                f"{facts.guarantees} It has no step of the kind {kind.replace('_', ' ')}.",
                f"Begin with a step of the kind {kind.replace('_', ' ')}.",
            )


def _others(draft: Draft) -> Findings:
    """What the scripts in force rest on in the opening: a step or an answer that would be gone."""
    if draft.script != OPENING:
        return
    was = {key_of(step) for step in steps_of(draft.context.documents.get(OPENING, {}))}
    gone = was - {key_of(step) for step in draft.steps}
    for script in map(str, (*Situation, CLOSING)):
        other = draft.context.documents.get(script, {})
        for step in steps_of(other):
            wanted = {str(one) for one in step.get("needs", ())}
            for place in (step, *parts(step, "ask"), *parts(step, "next")):
                wanted |= {str(one.get("step")) for one in parts(place, "when")}
            for key in sorted(wanted & gone):
                yield draft.finding(
                    "",
                    "steps",
                    f"“{title_of(other)}” rests on the step “{key}” at “{name_of(step)}”, and it is gone here.",
                    f"Keep the step {key}, or change “{title_of(other)}” first.",
                )
