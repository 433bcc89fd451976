"""The kinds of answers a script may ask for: one registry, one class a kind.

A desk adds its own questions with these. S1-6.2
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from portal.desk.fields.base import PLAIN, Counted, FieldKind, Option, Question, Terms
from portal.desk.fields.counting import day_of
from portal.desk.fields.knowing import files_of
from portal.desk.fields.options import described, problems_of_options, spoken_options
from portal.desk.fields.registry import FIELDS


def problem_of(question: Question, value: str, terms: Terms = PLAIN) -> str:
    """Say what is wrong with an answer; empty when nothing is. Never raises."""
    return FIELDS[question.kind].problem(question, value, terms)


def kept(questions: Iterable[Question], typed: Mapping[str, str], terms: Terms = PLAIN) -> dict[str, str]:
    """Give the answers to these questions as they are stored; those that are empty are left out."""
    found = {
        one.name: FIELDS[one.kind].kept(one, [typed[one.name]], terms)
        for one in questions
        if one.name in typed
    }
    return {name: value for name, value in found.items() if value}


def shown(question: Question, value: str, terms: Terms = PLAIN) -> str:
    """Give an answer as a person reads it."""
    return FIELDS[question.kind].shown(question, value, terms)


__all__ = [
    "FIELDS",
    "PLAIN",
    "Counted",
    "FieldKind",
    "Option",
    "Question",
    "Terms",
    "day_of",
    "described",
    "files_of",
    "kept",
    "problem_of",
    "problems_of_options",
    "shown",
    "spoken_options",
]
