"""How severe a case is, and handing it up from the wizard with everything that was entered. S2-13, S3-5"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from models.words import Severity
from portal.desk import cases, invented
from portal.desk.kinds.base import YES, Finished, Run, Typed
from portal.desk.kinds.handing import (
    ESCALATING,
    ask_severity,
    hand_on,
    missing_in_specimen,
    missing_of,
    package,
    severities,
)
from portal.desk.kinds.on_case import OVER, CaseKindOfStep, case_of, missing, settled_of, told_of
from portal.desk.scripts import Step
from portal.desk.work import Work

RANK = {severity.value: place for place, severity in enumerate(Severity)}


def _tables(told: object) -> list[Mapping[str, Any]]:
    """The tables in a list of an author's, whatever else stands there."""
    return [one for one in told if isinstance(one, Mapping)] if isinstance(told, list | tuple) else []


class EndOfCase(CaseKindOfStep):
    """A step behind an answer that may have left the case open."""

    def closed(self, run: Run) -> str:
        left = settled_of(run)
        return f"{run.case_number} was settled here." if left in OVER else ""

    def needless(self, run: Run) -> str:
        return "The case is solved." if settled_of(run) == "resolved" else ""


class AssessSeverity(EndOfCase):
    """Guide questions, each answer with the severity it implies: the highest counts, another needs its reason. S2-13.1

    The questions stand in the step:

    ```toml
    [[steps.options.questions]]
    key = "use"                                  # its answer is kept as `question-use`
    words.en = "Can the customer use it?"
    words.de = "…"
    [[steps.options.questions.answers]]
    value = "no"
    label.en = "No"
    label.de = "Nein"
    severity = "high"                            # low, normal, high or urgent
    ```
    Answers for conditions: `severity` (what she chose), `guided` (what the questions say), `question-<key>`.
    Without questions she chooses freely.
    """

    name = "severity"
    guarantees: ClassVar[str] = (
        "The severity is the highest that an answer implies, or another one with its reason; it stands on the case."
    )
    after = ("statement or need or compare_payment or heard",)
    values: ClassVar[dict[str, tuple[str, ...]]] = {
        "severity": tuple(map(str, Severity)),
        "guided": tuple(map(str, Severity)),
    }

    def questions(self, step: Step) -> list[Mapping[str, Any]]:
        """The guide questions of the script, as far as they are such: each with its key, words and answers."""
        found: list[Mapping[str, Any]] = []
        for one in _tables(told_of(step).get("questions", ())):
            answers = [
                {"value": str(answer["value"]), "label": str(answer.get("label", answer["value"])), **answer}
                for answer in _tables(one.get("answers", ()))
                if isinstance(answer.get("value"), str)
            ]
            if isinstance(one.get("key"), str) and answers:
                found.append({"words": one["key"], **one, "answers": answers})
        return found

    def takes(self, step: Step, name: str) -> bool:
        asked = name.startswith("question-") and name.removeprefix("question-") in {
            str(one.get("key", "")) for one in self.questions(step)
        }
        return asked or name in {"severity", "reason"} or super().takes(step, name)

    def guided(self, step: Step, typed: Typed) -> str:
        """The highest severity that the answers imply; empty while none is given."""
        implied = [
            str(answer.get("severity", ""))
            for one in self.questions(step)
            for answer in one.get("answers", ())
            if answer.get("value") == typed.get(f"question-{one.get('key')}")
        ]
        return max((one for one in implied if one in RANK), key=RANK.__getitem__, default="")

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        found: dict[str, str] = {}
        for one in self.questions(step):
            name = f"question-{one.get('key')}"
            if typed.get(name) not in {str(answer.get("value")) for answer in one.get("answers", ())}:
                found[name] = "Choose an answer: the severity follows from it."
        guided, chosen = self.guided(step, typed), typed.get("severity", "")
        if chosen and chosen not in RANK:
            found["severity"] = "Choose one of the severities offered."
        elif not chosen and not guided and not found:
            found["severity"] = "Say how severe it is."
        elif chosen and guided and chosen != guided and not typed.get("reason", "").strip():
            found["reason"] = f"The answers say {guided}: say why it is {chosen}."
        return found

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        return {
            "questions": self.questions(step),
            "severities": severities(),
            "guided": self.guided(step, run.typed(step.key)),
        }

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        return await self.facts(work, run, step)  # what its author told it alone

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        guided = self.guided(step, typed)
        severity = typed.get("severity", "") or guided
        differs = severity != guided and bool(guided)
        await cases.assess(
            work, await case_of(work, run), Severity(severity), typed.get("reason", "") if differs else ""
        )
        kept = {**typed, "severity": severity, **({"guided": guided} if guided else {})}
        return Finished(mark={"severity": severity}, answers={step.key: kept})


