"""The whole procedure on paper: every script in force with its picture, words, questions and blank forms. S3-18.2"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.desk import policy_versions, training
from portal.desk.matrix import Policy
from portal.desk.permissions import May
from portal.desk.printing import with_blanks
from portal.desk.scripts import Step, composing, drawing
from portal.desk.scripts.drawing import Drawing, diagram
from portal.desk.scripts.phrases import steps_of
from portal.desk.scripts.steps import OPENING
from portal.desk.training import Scenario
from portal.desk.work import Work


@dataclass(frozen=True, slots=True)
class Chapter:
    """One script as it is in force."""

    script: str
    title: str
    version: int
    """1 for the product's own, where nothing was published."""
    steps: tuple[Step, ...]
    drawing: Drawing
    company: str

    def said(self, step: Step) -> dict[str, str]:
        """What to say at a step by channel and time of day, with a line where only the contact tells."""
        return {when: with_blanks(words, self.company) for when, words in step.say.items()}


@dataclass(frozen=True, slots=True)
class Manual:
    """What is printed: scripts in the order of a contact, the times of the policy, the scenarios to practise."""

    day: date
    language: str
    chapters: tuple[Chapter, ...]
    policy: Policy | None
    """None for who may not read it as a whole."""
    scenarios: tuple[Scenario, ...]


async def whole(work: Work) -> Manual:
    """The manual as of now, in the desk's language. S3-18.2"""
    work.require(May.SEE_LIBRARY)
    language = work.terms.language
    published = await composing.in_force(work)
    documents = drawing.documents_of(work, published)
    opening = tuple(steps_of(documents[OPENING].told))
    numbers = {script: one.number for script, one in published.items()}
    return Manual(
        work.now.date(),
        language,
        tuple(
            Chapter(
                script,
                document.title(language),
                numbers.get(script, 1),
                document.in_language(language),
                diagram(document.told, before=() if script == OPENING else opening, language=language),
                work.terms.company,
            )
            for script, document in documents.items()
        ),
        await policy_versions.in_force(work) if work.may(May.SEE_POLICY) else None,
        tuple(training.scenarios(language).values()),
    )
