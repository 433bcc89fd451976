"""Guide questions: the wizard passes over what is no question, so that a severity would silently rest on less."""

from __future__ import annotations

from models.words import Severity
from portal.desk.scripts.document import text_in
from portal.desk.scripts.findings import Draft, Findings
from portal.desk.scripts.phrases import ENGLISH, Told, key_of, parts

KIND = "severity"
FEWEST = 2
"""A question with one answer is none."""
SEVERITIES = tuple(map(str, Severity))


def find(draft: Draft) -> Findings:
    """What is wrong with the guide questions of a script."""
    for step in draft.steps:
        options = step.get("options")
        if step.get("kind") == KIND and isinstance(options, dict):
            for place, asked in enumerate(parts(options, "questions"), 1):
                yield from _question(draft, key_of(step), place, asked)


def _question(draft: Draft, step: str, place: int, asked: Told) -> Findings:
    at = f"options.questions.{asked.get('key') or place}"
    words = text_in(asked.get("words"), ENGLISH)
    called = f"The guide question “{words}”" if words else f"Guide question {place}"
    answers = parts(asked, "answers")
    if not words:
        yield draft.finding(step, f"{at}.words", f"{called} asks nothing.", "Write what is asked.")
    if len(answers) < FEWEST:
        yield draft.finding(step, f"{at}.words", f"{called} needs two answers.", "Add what may be answered.")
    for number, answer in enumerate(answers, 1):
        here = f"{at}.answers.{answer.get('value') or number}"
        if not text_in(answer.get("label"), ENGLISH):
            words = f"Answer {number} of {called[0].lower()}{called[1:]} has no words."
            yield draft.finding(step, f"{here}.label", words, "Write them, or remove the answer.")
        severity = str(answer.get("severity", ""))
        if severity and severity not in SEVERITIES:
            yield draft.finding(
                step,
                f"{here}.severity",
                f"{called} has an answer that means {severity}; there are {', '.join(SEVERITIES)}.",
                "Choose one of them.",
            )
