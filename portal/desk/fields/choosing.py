"""Answers to choose: one, several, yes or no, a tick that keeps its wording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from portal.desk.fields.base import (
    NOT_COUNTED,
    PLAIN,
    Counted,
    FieldKind,
    Option,
    Question,
    Terms,
    label_of,
    whole_option,
)

YES, NO = "yes", "no"
_OFFERED = "Choose one of the answers offered."


class OneOf(FieldKind):
    """One of a few answers."""

    name, label, help = "choice", "Choice", "One of a few answers."
    paper, summed, has_choices = "boxes", "choices", True

    def wrong(self, question: Question, given: str, terms: Terms) -> str:
        return "" if given in {one.value for one in question.choices} else _OFFERED

    def boxes(self, question: Question) -> list[str]:
        return [one.label for one in question.choices]

    def shown(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        return label_of(question, value)


class SeveralOf(FieldKind):
    """Several of a few answers, kept one a line in the order they are offered."""

    name, label, help = "choices", "Several choices", "As many of a few answers as apply."
    paper, summed, has_choices, several = "boxes", "choices", True, True
    options = (
        Option("min", "whole", "At least", "Answers.", 1, 60),
        Option("max", "whole", "At most", "Answers.", 1, 60),
    )

    def wrong(self, question: Question, given: str, terms: Terms) -> str:
        chosen = set(_lines(given))
        if not chosen <= {one.value for one in question.choices}:
            return "Choose among the answers offered."
        least = whole_option(question.options, "min", 0)
        most = whole_option(question.options, "max", len(question.choices))
        if len(chosen) < least:
            return f"Choose at least {least}."
        if len(chosen) > most:
            return f"Choose at most {most}."
        return ""

    def kept(self, question: Question, values: Iterable[str], terms: Terms = PLAIN) -> str:
        given = dict.fromkeys(line for value in values for line in _lines(value))
        offered = [one.value for one in question.choices]
        return "\n".join(
            [*(one for one in offered if one in given), *(one for one in given if one not in offered)]
        )

    def boxes(self, question: Question) -> list[str]:
        return [one.label for one in question.choices]

    def shown(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        return ", ".join(label_of(question, one) for one in _lines(value))

    def cell(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        return "; ".join(label_of(question, one) for one in _lines(value))

    def wrong_options(self, options: Mapping[str, Any]) -> list[str]:
        least, most = whole_option(options, "min", 0), whole_option(options, "max", 60)
        return [] if least <= most else ["“At least” is more than “at most”."]


class YesNo(FieldKind):
    """Yes or no."""

    name, label, help = "yes_no", "Yes or no", ""
    paper, summed = "boxes", "yes_no"

    def wrong(self, question: Question, given: str, terms: Terms) -> str:
        return "" if given.casefold() in {YES, NO} else "Answer yes or no."

    def canonical(self, question: Question, given: str, terms: Terms) -> str:
        return given.casefold() if given.casefold() in {YES, NO} else given

    def boxes(self, question: Question) -> list[str]:
        return ["Yes", "No"]

    def shown(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        return {YES: "Yes", NO: "No"}.get(value, value)

    def counted(self, question: Question, value: str, terms: Terms = PLAIN) -> Counted:
        return Counted(number=int(value == YES)) if value in {YES, NO} else NOT_COUNTED


class Tick(FieldKind):
    """A tick; the evidence keeps the words that were ticked. S2-9.3"""

    name, label, help = (
        "tick",
        "Tick with wording",
        "The label is what is agreed to; the evidence keeps its words.",
    )
    paper, summed = "boxes", "yes_no"

    def wrong(self, question: Question, given: str, terms: Terms) -> str:
        return "" if given.partition("\n")[0] == YES else "Tick it, or leave it open."

    def canonical(self, question: Question, given: str, terms: Terms) -> str:
        return YES if given.partition("\n")[0] == YES else given

    def boxes(self, question: Question) -> list[str]:
        return [question.label]

    def shown(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        ticked, _, wording = value.partition("\n")
        return f"Yes: “{wording or question.label}”" if ticked == YES else ""

    def recorded(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        return f"{YES}\n{question.label}" if value == YES else value

    def counted(self, question: Question, value: str, terms: Terms = PLAIN) -> Counted:
        return Counted(number=1) if value.partition("\n")[0] == YES else NOT_COUNTED


class Announced(FieldKind):
    """A tick that the words for the customer's region were said; the answer names which ones. S3-10.2.1"""

    name, label, help = (
        "announcement",
        "Words for the region",
        "What the law of the customer’s country wants said, of the table of announcements; nothing where there is none.",
    )
    paper = "boxes"

    def problem(self, question: Question, value: str, terms: Terms = PLAIN) -> str:
        """Nothing is asked where nothing has to be said; else those very words, whatever the question requires."""
        given = value.strip()
        if not terms.announced or given == terms.announced:
            return ""
        if given:
            return "The words are others by now, for the customer’s country. Say these, then tick it."
        return question.required or "Say these words first, then tick it."

    def boxes(self, question: Question) -> list[str]:
        return [question.label]


def _lines(value: str) -> list[str]:
    return [line.strip() for line in value.splitlines() if line.strip()]
