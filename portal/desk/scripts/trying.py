"""Trying a draft out: walks it with invented answers, as a contact would, and writes nothing anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from models.words import Channel
from portal.desk.notices import LANGUAGES
from portal.desk.scripts.document import read
from portal.desk.scripts.findings import Context
from portal.desk.scripts.pack import of_situation, put_together
from portal.desk.scripts.phrases import Told, condition_in_words, steps_of
from portal.desk.scripts.steps import DAYTIMES, DIFFICULT, Answers, Condition, Script, Step


@dataclass(frozen=True, slots=True)
class Tried:
    """One step of a contact that was tried out."""

    step: Step
    comes: bool
    """Whether these answers lead through it."""
    why: str
    """Why they do not; empty when they do."""
    said: str
    """What is said there on the chosen channel, with its blanks left open."""


def try_out(
    document: Mapping[str, Any],
    context: Context,
    answers: Answers,
    channel: Channel = Channel.PHONE,
    language: str = LANGUAGES[0],
    *,
    daytime: str = DAYTIMES[0],
    desk_language: str = LANGUAGES[0],
) -> list[Tried]:
    """Walk a draft between the opening and the closing in force: every step, whether it comes and why not.

    What is said is in the customer's `language`, everything else in the desk's. The guide for difficult contacts is
    left out unless it is what is tried, or `answers` open it. Raises BrokenScript for a draft that cannot be walked.
    """
    draft = read(document, str(document.get("script", "")))
    others = {script: read(told, script) for script, told in context.documents.items()}
    told = {**others, draft.script: draft}
    if draft.script == DIFFICULT:
        guide = tuple(replace(step, aside=False) for step in draft.in_language(desk_language, language))
        script = put_together(draft.script, [], desk_language, language)
        script = replace(script, steps=guide)
        walked = {step.key: step for step in guide if all(one.met(answers) for one in step.when)}
    else:
        script = put_together(draft.script, of_situation(draft.script, told), desk_language, language)
        walked = {step.key: step for step in script.walked(answers)}
    known = {str(one.get("key")): one for part in told.values() for one in steps_of(part.told)}
    counted = {key: answers.get(key, {}) for key in walked}
    found: list[Tried] = []
    for step in script.steps:
        if step.aside and step.key not in walked:
            continue
        why = "" if step.key in walked else _why(script, step, counted, known, desk_language)
        found.append(Tried(step, step.key in walked, why, step.words(channel, daytime)))
    return found


def _why(script: Script, step: Step, counted: Answers, known: Mapping[str, Told], language: str) -> str:
    """Why these answers do not lead through a step: a condition that is not met, or a jump past it."""
    unmet = [one for one in step.when if not one.met(counted)]
    if unmet:
        told = " and ".join(condition_in_words(_told(one), known, language) for one in unmet)
        return f"It comes only if {told}."
    before = [one for one in script.steps[: script.at.get(step.key, 0)] if one.key in counted]
    jumped = next((one for one in reversed(before) if one.next), None)
    return f"“{jumped.name}” leads past it." if jumped else "These answers lead past it."


def _told(condition: Condition) -> Told:
    return {
        "step": condition.step,
        "field": condition.field,
        "test": condition.test,
        "values": condition.values,
    }
