"""A step as the representative will see it, with invented names in its words. Reads and writes nothing."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.words import Channel
from portal.desk import invented
from portal.desk.errors import NotAccepted
from portal.desk.money import in_words
from portal.desk.notices import LANGUAGES
from portal.desk.scripts import editing
from portal.desk.scripts.document import read
from portal.desk.scripts.kind_facts import KIND_FACTS
from portal.desk.scripts.phrases import Told, conditions_in_words, key_of, parts, steps_of
from portal.desk.scripts.steps import (
    DAYTIMES,
    OPENING,
    WITH_CHOICES,
    BrokenScript,
    Field,
    Script,
    Step,
    whole,
)
from portal.desk.work import Work

DAYTIME_WORDS = {
    "en": {"morning": "morning", "afternoon": "afternoon", "evening": "evening"},
    "de": {"morning": "Morgen", "afternoon": "Tag", "evening": "Abend"},
}


UNWRITTEN = "…"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the preview shows."""

    channel: Channel
    language: str
    daytime: str
    step: Step | None = None
    script: Script | None = None
    """The steps of its script, with this one as it is typed."""
    asks: tuple[tuple[Field, str], ...] = ()
    """Its questions, each with the condition on which it comes, in words."""
    said: str = ""
    brings: str = ""
    """What the kind of the step brings and guarantees by itself."""
    why_not: str = ""
    """Why it cannot be shown as it is typed."""


def seen(
    work: Work,
    document: Mapping[str, Any],
    others: Mapping[str, Told],
    key: str,
    form: Mapping[str, str],
    told: Mapping[str, str],
) -> Seen:
    """The step that a form describes, on the channel, in the language and at the time of day that are told."""
    channel = told.get("channel", "")
    on = Channel(channel) if channel in set(map(str, Channel)) else Channel.PHONE
    language = told.get("language", "")
    language = language if language in LANGUAGES else LANGUAGES[0]
    daytime = told.get("daytime", "")
    daytime = daytime if daytime in DAYTIMES else DAYTIMES[0]
    try:
        now = document["steps"][editing.place_of(document, key)]
        typed = editing.step_of(_readable(form), now)
        walked = read(editing.replaced(document, key, typed), str(document["script"]))
        steps = walked.in_language(work.terms.language, language)
        step = next(one for one in steps if one.key == typed["key"])
    except NotAccepted as error:
        return Seen(on, language, daytime, why_not=next(iter(error.fields.values()), ""))
    except BrokenScript as error:
        return Seen(on, language, daytime, why_not=f"{error.why}.")
    facts = KIND_FACTS.get(step.kind)
    known = {key_of(one): one for one in (*steps_of(others.get(OPENING, {})), *steps_of(document))} | {
        step.key: typed
    }
    only_if = {
        str(one.get("name")): conditions_in_words(parts(one, "when"), known, work.terms.language)
        for one in parts(typed, "ask")
    }
    return Seen(
        on,
        language,
        daytime,
        step,
        whole(walked.script, walked.title(work.terms.language), steps, language=language),
        tuple((one, only_if.get(one.name, "")) for one in step.ask),
        filled(step.words(on, daytime), blanks(work, language, daytime)),
        facts.guarantees if facts else "",
    )


def _readable(form: Mapping[str, str]) -> dict[str, str]:
    """The form as far as it can be shown: what is still being written stands there as dots, or not yet."""
    found = dict(form)
    for number in editing.rows_of(form, "ask"):
        at = f"ask-{number}-"
        if not any(form.get(f"{at}label-{language}", "").strip() for language in LANGUAGES):
            found[f"{at}label-{LANGUAGES[0]}"] = UNWRITTEN
        if form.get(f"{at}kind") in WITH_CHOICES and not form.get(f"{at}choices", "").strip():
            found[f"{at}choices"] = f"unwritten | {UNWRITTEN}"
    for prefix in ["when", *(f"ask-{number}-when" for number in editing.rows_of(form, "ask"))]:
        for number, _, _, values in editing.conditions_of(form, prefix):
            if not values.strip():
                found = editing.without_row(found, prefix, number)
    return found


def filled(words: str, facts: Mapping[str, str]) -> str:
    """Words with their blanks filled in; one that nobody fills in stays as it is written."""
    try:
        parts = list(string.Formatter().parse(words))
    except ValueError:
        return words
    return "".join(
        before + (facts.get(name, f"{{{name}}}") if name is not None else "") for before, name, _, _ in parts
    )


def blanks(work: Work, language: str, daytime: str) -> dict[str, str]:
    """What blanks in the words are filled in with where no contact is."""
    return {
        "daytime": DAYTIME_WORDS.get(language, DAYTIME_WORDS["en"])[daytime],
        "me": work.actor.name,
        "company": work.terms.company,
        "customer": invented.CUSTOMER,
        "to_you": f", {invented.CUSTOMER}",
        "order": invented.ORDER,
        "case": invented.CASE,
        "contact": invented.CONTACT,
        "total": in_words(invented.checked(work).total_minor, work.terms.currency),
        "due": invented.DUE,
        "statement": invented.STATEMENT,
    }