class Escalate(EndOfCase):
    """Handed up with everything that was entered, kept with an owner and a date, or neither. S2-13.3, S3-5.1.1, S3-5.2

    `options.offers` says which of these may be chosen: `yes` (handed up), `owner` (stays on the desk: who, by when)
    and `no` (goes on to the next step); without it all three. Where a script comes here only when nothing is solved,
    `offers = ["yes", "owner"]`: neither is refused.

    Answers for conditions: `handed_up` (yes, owner, no), `legal`, `regulatory`, `emergency`.
    """

    name = "escalate"
    guarantees: ClassVar[str] = (
        "Nothing is handed up without its severity, its reason and a complete package, or the reason for the "
        "emergency; a legal or regulatory concern goes to its group at once and the case is restricted."
    )
    after = ("statement or need or compare_payment or heard",)
    values: ClassVar[dict[str, tuple[str, ...]]] = {
        "handed_up": ("yes", "owner", "no"),
        "legal": (YES,),
        "regulatory": (YES,),
        "emergency": (YES,),
    }
    OFFERS: ClassVar[dict[str, str]] = {
        "yes": "Hand it up now",
        "owner": "It stays with us: somebody comes back to it",
        "no": "Neither, it goes on here",
    }

    def offers(self, step: Step) -> dict[str, str]:
        """What may be chosen, in words."""
        told = told_of(step).get("offers", ())
        chosen = [str(one) for one in told if str(one) in self.OFFERS] if isinstance(told, Sequence) else []
        return {one: self.OFFERS[one] for one in chosen or self.OFFERS}

    def takes(self, step: Step, name: str) -> bool:
        return name in ESCALATING or name == "handed_up" or super().takes(step, name)

    def refuses(self, run: Run, step: Step, typed: Typed) -> dict[str, str]:
        if YES in {typed.get("legal"), typed.get("regulatory")}:
            return missing(typed, concern="Say what the concern is.")
        if typed.get("handed_up") not in self.offers(step):
            return {"handed_up": "Say who goes on with it: nothing may stay with nobody."}
        if typed["handed_up"] == "yes":
            severity = ask_severity(run, typed)
            return {**missing(typed, why="Say why it cannot be solved here."), **severity}
        if typed["handed_up"] == "owner":
            return missing(typed, owner="Say who comes back to it.", due="Say by when.")
        return {}

    async def facts(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        case = await case_of(work, run) if run.case_id is not None else None
        return {
            "offers": list(self.offers(step).items()),
            "package": package(run, case) if case else [],
            **await missing_of(work, run, case),
        }

    def example(self, step: Step) -> Typed:
        return {"handed_up": next(iter(self.offers(step)))}

    async def specimen(self, work: Work, run: Run, step: Step) -> dict[str, Any]:
        told = [("Subject", invented.STATEMENT), ("Restated", invented.RESTATED), ("Order", invented.ORDER)]
        assessed = run.script.of_kind("severity")
        return {
            "offers": list(self.offers(step).items()),
            "package": told,
            **missing_in_specimen(work, run, assessed.key if assessed else ""),
        }

    async def finish(self, work: Work, run: Run, step: Step, typed: Typed) -> Finished:
        """Do what was chosen. Raises NotAccepted naming what is missing, or for an owner or a time that cannot be."""
        case = await case_of(work, run)
        if YES not in {typed.get("legal"), typed.get("regulatory")} and typed["handed_up"] == "no":
            return Finished()
        return Finished(mark={"settled": await hand_on(work, run, case, typed)})
